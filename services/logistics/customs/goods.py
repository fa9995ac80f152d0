"""This is where it is kept what a SKU is to customs: HS code, origin, what it is made of and for, batteries, its worth."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, NotFound, VersionMismatch
from services.kit.store import Store
from services.logistics.words import is_country, is_text

HS_CODE = re.compile(r"[0-9]{6}(?:[0-9]{2}){0,2}")
BATTERIES = ("none", "contained", "packed_with", "alone")
MOST_AT_ONCE = 500
_SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_TRIES = 5
_NEEDED = ("hs_code", "origin", "description")


class InvalidCustomsGoods(Invalid):
    """Not what customs could be told."""


class CustomsGoodsNotFound(NotFound):
    """Nobody has described this SKU for customs."""


@dataclass
class Goods:
    """A SKU as customs sees it. `id` is the SKU. `declared_minor` is the worth of one where that is more than what was
    paid (a sample, a gift); 0: what was paid. Nothing is declared below what was paid: that would be false."""

    id: str
    hs_code: str = ""
    origin: str = ""
    description: str = ""
    material: str = ""
    use: str = ""
    battery: str = "none"
    declared_minor: int = 0
    declared_currency: str = ""
    changed_by: str = ""
    changed_at: datetime | None = None
    version: int = 0

    @property
    def missing(self) -> list[str]:
        """What customs will ask for and nobody has said."""
        return [name for name in _NEEDED if not getattr(self, name)]


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one of many."""

    sku: str
    errors: tuple[FieldError, ...] = ()


def faults(goods: Goods) -> list[FieldError]:
    """What is wrong with a description. An empty field is not wrong, only missing."""
    wrong = {
        "sku": bool(_SKU.fullmatch(goods.id)) or "a SKU",
        "hs_code": not goods.hs_code or bool(HS_CODE.fullmatch(goods.hs_code)) or "6, 8 or 10 digits",
        "origin": not goods.origin or is_country(goods.origin) or "an ISO 3166-1 alpha-2 code",
        "description": is_text(goods.description, 200) or "one line of at most 200 characters",
        "material": is_text(goods.material, 200) or "one line of at most 200 characters",
        "use": is_text(goods.use, 200) or "one line of at most 200 characters",
        "battery": goods.battery in BATTERIES or f"one of {', '.join(BATTERIES)}",
        "declared_minor": 0 <= goods.declared_minor <= 10**12 or "zero or more",
        "declared_currency": bool(_CURRENCY.fullmatch(goods.declared_currency))
        or (not goods.declared_minor and not goods.declared_currency)
        or "an ISO 4217 code",
    }
    return [FieldError(f"/{name}", str(said)) for name, said in wrong.items() if said is not True]


class CustomsGoods:
    """The descriptions."""

    def __init__(self, kept: Store[Goods], clock: Clock) -> None:
        self._kept, self._clock = kept, clock

    async def put(self, goods: Goods, by: str, if_version: int = 0) -> Goods:
        """Describes a SKU, or anew. Refuses with INVALID_CUSTOMS_GOODS, VERSION_MISMATCH."""
        if wrong := faults(goods):
            raise InvalidCustomsGoods(wrong[0].message, errors=wrong)
        for _ in range(_TRIES):
            before = await self._kept.get(goods.id)
            if if_version and (before is None or before.version != if_version):
                raise VersionMismatch("somebody else has changed it")
            said = replace(goods, changed_by=by, changed_at=self._clock.now(), version=before.version if before else 0)
            try:
                return await (self._kept.save(said) if before else self._kept.insert(said))
            except (AlreadyExists, VersionMismatch):
                continue
        raise Conflict("this description keeps changing")

    async def put_many(self, many: Sequence[Goods], by: str) -> list[Taken]:
        """Describes many; what is wrong spoils its own row only. Again changes nothing."""
        if len(many) > MOST_AT_ONCE:
            raise InvalidCustomsGoods("too many at once", errors=[FieldError("/goods", f"at most {MOST_AT_ONCE}")])
        taken = []
        for goods in many:
            wrong = faults(goods)
            if not wrong:
                await self.put(goods, by)
            taken.append(Taken(goods.id, tuple(wrong)))
        return taken

    async def get(self, sku: str) -> Goods:
        """One. Refuses with CUSTOMS_GOODS_NOT_FOUND."""
        if not _SKU.fullmatch(sku) or (found := await self._kept.get(sku)) is None:
            raise CustomsGoodsNotFound("nobody has described this SKU for customs")
        return found

    async def page(self, limit: int, cursor: str) -> tuple[list[Goods], str]:
        """By SKU."""
        return await self._kept.page({}, limit, cursor, newest_first=False)

    async def of(self, skus: Sequence[str]) -> Mapping[str, Goods]:
        """Those of these that are described, in one read."""
        return await self._kept.get_many(list(dict.fromkeys(skus)))
