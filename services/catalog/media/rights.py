"""This is where it is kept by what right the shop shows a picture, and staff are told before that right ends (C22)."""

from datetime import datetime, timedelta

from services.catalog.fields import Faults
from services.catalog.notices import Notices
from services.catalog.ownership import theirs
from services.catalog.store import Table
from services.kit.clock import Clock, rfc3339
from services.kit.errors import VersionMismatch

from .assets import Asset, InvalidRights, MediaNotFound, Purpose, Rights, RightsKind

AHEAD = timedelta(days=30)
EXPIRING, EXPIRED = "media_licence_expiring", "media_licence_expired"
_AT_ONCE = 200
_TRIES = 5


class Declarations:
    """Keeps what right there is."""

    def __init__(self, assets: Table[Asset], clock: Clock) -> None:
        self._assets, self._clock = assets, clock

    async def declare(self, asset_id: str, rights: Rights, if_version: int, merchant_id: str = "") -> Asset:
        """Declares it anew; the last declaration holds. Refuses with MEDIA_NOT_FOUND, INVALID_RIGHTS, VERSION_MISMATCH."""
        now = rights.declared_at = self._clock.now()
        mine = {"_id": asset_id, **theirs(merchant_id)}
        await self._check(rights, now, merchant_id)
        where = mine | ({"version": if_version} if if_version else {})
        if changed := await self._assets.change(where, {"$set": {"rights": _kept(rights)}}):
            return changed
        if await self._assets.parts(mine, {"_id": 1}):
            raise VersionMismatch(f"{asset_id} has changed since version {if_version}")
        raise MediaNotFound("there is no such picture")

    async def _check(self, rights: Rights, now: datetime, merchant_id: str) -> None:
        faults = Faults()
        another = rights.kind is not RightsKind.ORIGINAL
        rights.holder = faults.text("/holder", rights.holder, 200, least=1)
        rights.licence_ref = faults.text("/licence_ref", rights.licence_ref, 200, least=1 if another else 0)
        if rights.valid_until and rights.valid_until <= now:
            faults.add("/valid_until", "has passed already")
        if rights.evidence_id:
            evidence = {"_id": rights.evidence_id, "purpose": Purpose.EVIDENCE.value, **theirs(merchant_id)}
            if not await self._assets.parts(evidence, {"_id": 1}):
                faults.add("/evidence_id", "must be a picture uploaded as evidence")
        elif another:
            faults.add("/evidence_id", "must show the licence or the authorisation")
        faults.refuse(InvalidRights)


def _kept(rights: Rights) -> dict[str, object]:
    kept: dict[str, object] = {
        "kind": rights.kind.value,
        "holder": rights.holder,
        "licence_ref": rights.licence_ref,
        "declared_by": rights.declared_by,
        "declared_at": rights.declared_at,
        "evidence_id": rights.evidence_id,
        "told": "",
    }
    # Without an end there is nothing to look for: the index holds only rights that end.
    return kept | ({"valid_until": rights.valid_until} if rights.valid_until else {})


class Licences:
    """Looks for rights that end."""

    def __init__(self, assets: Table[Asset], notices: Notices, clock: Clock) -> None:
        self._assets, self._notices, self._clock = assets, notices, clock

    async def look(self) -> None:
        """Tells staff of rights that end within 30 days, and of those that have ended, once each."""
        now = self._clock.now()
        await self._tell(["", "expiring"], now, "expired")
        await self._tell([""], now + AHEAD, "expiring")

    async def _tell(self, told: list[str], until: datetime, word: str) -> None:
        due = {"rights.told": {"$in": told}, "rights.valid_until": {"$lte": until}}
        while assets := await self._assets.find(due, [("rights.valid_until", 1)], _AT_ONCE):
            for asset in assets:
                await self._raise(asset, word)
            # Beside the version: no editor minds what staff were told.
            await self._assets.touch(
                [
                    (
                        {"_id": asset.id, "rights.declared_at": asset.rights.declared_at},
                        {"$set": {"rights.told": word}},
                    )
                    for asset in assets
                    if asset.rights
                ]
            )

    async def _raise(self, asset: Asset, word: str) -> None:
        rights = asset.rights
        if rights is None or rights.valid_until is None:
            return
        day, key = rights.valid_until.date().isoformat(), f"{asset.id}:{rfc3339(rights.valid_until)}"
        name = f"{asset.alt or asset.id} ({rights.holder})"
        if word == "expired":
            en, zh = f"The licence of picture {name} ended on {day}", f"图片“{name}”的授权已于 {day} 到期"
            await self._notices.raise_once(key, EXPIRED, asset.id, en, zh, asset.merchant_id)
        else:
            en, zh = f"The licence of picture {name} ends on {day}", f"图片“{name}”的授权将于 {day} 到期"
            await self._notices.raise_once(key, EXPIRING, asset.id, en, zh, asset.merchant_id)
