"""This is where a parcel that comes back is booked: a shipment of its own, with a waybill, to a warehouse."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid
from services.kit.money import Money
from services.kit.store import Store
from services.logistics.carriers import Carrier, Parcel
from services.logistics.freight import Freight
from services.logistics.messages.told import return_parcel_booked
from services.logistics.numbering import MOST_PARTS, shipment_id
from services.logistics.regions import Region
from services.logistics.shipments import CANCELLED, PACKED, Line, Shipment
from services.logistics.tariffs import Consignment
from services.logistics.warehouses import MAIN, Warehouses
from services.logistics.words import is_id, is_text

from .ways import Ways
from .windows import Windows, is_window

_KINDS = ("label", "pickup")


class InvalidReturnParcel(Invalid):
    """Not a parcel that can come back."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to come back, from where. The address is sealed for the order."""

    return_id: str
    order_id: str
    kind: str
    window: str
    region: Region
    weight_g: int
    goods: Money
    warehouse: str
    lines: Sequence[Line] = ()
    sealed_address: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class Booked:
    """The parcel, and what its way costs."""

    shipment: Shipment
    freight: Money


class ReturnParcels:
    """Books parcels that come back; the usual carrier brings them."""

    def __init__(
        self,
        kept: Store[Shipment],
        bringing_back: Callable[[], Awaitable[Carrier]],
        warehouses: Warehouses,
        freight: Freight,
        windows: Windows,
        ways: Ways,
        clock: Clock,
    ) -> None:
        self._kept, self._bringing_back, self._warehouses = kept, bringing_back, warehouses
        self._freight, self._windows, self._ways, self._clock = freight, windows, ways, clock

    async def book(self, wish: Wish) -> Booked:
        """The parcel, once a return: again answers the same, until it is called off. Refuses with INVALID_RETURN_PARCEL,
        PICKUP_WINDOW_NOT_FOUND, PICKUP_FULL, and with `Unavailable` while the carrier does not answer."""
        _check(wish)
        key, there = await self._current(wish.return_id)
        timed = wish.kind == "pickup" and is_window(wish.window)
        if there is None:
            if timed:
                await self._windows.take(wish.region, wish.window, wish.return_id)
            there = await self._made(key, wish)
        # Again, too: whoever made the parcel may have stopped before it was followed.
        ends = self._windows.ends(wish.window) if timed else None
        await self._ways.begin(there, wish.kind, wish.window, ends)
        return Booked(there, await self._price(wish))

    async def _current(self, return_id: str) -> tuple[str, Shipment | None]:
        """The parcel that was not called off, or the id of the next one. One that was is never used again: its waybill is
        known to its carrier."""
        for part in range(1, MOST_PARTS + 1):
            key = shipment_id(f"ord_{return_id.removeprefix('ret_')}", part)
            there = await self._kept.get(key)
            if there is None or there.state != CANCELLED:
                return key, there
        raise InvalidReturnParcel(f"it was called off {MOST_PARTS} times")

    async def _made(self, key: str, wish: Wish) -> Shipment:
        carrier = await self._bringing_back()
        waybill = await carrier.make_waybill(Parcel(key, wish.region, wish.weight_g, wish.order_id))
        made = Shipment(
            id=key,
            order_id=wish.order_id,
            state=PACKED,  # it waits for the carrier
            created_at=self._clock.now(),
            warehouse=await self._target(wish.warehouse),
            reasons=[f"{wish.kind} {wish.window}".strip()],
            carrier=carrier.code,
            waybill=waybill,
            lines=list(wish.lines),
            region=wish.region,
            sealed_address=wish.sealed_address,
            return_id=wish.return_id,
        )
        try:
            return await self._kept.insert(made, return_parcel_booked(made, wish.kind, wish.window))
        except AlreadyExists:
            return await self._kept.get(key) or made

    async def _target(self, wanted: str) -> str:
        known = await self._warehouses.all()
        if wanted in known:
            return wanted
        return next((code for code, one in sorted(known.items()) if one.open), MAIN.id)

    async def _price(self, wish: Wish) -> Money:
        pieces = max(1, sum(line.quantity for line in wish.lines))
        # What the goods cost is left out: no way back is free because they were dear.
        sent = Consignment(wish.region, max(1, wish.weight_g), pieces, Money(wish.goods.currency, 0))
        quotes = [quote for quote in await self._freight.quotes(sent) if quote.price.currency == wish.goods.currency]
        return quotes[0].price if quotes else Money(wish.goods.currency, 0)


def _check(wish: Wish) -> None:
    faults = [
        FieldError(f"/{name}", "not an id")
        for name, prefix in (("return_id", "ret_"), ("order_id", "ord_"))
        if not is_id(getattr(wish, name)) or not getattr(wish, name).startswith(prefix)
    ]
    if wish.kind not in _KINDS:
        faults.append(FieldError("/kind", f"one of {', '.join(_KINDS)}"))
    if not is_text(wish.window, 100):
        faults.append(FieldError("/window", "one line of at most 100 characters"))
    if faults:
        raise InvalidReturnParcel(faults[0].message, errors=faults)
