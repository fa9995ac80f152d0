"""This is where goods find their way back: a label or a pickup booked, the parcel followed, staff told when it is there."""

from datetime import datetime
from typing import Any, Protocol

from services.kit.clock import Clock
from services.kit.store import Store, encode
from services.orders import limits
from services.orders.orders import Order

from .insurance import Claims
from .messages.returns import return_changed
from .returns import IllegalTransition, InvalidReturn, Return, ReturnNotFound, ReturnState, Step, WayBack

KINDS = ("label", "pickup")
_NOT_MOVED = ("label_created", "unknown", "cancelled")


class Parcels(Protocol):
    """Who brings parcels: logistics."""

    async def book(self, order: Order, rma: Return, kind: str, window: str) -> WayBack:
        """The parcel the goods come back in, once a return."""
        ...


class WaysBack:
    """Books and follows what comes back."""

    def __init__(
        self, returns: Store[Return], orders: Store[Order], parcels: Parcels, claims: Claims, clock: Clock
    ) -> None:
        self._returns, self._orders, self._parcels = returns, orders, parcels
        self._claims, self._clock = claims, clock

    async def book(self, return_id: str, customer_id: str, kind: str, window: str, *, staff: bool = False) -> Return:
        """The return with its parcel booked; again changes nothing. Refuses with RETURN_NOT_FOUND, ILLEGAL_TRANSITION,
        INVALID_RETURN."""
        if kind not in KINDS:
            raise limits.refused("/kind", f"one of {', '.join(KINDS)}", InvalidReturn)
        when = limits.text(window, "/window", 100, InvalidReturn)
        rma = await self._returns.get(return_id) if limits.is_id(return_id, "ret") else None
        if rma is None or not (staff or rma.customer_id in ("", customer_id)):
            raise ReturnNotFound("no such return")
        if rma.way_back:
            return rma
        order = await self._orders.get(rma.order_id)
        if rma.state is not ReturnState.APPROVED or not rma.goods_back or order is None:
            raise IllegalTransition(f"it is {rma.state.value}: nothing is to come back")
        way = await self._parcels.book(order, rma, kind, when)
        booked = Step("booked", self._clock.now(), "staff" if staff else "customer", f"{way.carrier} {way.waybill}")
        where = {"_id": rma.id, "way_back": None}
        update = {"$set": {"way_back": encode(way)}, "$push": {"steps": encode(booked)}}
        return await self._returns.change(where, update) or await self._returns.get(rma.id) or rma

    async def moved(self, return_id: str, way: WayBack, at: datetime) -> None:
        """Its parcel moved; older news change nothing. Once it has been picked up its insurance pays; once it is there staff
        are to inspect it."""
        if not limits.is_id(return_id, "ret"):
            return
        rma = await self._returns.get(return_id)
        if rma is None:
            return
        if rma.way_back is None or rma.way_back.revision < way.revision:
            rma = await self._followed(rma, way, at)
        if rma.way_back and rma.way_back.state not in _NOT_MOVED:
            await self._claims.claim(rma)
        if rma.way_back and rma.way_back.state == "delivered" and rma.state is ReturnState.APPROVED:
            arrived = {"$set": {"state": ReturnState.ARRIVED.value}}
            where = {"_id": rma.id, "state": ReturnState.APPROVED.value}
            await self._returns.change(where, arrived, return_changed(rma, ReturnState.ARRIVED, self._clock.now()))

    async def received(self, return_id: str) -> None:
        """Staff scanned it in, whatever its carrier said: its insurance pays, and it is to be inspected."""
        rma = await self._returns.get(return_id) if limits.is_id(return_id, "ret") else None
        if rma is None or rma.way_back is None:
            return
        await self._claims.claim(rma)
        if rma.state is ReturnState.APPROVED:
            arrived = {"$set": {"state": ReturnState.ARRIVED.value, "way_back.state": "delivered"}}
            where = {"_id": rma.id, "state": ReturnState.APPROVED.value}
            await self._returns.change(where, arrived, return_changed(rma, ReturnState.ARRIVED, self._clock.now()))

    async def picked_otherwise(self, return_id: str, waybill: str, what: str, window: str, at: datetime) -> None:
        """Its pickup has another window, was missed, or the parcel was called off: then it can be booked anew. Again, and
        what is about an earlier parcel, changes nothing."""
        step = Step(f"pickup_{what}", at, "", f"{waybill} {window}".strip())
        where = {"_id": return_id, "way_back.waybill": waybill, "steps": {"$ne": encode(step)}}
        change: dict[str, Any] = {"way_back": None} if what == "cancelled" else {"way_back.window": window}
        await self._returns.change(where, {"$set": change, "$push": {"steps": encode(step)}})

    async def _followed(self, rma: Return, way: WayBack, at: datetime) -> Return:
        changes: dict[str, Any] = {"way_back.state": way.state, "way_back.revision": way.revision}
        where: dict[str, Any] = {"_id": rma.id, "way_back.revision": {"$lt": way.revision}}
        if rma.way_back is None:  # whoever booked it stopped before they wrote it down
            changes, where = {"way_back": encode(way)}, {"_id": rma.id, "way_back": None}
        update = {"$set": changes, "$push": {"steps": encode(Step(way.state, at, "", way.waybill))}}
        return await self._returns.change(where, update) or await self._returns.get(rma.id) or rma
