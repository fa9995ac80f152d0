"""This is where it is heard that something went wrong, or has come right by itself."""

from collections.abc import Collection, Sequence
from typing import Any

from shop.logistics.v1.events_pb2 import (
    ParcelLost,
    ParcelMoved,
    ParcelStuck,
    ShipmentException,
    ShipmentLate,
    ShipmentPlanned,
    ShipmentRerouted,
    ShipmentTroubled,
)
from shop.orders.v1.events_pb2 import OrderCancelled, OrderHeld, OrderPaid, OrderReleased

from services.kit.events import Told
from services.kit.store import Store
from services.orders import limits
from services.orders.orders import Order, State
from services.orders.sorting import STOCK_OUT

from .cases import OPEN, Cases, Trouble

FAILED_DELIVERIES = 2  # attempts after which somebody speaks to the customer
WRONG_ADDRESS, QC, PRICE_MISMATCH = "wrong_address", "qc", "price_mismatch"
_OF_HOLDS = frozenset({WRONG_ADDRESS, QC, PRICE_MISMATCH})  # holds that are cleared with the customer
_OF_PARCELS = {"exception": "carrier_exception", "rejected": "rejected", "returned": "returned"}
DELIVERY_FAILED, LATE = "delivery_failed", "late"
STUCK, LOST = "stuck", "lost"
_OVER_ONCE_THERE = (DELIVERY_FAILED, "carrier_exception", LATE, LOST)
QC_HOLD = "qc_hold"  # parcels are looked at before they are packed: nobody need decide anything yet
_OF_THE_FLOOR = frozenset({"short_pick", "qc_failed"})  # what somebody decides


