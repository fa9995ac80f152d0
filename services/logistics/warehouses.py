"""This is where it is known which warehouses there are and which of them take orders."""

from dataclasses import dataclass, field

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, VersionMismatch
from services.kit.store import Store

from .messages.told import freight_changed
from .regions import Region
from .remembered import Remembered
from .words import is_code, is_country, is_text

_MOST = 1000
_TRIES = 5


@dataclass
class Warehouse:
    """A place with shelves; `id` is its code. A closed one gets no new orders, what is planned there still leaves."""

    id: str
    title: str
    region: Region = field(default_factory=Region)
    open: bool = True
    version: int = 0


class InvalidWarehouse(Invalid):
    """Not a warehouse as it is described."""


def checked(warehouse: Warehouse) -> Warehouse:
    """The warehouse. Refuses with `InvalidWarehouse`."""
    place = warehouse.region
    wrong = {
        "/code": is_code(warehouse.id) or "1 to 32 letters, digits, - or _",
        "/title": is_text(warehouse.title, 100, 1) or "1 to 100 printable characters",
        "/region/country": is_country(place.country) or "an ISO 3166-1 alpha-2 code",
        "/region/province": is_text(place.province, 64) or "at most 64 printable characters",
        "/region/city": is_text(place.city, 64) or "at most 64 printable characters",
        "/region/district": is_text(place.district, 64) or "at most 64 printable characters",
    }
    errors = [FieldError(pointer, str(said)) for pointer, said in wrong.items() if said is not True]
    if errors:
        raise InvalidWarehouse("this is no warehouse", errors=errors)
    return warehouse


class Warehouses:
    """The warehouses, in memory: they are few and every plan needs them."""

    def __init__(self, kept: Store[Warehouse], clock: Clock) -> None:
        self._kept, self._clock = kept, clock
        self._known = Remembered(self._read)
        self.forget = self._known.forget

    async def _read(self) -> dict[str, Warehouse]:
        return {warehouse.id: warehouse for warehouse in await self._kept.find({}, limit=_MOST)}

    async def all(self) -> dict[str, Warehouse]:
        """Every warehouse, by code, in the codes' order."""
        return await self._known.get()

    async def put(self, warehouse: Warehouse) -> Warehouse:
        """Makes or changes one. Refuses with `InvalidWarehouse`."""
        checked(warehouse)
        for _ in range(_TRIES):
            event = freight_changed(warehouse.id, self._clock.now())
            before = await self._kept.get(warehouse.id)
            try:
                if before is None:
                    kept = await self._kept.insert(warehouse, event)
                else:
                    warehouse.version = before.version
                    kept = await self._kept.save(warehouse, event)
            except (AlreadyExists, VersionMismatch):
                continue
            self.forget()
            return kept
        raise Conflict("this warehouse keeps changing")

    async def found(self, first: Warehouse) -> None:
        """Gives a shop that has none its first warehouse."""
        if not await self._kept.find({}, limit=1):
            try:
                await self._kept.insert(first)
            except AlreadyExists:
                return  # another replica was quicker


MAIN = Warehouse("main", "主倉 Main warehouse", Region("CN", "上海", "上海", ""))
