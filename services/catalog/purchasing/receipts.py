"""This is where goods come in: each delivery claimed once in its order's own document, then booked line by line.

The claim is one conditional write that also keeps more than was ordered out. What follows (lot, stock, cost) bears
repeating and is marked when it is done, so that a crash in between is made good by the next who looks.
"""

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from services.catalog.costs import Costs, moving_average
from services.catalog.fields import MAX_UNITS, Faults
from services.catalog.moves import Grade, Move
from services.catalog.stock import Stock
from services.catalog.store import NotAsSeen, Table
from services.kit.clock import Clock
from services.kit.errors import FieldError, WrongState
from services.kit.money import Money

from .inspections import plan
from .lots import Lot, unknown_lot_id
from .orders import (
    RECEIVABLE,
    IllegalTransition,
    InvalidPurchaseOrder,
    OrderLine,
    OrderState,
    PurchaseOrder,
    PurchaseOrderBusy,
    Receipt,
    ReceiptLine,
    StepTaken,
)
from .policy import CostMethod, Policies, Policy
from .purchase_orders import PurchaseOrders
from .store import content_of

_TRIES = 100
_PAUSE_S = 0.02
_AT_ONCE = 20
_MOST_RECEIPTS = 100
Received = Callable[[PurchaseOrder], Awaitable[None]]


class OverReceipt(WrongState):
    """More came than was ordered and the policy tolerates (metadata: sku, left)."""


class TooManyReceipts(WrongState):
    """An order does not bear so many deliveries: close it and order anew."""


class Receiving:
    """Takes deliveries in."""

    def __init__(
        self,
        orders: Table[PurchaseOrder],
        looking: PurchaseOrders,
        lots: Table[Lot],
        stock: Stock,
        costs: Costs,
        policies: Policies,
        clock: Clock,
        received: Received,
    ) -> None:
        self._orders, self._looking, self._lots, self._stock = orders, looking, lots, stock
        self._costs, self._policies, self._clock, self._received = costs, policies, clock, received

    async def receive(
        self, order_id: str, warehouse: str, lines: Sequence[ReceiptLine], by: str, request_id: str
    ) -> tuple[PurchaseOrder, Receipt, bool]:
        """Books a delivery, once a request id; answers the order then, the receipt, and whether it was booked before.

        Refuses with PURCHASE_ORDER_NOT_FOUND, ILLEGAL_TRANSITION, INVALID_PURCHASE_ORDER, OVER_RECEIPT, TOO_MANY_RECEIPTS.
        """
        _check(lines, warehouse, by, request_id)
        receipt_id = _id_of("rcp", order_id, request_id)
        policy = await self._policies.get()
        for _ in range(_TRIES):
            order = await self._looking.get(order_id)
            if earlier := _receipt(order, receipt_id):
                return await self._book(order, earlier, policy), earlier, True
            seen = {"_id": order.id, "version": order.version}
            receipt = claim(order, receipt_id, warehouse, lines, policy.over_receipt_bp, self._clock.now(), by)
            if claimed := await self._orders.change(seen, {"$set": content_of(order)}):
                return await self._book(claimed, receipt, policy), receipt, False
            await asyncio.sleep(random.uniform(0, _PAUSE_S))
        raise PurchaseOrderBusy("the order is being received by others", retry_after_s=1)

    async def resume(self) -> None:
        """Books what a crash has left."""
        policy = await self._policies.get()
        for order in await self._orders.find({"unbooked": True}, limit=_AT_ONCE):
            left = [receipt for receipt in order.receipts if not all(line.booked for line in receipt.lines)]
            for receipt in left or order.receipts[-1:]:
                await self._book(order, receipt, policy)

    async def _book(self, order: PurchaseOrder, receipt: Receipt, policy: Policy) -> PurchaseOrder:
        if not order.unbooked:
            return order
        place = next(i for i, each in enumerate(order.receipts) if each.id == receipt.id)
        for i, line in enumerate(receipt.lines):
            if not line.booked:
                await self._book_line(order, receipt, line, f"receipts.{place}.lines.{i}.booked", policy)
                line.booked = True
        await self._received(order)
        whole = {"_id": order.id, "receipts.lines.booked": {"$ne": False}}
        return await self._orders.change(whole, {"$set": {"unbooked": False}}) or await self._looking.get(order.id)

    async def _book_line(
        self, order: PurchaseOrder, receipt: Receipt, line: ReceiptLine, booked: str, policy: Policy
    ) -> None:
        lot = lot_of(order, receipt, line)
        await self._lots.write_each([self._lots.putting(await self._before(lot)), self._lots.putting(lot)])
        await self._stock.book(
            line.sku, _moves(receipt, line), ref=f"request:{lot.id}", reference=lot.id, by=receipt.by
        )

        def cost(before: Money, on_hand: int) -> Money:
            if not line.received or before.currency != lot.unit_cost.currency:
                return before  # there is no rate to change money by
            if policy.cost_method is CostMethod.LAST:
                return lot.unit_cost
            return moving_average(before, on_hand, line.received, lot.unit_cost)

        mark = self._orders.changing({"_id": order.id, booked: False}, {"$set": {booked: True}})
        with contextlib.suppress(NotAsSeen):  # somebody else has booked it
            await self._costs.set(line.sku, cost, (self._orders, [mark]))

    async def _before(self, lot: Lot) -> Lot:
        """What stood on the shelf before the first lot came."""
        there = await self._stock.of([lot.sku])
        units = there[0]["on_hand"].get(lot.warehouse, 0) if there else 0
        return Lot(
            id=unknown_lot_id(lot.sku, lot.warehouse),
            sku=lot.sku,
            warehouse=lot.warehouse,
            supplier_id="",
            order_id="",
            receipt_id="",
            batch="",
            units=units,
            rejected=0,
            remaining=units,
            unit_cost=Money(lot.unit_cost.currency, 0),
            at=lot.at,
        )


