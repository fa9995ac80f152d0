"""This is where pictures are taken in, shown, listed, retouched and thrown away.

A picture is there once: its id is made of its content, so the same upload again finds the first one, and whatever is kept
under an id never changes. The bytes are written before the asset that names them; what a crash leaves is overwritten by the
same bytes when it is uploaded again.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from enum import StrEnum

from services.catalog.content import Product
from services.catalog.fields import Faults
from services.catalog.ownership import theirs
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.computing import apart
from services.kit.errors import AlreadyExists, FieldError
from services.kit.store import decode_cursor, encode_cursor, found

from . import darkroom
from .assets import (
    MOST_BYTES,
    WIDTHS,
    Asset,
    InvalidMedia,
    MediaInUse,
    MediaNotFound,
    Picture,
    Purpose,
    id_of,
    picture_key,
    unknown,
    url_of,
)

_AT_ONCE = 2  # each takes a process and up to half a gigabyte
_MOST = 100


class Operation(StrEnum):
    """What can be done to a picture."""

    WHITE_BACKGROUND = "white_background"
    SQUARE_CROP = "square_crop"
    RESIZE_800 = "resize_800"
    AUTOCONTRAST = "autocontrast"


# Says where a picture is shown, or nothing.
Referrer = Callable[[str], Awaitable[str]]


class Library:
    """The pictures."""

    def __init__(self, assets: Table[Asset], pictures: Table[Picture], products: Table[Product], clock: Clock) -> None:
        self.assets, self._pictures, self._products, self._clock = assets, pictures, products, clock
        self._dark = asyncio.Semaphore(_AT_ONCE)
        self.referrers: list[Referrer] = [self._in_listings, self._in_evidence]

    async def upload(self, content: bytes, merchant_id: str, purpose: Purpose, alt: str, by: str) -> tuple[Asset, bool]:
        """The picture, and whether it was here before. Refuses with INVALID_MEDIA."""
        faults = Faults()
        alt = faults.text("/alt", alt, 300)
        faults.id("/merchant_id", merchant_id)
        if not content:
            faults.add("", "must not be empty")
        elif len(content) > MOST_BYTES:
            faults.add("", f"must be at most {MOST_BYTES} bytes")
        faults.refuse(InvalidMedia)
        draft = self._draft(content, merchant_id, purpose, alt, by)
        there = await self.assets.get(draft.id)
        return (there, True) if there else await self._keep(draft, content)

    def _draft(self, content: bytes, merchant_id: str, purpose: Purpose, alt: str, by: str) -> Asset:
        return Asset(
            id=id_of(merchant_id, purpose, content),
            merchant_id=merchant_id,
            purpose=purpose,
            alt=alt,
            sha256=hashlib.sha256(content).hexdigest(),
            by=by,
            created_at=self._clock.now(),
        )

    async def retouch(
        self, asset_id: str, operations: Sequence[str], by: str, merchant_id: str = ""
    ) -> tuple[Asset, bool]:
        """A new picture with these done to it (all of them when none is named), and whether it was here before.

        It may be shown by what the first one may be shown by. Refuses with MEDIA_NOT_FOUND, INVALID_MEDIA.
        """
        wanted = sorted(set(operations)) or [each.value for each in Operation]
        if wrong := unknown(wanted, [each.value for each in Operation]):
            message = f"must be of {', '.join(Operation)}, not {wrong[0][:40]!r}"
            raise InvalidMedia("no such operation", errors=[FieldError("/operations", message)])
        source = await self.get(asset_id, merchant_id)
        picture = found(await self._pictures.get(picture_key(asset_id, 0)), _gone())
        async with self._dark:
            content = await apart(darkroom.retouched, picture.data, wanted)
        draft = self._draft(content, source.merchant_id, source.purpose, source.alt, by)
        draft.made_from, draft.operations, draft.rights = source.id, wanted, source.rights
        there = await self.assets.get(draft.id)
        return (there, True) if there else await self._keep(draft, content)

    async def _keep(self, draft: Asset, content: bytes) -> tuple[Asset, bool]:
        async with self._dark:
            developed = await apart(darkroom.examine, content, WIDTHS)
        pictures = [
            Picture(
                id=picture_key(draft.id, width),
                data=data,
                media_type=media_type,
                etag=hashlib.sha256(data).hexdigest()[:32],
                public=draft.public,
                merchant_id=draft.merchant_id,
            )
            for width, (data, media_type) in developed.pictures.items()
        ]
        draft.media_type, draft.size, draft.facts = pictures[0].media_type, len(pictures[0].data), developed.facts
        await self._pictures.write_each([self._pictures.putting(picture) for picture in pictures])
        try:
            return await self.assets.insert(draft), False
        except AlreadyExists:  # somebody sent the same at the same time
            return await self.get(draft.id), True

    async def show(self, asset_id: str, width: int, seen: str, *, staff: bool, merchant_id: str = "") -> Picture | None:
        """The bytes in this width (0: as it is; as wide as there is when it is narrower); None when they are `seen` already.

        Refuses with MEDIA_NOT_FOUND, INVALID_MEDIA.
        """
        if width not in (0, *WIDTHS):
            raise InvalidMedia("no such width", errors=[FieldError("/width", f"must be of {WIDTHS}")])
        keys = [picture_key(asset_id, width), picture_key(asset_id, 0)]
        known = await self._pictures.by_keys(keys, {"etag": 1, "public": 1, "merchant_id": 1})
        key = next((key for key in keys if key in known), "")
        theirs_too = staff and merchant_id in ("", known.get(key, {}).get("merchant_id"))
        if not key or not (theirs_too or known[key]["public"]):
            raise _gone()
        if known[key]["etag"] == seen:
            return None
        return found(await self._pictures.get(key), _gone())

    async def get(self, asset_id: str, merchant_id: str = "") -> Asset:
        """What is known of it, if it is this merchant's (of any, when empty). Refuses with MEDIA_NOT_FOUND."""
        return found(await self.assets.one({"_id": asset_id, **theirs(merchant_id)}), _gone())

    async def page(self, merchant_id: str, purpose: Purpose | None, limit: int, cursor: str) -> tuple[list[Asset], str]:
        """Newest first, of one purpose or all, and where the next page starts. Refuses with CURSOR_INVALID."""
        size, where = min(limit or 20, _MOST), dict[str, object](merchant_id=merchant_id)
        if purpose:
            where["purpose"] = purpose.value
        if cursor:
            at, key = decode_cursor(cursor, 2)
            moment = _moment(str(at))
            where["$or"] = [{"created_at": {"$lt": moment}}, {"created_at": moment, "_id": {"$lt": key}}]
        items = await self.assets.find(where, [("created_at", -1), ("_id", -1)], size + 1)
        last = items[min(size, len(items)) - 1] if items else None
        more = encode_cursor(last.created_at.isoformat(), last.id) if last and len(items) > size else ""
        return items[:size], more

    async def remove(self, asset_id: str, merchant_id: str = "") -> None:
        """Throws it away, once nothing shows it. Refuses with MEDIA_NOT_FOUND, MEDIA_IN_USE."""
        await self.get(asset_id, merchant_id)
        for refers in self.referrers:
            if where := await refers(asset_id):
                raise MediaInUse(f"it is shown by {where}")
        await self._pictures.remove([picture_key(asset_id, width) for width in (0, *WIDTHS)])
        await self.assets.remove([asset_id])

    async def not_there(self, asset_ids: Collection[str]) -> list[str]:
        """Those that are no pictures everybody may see, in one read."""
        there = await self.assets.by_keys(sorted(set(asset_ids)), {"purpose": 1}) if asset_ids else {}
        return unknown(asset_ids, [key for key, kept in there.items() if kept["purpose"] != Purpose.EVIDENCE.value])

    async def _in_listings(self, asset_id: str) -> str:
        showing = await self._products.parts({"media.url": url_of(asset_id)}, {"_id": 1}, limit=1)
        return f"product {showing[0]['_id']}" if showing else ""

    async def _in_evidence(self, asset_id: str) -> str:
        proving = await self.assets.parts({"rights.evidence_id": asset_id}, {"_id": 1}, limit=1)
        return f"the rights of picture {proving[0]['_id']}" if proving else ""


def _gone() -> MediaNotFound:
    return MediaNotFound("there is no such picture")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InvalidMedia(
            "this cursor is not one of this list's", errors=[FieldError("/cursor", "is not of this list")]
        ) from None