class Hearing:
    """Opens cases, and closes those that are none any more."""

    def __init__(self, cases: Cases, orders: Store[Order]) -> None:
        self._cases, self._orders = cases, orders

    async def on_shipment_exception(self, event: ShipmentException, told: Told) -> None:
        """Its goods could not be allocated."""
        if not limits.is_id(event.order_id, "ord"):
            return
        key = f"{event.shipment_id}:unallocated"
        text = "; ".join(event.reasons)[:500]
        case = await self._cases.open(Trouble(event.order_id, STOCK_OUT, key, text, shipment_id=event.shipment_id))
        if case.state != OPEN:
            return  # an old story told again
        where = {"_id": event.order_id, "state": State.PAID.value, "classes": {"$ne": STOCK_OUT}}
        await self._orders.change(where, {"$push": {"classes": STOCK_OUT}})

    async def on_shipments_planned(self, events: Sequence[tuple[ShipmentPlanned, Told]]) -> None:
        """The goods are there, or there after all."""
        await self._allocated({event.order_id for event, _ in events})

    async def _allocated(self, order_ids: Collection[str]) -> None:
        for case in await self._cases.of_orders(order_ids, STOCK_OUT):
            await self._cases.resolve(case.id, "allocated", "", "")
            await self._orders.change({"_id": case.order_id, "classes": STOCK_OUT}, {"$pull": {"classes": STOCK_OUT}})

    async def on_shipment_rerouted(self, event: ShipmentRerouted, told: Told) -> None:
        """They are there in another warehouse."""
        await self._allocated([event.order_id])

    async def on_shipment_troubled(self, event: ShipmentTroubled, told: Told) -> None:
        """A parcel was set aside on the floor, or is taken up again."""
        if not limits.is_id(event.order_id, "ord"):
            return
        if event.reason == QC_HOLD:
            await self._looked_at(event)
        elif event.reason not in _OF_THE_FLOOR:
            return
        elif not event.over:
            key = f"{event.shipment_id}:{event.reason}:{event.turn}"
            text = event.text[:500]
            await self._cases.open(Trouble(event.order_id, event.reason, key, text, shipment_id=event.shipment_id))
        elif (case := await self._cases.of_order(event.order_id, event.reason)) and (
            case.shipment_id == event.shipment_id
        ):
            await self._cases.resolve(case.id, "taken_up", "", "")

    async def _looked_at(self, event: ShipmentTroubled) -> None:
        """An order is in the class while one of its parcels waits; told the wrong way round it ends alike."""
        key = f"{event.shipment_id}:{QC_HOLD}:{event.turn}"
        trouble = Trouble(event.order_id, QC_HOLD, key, event.text[:500], shipment_id=event.shipment_id)
        case = await self._cases.open(trouble)
        if event.over and (case := await self._cases.over(case, key)).waiting == []:
            case = await self._cases.resolve(case.id, event.outcome, "", "")
        marked: dict[str, Any] = {"_id": event.order_id, "classes": QC_HOLD}
        if case.state == OPEN:
            where = {**marked, "state": State.PAID.value, "classes": {"$ne": QC_HOLD}}
            await self._orders.change(where, {"$push": {"classes": QC_HOLD}})
        else:
            by_hand = {
                "$elemMatch": {"reason": QC, "released_at": None}
            }  # held by staff for the like, it stays in the class
            await self._orders.change({**marked, "holds": {"$not": by_hand}}, {"$pull": {"classes": QC_HOLD}})

    async def on_parcel_moved(self, event: ParcelMoved, told: Told) -> None:
        """A carrier cannot go on, or nobody was there again."""
        if event.stood_still:
            await self._found(event, (STUCK, LOST), "found")
        reason = _OF_PARCELS.get(event.state, "")
        if event.state == "exception" and event.reason == LOST:
            reason = LOST  # the carrier says so itself
        if event.state == "attempt_failed" and await self._happened(event, event.state) >= FAILED_DELIVERIES:
            reason = DELIVERY_FAILED
        if reason and limits.is_id(event.order_id, "ord"):
            key = f"{event.shipment_id}:{event.revision}"
            await self._cases.open(Trouble(event.order_id, reason, key, shipment_id=event.shipment_id))
        elif event.state == "delivered":
            await self._found(event, _OVER_ONCE_THERE, "delivered")

    async def _found(self, event: ParcelMoved, reasons: Sequence[str], outcome: str) -> None:
        for case in await self._cases.of_order_any(event.order_id, reasons):
            if case.shipment_id == event.shipment_id:
                await self._cases.resolve(case.id, outcome, "", "")

    async def on_parcel_stuck(self, event: ParcelStuck, told: Told) -> None:
        """Nothing was heard of a parcel for too long."""
        await self._stands(event, STUCK)

    async def on_parcel_lost(self, event: ParcelLost, told: Told) -> None:
        """Nor after that: it counts as lost, and is no longer merely stuck."""
        await self._stands(event, LOST)
        for case in await self._cases.of_order_any(event.order_id, (STUCK,)):
            if case.shipment_id == event.shipment_id:
                await self._cases.resolve(case.id, LOST, "", "")

    async def _stands(self, event: ParcelStuck | ParcelLost, reason: str) -> None:
        if limits.is_id(event.order_id, "ord"):
            key = f"{event.shipment_id}:{event.revision}:{reason}"
            text = f"{event.carrier} {event.waybill}: {event.state} since {event.heard_at}"
            await self._cases.open(Trouble(event.order_id, reason, key, text, shipment_id=event.shipment_id))

    async def on_shipment_late(self, event: ShipmentLate, told: Told) -> None:
        """It should have been at the door, and is not there meanwhile."""
        if limits.is_id(event.order_id, "ord") and not await self._happened(event, "delivered"):
            await self._cases.open(
                Trouble(event.order_id, LATE, f"{event.shipment_id}:late", shipment_id=event.shipment_id)
            )

    async def _happened(self, event: ParcelMoved | ShipmentLate, what: str) -> int:
        """How often it happened to the parcel."""
        order = await self._orders.get(event.order_id)
        happened = order.events if order else []
        return sum(one.type == what and one.shipment_id == event.shipment_id for one in happened)

    async def on_order_paid(self, events: Sequence[tuple[OrderPaid, Told]]) -> None:
        """Held as it was bought."""
        for event, _ in events:
            for reason in _OF_HOLDS.intersection(event.holds):
                await self._cases.open(Trouble(event.order_id, reason, f"{event.order_id}:paid:{reason}"))

    async def on_order_held(self, events: Sequence[tuple[OrderHeld, Told]]) -> None:
        """Held later."""
        for event, _ in events:
            if event.reason in _OF_HOLDS:
                key = f"{event.order_id}:held:{event.turn}"
                await self._cases.open(Trouble(event.order_id, event.reason, key, by=event.by))

    async def on_order_released(self, events: Sequence[tuple[OrderReleased, Told]]) -> None:
        """Nothing keeps it any more, so nothing of that is open."""
        for event, _ in events:
            for case in await self._cases.of_order_any(event.order_id, _OF_HOLDS):
                await self._cases.resolve(case.id, "released", "", event.by)

    async def on_order_cancelled(self, events: Sequence[tuple[OrderCancelled, Told]]) -> None:
        """Nothing is to be put right any more."""
        for event, _ in events:
            for case in await self._cases.of_order_any(
                event.order_id, (STOCK_OUT, QC_HOLD, *_OF_HOLDS, *_OF_THE_FLOOR)
            ):
                await self._cases.resolve(case.id, "cancelled", "", "")