def claim(
    order: PurchaseOrder,
    receipt_id: str,
    warehouse: str,
    lines: Sequence[ReceiptLine],
    over_bp: int,
    at: datetime,
    by: str,
) -> Receipt:
    """Adds a delivery to its order. Refuses with ILLEGAL_TRANSITION, INVALID_PURCHASE_ORDER, OVER_RECEIPT,
    TOO_MANY_RECEIPTS."""
    if order.state not in RECEIVABLE:
        raise IllegalTransition(f"nothing is awaited of an order that is {order.state}", state=order.state)
    if len(order.receipts) >= _MOST_RECEIPTS:
        raise TooManyReceipts(f"an order bears {_MOST_RECEIPTS} deliveries")
    for i, line in enumerate(lines):
        ordered = order.line(line.sku)
        if ordered is None:
            message = "was not ordered"
            raise InvalidPurchaseOrder(f"{line.sku} {message}", errors=[FieldError(f"/lines/{i}/sku", message)])
        _take(ordered, line, over_bp)
        line.sample, line.accept = plan(line.received + line.rejected)
    state = OrderState.PARTLY_RECEIVED if any(line.outstanding for line in order.lines) else OrderState.RECEIVED
    if state is not order.state:
        order.state = state
        order.steps.append(StepTaken(state, at, by))
    receipt = Receipt(receipt_id, warehouse or order.warehouse, list(lines), at, by)
    order.receipts.append(receipt)
    order.unbooked = True
    return receipt


def _take(ordered: OrderLine, line: ReceiptLine, over_bp: int) -> None:
    most = ordered.ordered + ordered.ordered * over_bp // 10_000
    if ordered.received + line.received > most:
        left = most - ordered.received
        raise OverReceipt(f"at most {left} more of {line.sku} may come", sku=line.sku, left=left)
    ordered.received += line.received
    ordered.rejected += line.rejected


def _moves(receipt: Receipt, line: ReceiptLine) -> list[Move]:
    """Sound units go on the shelf; rejected ones wait beside it until the supplier has them back."""
    sound = Move(receipt.warehouse, line.received, "receipt")
    rejected = Move(receipt.warehouse, line.rejected, "receipt", Grade.QUARANTINE, line.reason)
    return [move for move in (sound, rejected) if move.quantity]


def lot_of(order: PurchaseOrder, receipt: Receipt, line: ReceiptLine) -> Lot:
    """The lot a receipt line makes; its id is made of the line's."""
    ordered = order.line(line.sku)
    cost = Money(order.currency, ordered.unit_cost_minor if ordered else 0)
    return Lot(
        id=lot_id(receipt.id, line),
        sku=line.sku,
        warehouse=receipt.warehouse,
        supplier_id=order.supplier_id,
        order_id=order.id,
        receipt_id=receipt.id,
        batch=line.batch,
        units=line.received,
        rejected=line.rejected,
        remaining=line.received,
        unit_cost=cost,
        at=receipt.at,
        sent_at=order.at(OrderState.SENT),
        promised_at=order.promised_at,
        expires_at=line.expires_at,
    )


def lot_id(receipt_id: str, line: ReceiptLine) -> str:
    """The id of the lot a receipt line makes."""
    return _id_of("lot", receipt_id, line.sku, line.batch)


def _id_of(prefix: str, *parts: str) -> str:
    return f"{prefix}_{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:26]}"


def _receipt(order: PurchaseOrder, receipt_id: str) -> Receipt | None:
    return next((receipt for receipt in order.receipts if receipt.id == receipt_id), None)


def _check(lines: Sequence[ReceiptLine], warehouse: str, by: str, request_id: str) -> None:
    faults = Faults()
    if not 1 <= len(lines) <= 200:
        faults.add("/lines", "must be 1 to 200")
    for i, line in enumerate(lines[:200]):
        faults.sku(f"/lines/{i}/sku", line.sku)
        faults.number(f"/lines/{i}/received", line.received, 0, MAX_UNITS)
        faults.number(f"/lines/{i}/rejected", line.rejected, 0, MAX_UNITS)
        if not line.received + line.rejected:
            faults.add(f"/lines/{i}", "must say that something came")
        line.reason = faults.text(f"/lines/{i}/reason", line.reason, 200)
        line.batch = faults.text(f"/lines/{i}/batch", line.batch, 64)
    if len({(line.sku, line.batch) for line in lines}) < len(lines):
        faults.add("/lines", "must name each SKU and batch once")
    if warehouse:
        faults.warehouse("/warehouse", warehouse)
    faults.text("/by", by, 128)
    faults.text("/request_id", request_id, 255, least=1)
    faults.refuse(InvalidPurchaseOrder)
