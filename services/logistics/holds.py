"""This is where an order's parcels are kept from being packed and from leaving, and let go: one word in its first parcel."""

from services.kit.errors import Unavailable
from services.kit.store import Store

from .numbering import shipment_id
from .shipments import LEFT, Shipment
from .stopping import AlreadyShipped, order_of


class NotPlannedYet(Unavailable):
    """The order is not heard of yet."""


class Holds:
    """Which orders are held. `turn` rises with every word about an order, so that an older one changes nothing."""

    def __init__(self, kept: Store[Shipment]) -> None:
        self._kept = kept

    async def hold(self, order_id: str, turn: int) -> None:
        """Keeps an order's parcels where they are; an older turn changes nothing. Refuses with `AlreadyShipped`,
        `NotPlannedYet`."""
        first = {"_id": shipment_id(order_of(order_id), 1)}
        newer = {**first, "gate": {"$ne": LEFT}, "hold_turn": {"$not": {"$gte": turn}}}
        if await self._kept.change(newer, {"$set": {"held": True, "hold_turn": turn}}):
            return
        anchor = await self._kept.get(first["_id"])
        if anchor is None:
            raise NotPlannedYet("this order is not heard of yet")
        if anchor.gate == LEFT:
            raise AlreadyShipped("a parcel of this order has left")

    async def let_go(self, order_id: str, turn: int) -> bool:
        """Whether the order has been planned already: its parcels may go then."""
        first = {"_id": shipment_id(order_of(order_id), 1)}
        older = {**first, "hold_turn": {"$not": {"$gte": turn}}}
        if await self._kept.change(older, {"$set": {"held": False, "hold_turn": turn}}):
            return True
        return await self._kept.get(first["_id"]) is not None
