"""This is where a picture of the library is: what it is for, what was measured of it, who may show it. Pure."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.kit.errors import Invalid, NotFound, WrongState

MOST_BYTES = 5 * 1024 * 1024
WIDTHS = (200, 400, 800)
_OURS = re.compile(r"/v1/media/(med_[0-9a-f]{26})")
_ALIKE = 12  # of 255, in every patch


class Purpose(StrEnum):
    """What a picture is for. Evidence (a licence, a contract) is for staff only; all others may be seen by everybody."""

    MAIN = "main"
    DETAIL = "detail"
    FACTORY = "factory"
    EVIDENCE = "evidence"


class RightsKind(StrEnum):
    """Why the shop may show a picture."""

    ORIGINAL = "original"
    LICENSED = "licensed"
    BRAND_AUTHORISED = "brand_authorised"


@dataclass
class Facts:
    """What was measured when it was uploaded. Shares are of 1; `mark` says where a logo, a band or lettering is suspected:
    `top`, `right`, `bottom`, `left`, or empty. `likeness` is the picture as 8 × 8 patches of colour, in hex."""

    width: int = 0
    height: int = 0
    white_border: float = 0.0
    white_share: float = 0.0
    sharpness: float = 0.0
    blank: bool = False
    mark: str = ""
    likeness: str = ""


@dataclass
class Rights:
    """What the shop may show it by. `told` is what staff were told of its end: nothing, `expiring` or `expired`."""

    kind: RightsKind
    holder: str
    licence_ref: str
    evidence_id: str
    declared_by: str
    declared_at: datetime | None = None
    valid_until: datetime | None = None
    told: str = ""


@dataclass
class Asset:
    """A picture of the library, without its bytes. The id is made of the merchant and the content, so it is there once."""

    id: str
    merchant_id: str
    purpose: Purpose
    alt: str
    sha256: str
    by: str
    created_at: datetime
    media_type: str = ""
    size: int = 0
    facts: Facts = field(default_factory=Facts)
    made_from: str = ""
    operations: list[str] = field(default_factory=list)
    rights: Rights | None = None
    version: int = 0

    @property
    def public(self) -> bool:
        """Whether everybody may see it."""
        return self.purpose is not Purpose.EVIDENCE


@dataclass
class Picture:
    """The bytes of a picture in one width (0: as it is). The id is `asset|width`; `public` and whose as the asset says."""

    id: str
    data: bytes
    media_type: str
    etag: str
    public: bool
    merchant_id: str
    version: int = 0


class MediaNotFound(NotFound):
    """There is no such picture, or it is not for everybody."""


class InvalidMedia(Invalid):
    """Not a picture this shop takes."""


class InvalidRights(Invalid):
    """A declaration that says too little, or what cannot be."""


class MediaInUse(WrongState):
    """Something still shows it."""


def id_of(merchant_id: str, purpose: Purpose, content: bytes) -> str:
    """The id of a merchant's picture. What is for staff only is another asset than the same bytes for everybody."""
    digest = hashlib.sha256(content).hexdigest()
    kind = "evidence" if purpose is Purpose.EVIDENCE else "public"
    return f"med_{hashlib.sha256(f'{merchant_id}|{kind}|{digest}'.encode()).hexdigest()[:26]}"


def picture_key(asset_id: str, width: int) -> str:
    """The id of its bytes in this width."""
    return f"{asset_id}|{width}"


def url_of(asset_id: str) -> str:
    """Where it is shown."""
    return f"/v1/media/{asset_id}"


def asset_id_of(url: str) -> str:
    """The id of the picture an address of this shop shows; empty for an address elsewhere."""
    ours = _OURS.fullmatch(url)
    return ours[1] if ours else ""


def alike(one: Facts, other: Facts) -> bool:
    """Whether two pictures show the same, be it in another size or packing."""
    patches = zip(bytes.fromhex(one.likeness), bytes.fromhex(other.likeness), strict=True)
    return max(abs(mine - its) for mine, its in patches) <= _ALIKE


def unknown(wanted: Collection[str], found: Collection[str]) -> list[str]:
    """Those of `wanted` that are not there, in order."""
    return sorted(set(wanted) - set(found))
