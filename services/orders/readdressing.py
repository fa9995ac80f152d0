"""This is where the address of a paid order is repaired: sealed anew, and brought to parcels that have not left (O16).

The order is written first, and logistics asked at once, so that who asks is told when it has left: then the order is put
back as it was. An event says it too, so that it comes to the parcel whoever was away.
"""

import logging
from dataclasses import dataclass
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import Conflict, Invalid, Refused, Unavailable, WrongState
from services.kit.seal import Seal
from services.kit.store import Store, encode

from .addresses import Address, Region, checked
from .holding import Holding
from .looking import Orders
from .messages.addresses import address_bytes
from .messages.events import order_readdressed
from .orders import Happened, Order, State

log = logging.getLogger(__name__)
_TRIES = 10
WRONG_ADDRESS = "wrong_address"


class TooLateToReaddress(WrongState):
    """It has left, or is not paid, or is dead."""


class AddressTooFar(Invalid):
    """Sending it there costs something else: cancel, and order again."""


class Readdresser(Protocol):
    """Who has the parcels: logistics."""

    async def readdress(self, order: Order) -> None:
        """Brings the order's address to its parcels; older revisions change nothing. Refuses with ALREADY_SHIPPED."""
        ...


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a customer (empty for a guest) or, by their id, staff."""

    customer_id: str
    staff_id: str = ""


class Readdressing:
    """Repairs addresses."""

    def __init__(
        self, orders: Store[Order], looking: Orders, parcels: Readdresser, holding: Holding, seal: Seal, clock: Clock
    ) -> None:
        self._orders, self._looking, self._parcels, self._holding = orders, looking, parcels, holding
        self._seal, self._clock = seal, clock

    async def repair(self, order_id: str, address: Address, asker: Asker) -> Order:
        """The order, sent there; what was held for its address is let go. Refuses with ORDER_NOT_FOUND, INVALID_ADDRESS,
        TOO_LATE_TO_READDRESS, ADDRESS_TOO_FAR."""
        to = checked(address)
        for _ in range(_TRIES):
            order = await self._looking.get(order_id, asker.customer_id, staff=bool(asker.staff_id))
            if order.state is not State.PAID:
                raise TooLateToReaddress(f"it is {order.state.value}", state=order.state.value)
            _near(order, to.region, staff=bool(asker.staff_id))
            before = (order.sealed_address, order.region)
            if written := await self._written(order, to):
                await self._brought(written, before)
                return await self._let_go(written, asker)
        raise Conflict("this order keeps changing")

    async def _written(self, order: Order, to: Address) -> Order | None:
        now = self._clock.now()
        order.sealed_address = self._seal.close(address_bytes(to), order.id)
        order.region, order.address_revision = to.region, order.address_revision + 1
        happened = Happened(f"readdressed:{order.address_revision}", "readdressed", now, "The address was changed.")
        fields = {name: encode(getattr(order, name)) for name in ("sealed_address", "region", "address_revision")}
        where = {"_id": order.id, "version": order.version}
        update = {"$set": fields, "$push": {"events": encode(happened)}}
        return await self._orders.change(where, update, order_readdressed(order, now))

    async def _brought(self, order: Order, before: tuple[bytes, Region]) -> None:
        if not order.to_send:
            return  # logistics is told the address when it is told to send
        try:
            await self._parcels.readdress(order)
        except (Unavailable, Conflict) as away:
            log.info("%s: its parcels get the address as soon as can be: %s", order.id, away.reason)
        except Refused as no:
            if no.reason != "ALREADY_SHIPPED":
                raise
            was = {"sealed_address": before[0], "region": encode(before[1])}
            where = {"_id": order.id, "address_revision": order.address_revision}
            await self._orders.change(where, {"$set": was})
            raise TooLateToReaddress("a parcel of it has left") from no

    async def _let_go(self, order: Order, asker: Asker) -> Order:
        if not any(hold.reason == WRONG_ADDRESS for hold in order.held):
            return order
        return await self._holding.release(order.id, WRONG_ADDRESS, asker.staff_id or "customer", "address repaired")


def _near(order: Order, after: Region, *, staff: bool) -> None:
    """What was paid for sending must hold: a customer stays in the province, where riders come in a window chosen in the
    district; staff in the country."""
    before = order.region
    if before.country != after.country:
        raise AddressTooFar("another country")
    if not staff and before.province and before.province != after.province:
        raise AddressTooFar("another province costs something else to send to")
    if not staff and order.window and (before.city, before.district) != (after.city, after.district):
        raise AddressTooFar("other riders come there, in other windows")
