"""This is where an order's parcels are stopped before they leave, all or none; what was taken for them goes back."""

from collections.abc import Sequence

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, VersionMismatch, WrongState
from services.kit.store import Store

from .messages.told import shipment_cancelled
from .moving import BeingAllocated, settled
from .numbering import ids_of, shipment_id
from .shipments import CANCELLED, EXCEPTION, LEFT, OPEN, SHUT, STOPPED, WAITING, Shipment
from .words import is_id

_TRIES = 10


class AlreadyShipped(WrongState):
    """A parcel of the order has left."""


class InvalidOrder(Invalid):
    """Not an order's id."""


class Stopping:
    """Stops them. An order that is not planned yet is stopped by a tombstone in its first parcel's place."""

    def __init__(self, kept: Store[Shipment], clock: Clock) -> None:
        self._kept, self._clock = kept, clock

    async def stop(self, order_id: str) -> None:
        """Stops an order's parcels, or its being planned at all; again changes nothing. Refuses with `AlreadyShipped`."""
        for _ in range(_TRIES):
            anchor = await self._kept.get(shipment_id(order_of(order_id), 1))
            try:
                if anchor is None:
                    tombstone = Shipment(shipment_id(order_id, 1), order_id, STOPPED, self._clock.now(), gate=SHUT)
                    await self._kept.insert(tombstone)
                    return
                await self._stop_first(anchor)
                await self._stop_others(anchor)
                return
            except (AlreadyExists, VersionMismatch):
                continue  # it was planned, packed or shipped meanwhile: look again
        raise Conflict("this order's shipments keep changing")

    async def _stop_first(self, anchor: Shipment) -> None:
        if anchor.gate == LEFT:
            raise AlreadyShipped("a parcel of this order has left")
        if anchor.state == EXCEPTION and anchor.taken and not anchor.moving:
            raise BeingAllocated("this order is being allocated just now")
        settled(anchor.moving)
        if anchor.gate == OPEN:
            anchor.gate = SHUT
            await self._cancel(anchor)

    async def _stop_others(self, anchor: Shipment) -> None:
        if anchor.parts > 1:
            for other in (await self._kept.get_many(ids_of(anchor.order_id)[1 : anchor.parts])).values():
                if other.state in WAITING or (other.state == EXCEPTION and other.moving):
                    settled(other.moving)
                    await self._cancel(other)

    async def _cancel(self, shipment: Shipment) -> None:
        was, shipment.state, shipment.uncounted = shipment.state, CANCELLED, True
        if was == EXCEPTION and not shipment.moving:  # nothing was taken for it
            await self._kept.save(shipment)
            return
        shipment.given_back, event = True, shipment_cancelled(shipment, self._clock.now())
        shipment.moving = None
        await self._kept.save(shipment, event)

    async def give_back(self, parcels: Sequence[Shipment]) -> None:
        """What was taken for an order that turned out to be stopped goes back on the shelf, once."""
        while True:
            first = await self._kept.get(parcels[0].id)
            if first is None or first.given_back or first.state not in (STOPPED, CANCELLED, EXCEPTION):
                return
            try:
                if first.state == EXCEPTION:  # told twice: the chore finds its goods taken already, a stop waits for it
                    first.taken = True
                    await self._kept.save(first)
                    return
                first.given_back, now = True, self._clock.now()
                await self._kept.save(first, *(shipment_cancelled(one, now) for one in parcels))
                return
            except VersionMismatch:
                continue


def order_of(order_id: str) -> str:
    """An order's id. Refuses with `InvalidOrder`."""
    if not is_id(order_id):
        raise InvalidOrder("this is no order's id", errors=[FieldError("/order_id", "an ord_… id")])
    return order_id
