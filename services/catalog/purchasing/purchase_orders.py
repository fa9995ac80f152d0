"""This is where purchase orders are drafted, pooled, and taken from step to step until they are closed."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.catalog.fields import Faults
from services.catalog.shelves.classes import SkuClass
from services.catalog.store import NotAsSeen, Table, Write, together
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, NotAllowed, VersionMismatch, WrongState
from services.kit.ids import new_id
from services.kit.store import decode_cursor, encode_cursor, found

from . import drafts, pools
from .drafts import DraftLine, Part
from .numbers import Numbers
from .orders import (
    AWAITED,
    InvalidPurchaseOrder,
    OrderState,
    PurchaseOrder,
    PurchaseOrderBusy,
    PurchaseOrderNotFound,
    StepTaken,
    Why,
    take_step,
)
from .policy import Policies
from .store import content_of, open_units
from .supplier_items import SupplierItem, SupplierItems
from .suppliers import Suppliers, SupplierState

_TRIES = 12
_MOST = 100
_AT_ONCE = 50
_MOST_PARTS = 200  # of a request: as many as it has lines
_MOST_WHY = 50
_PAUSE_S = 0.02


class Step(StrEnum):
    """What is done to an order."""

    APPROVE = "approve"
    SEND = "send"  # the supplier has it
    CONFIRM = "confirm"  # it has promised a date
    CANCEL = "cancel"
    CLOSE = "close"


_LEADS_TO = {
    Step.SEND: OrderState.SENT,
    Step.CONFIRM: OrderState.CONFIRMED,
    Step.CANCEL: OrderState.CANCELLED,
    Step.CLOSE: OrderState.CLOSED,
}


class ApprovalNeeded(NotAllowed):
    """Worth more than the policy lets everybody approve: the owner or finance must."""


class SupplierNotApproved(WrongState):
    """Nothing is ordered from a supplier that is not approved."""


class PurchaseOrders:
    """Drafts purchase orders and moves them; `receipts.py` takes in what comes."""

    def __init__(
        self,
        orders: Table[PurchaseOrder],
        suppliers: Suppliers,
        items: SupplierItems,
        policies: Policies,
        numbers: Numbers,
        classes: Table[SkuClass],
        clock: Clock,
    ) -> None:
        self._orders, self._suppliers, self._items, self._classes = orders, suppliers, items, classes
        self._policies, self._numbers, self._clock = policies, numbers, clock

    async def draft(
        self, lines: Sequence[DraftLine], why: Why, by: str, request_id: str
    ) -> tuple[list[PurchaseOrder], bool]:
        """Makes orders of needs, all of them or none, once a request id; answers the drafts made and the pools added to,
        and whether it is the first answer once more.

        A-class lines become orders of their own, B-class one a supplier, C-class go into the supplier's pool. Refuses with
        INVALID_PURCHASE_ORDER, NO_SUPPLIER.
        """
        drafts.check_needs(lines, why, by, request_id)
        for _ in range(_TRIES):
            if earlier := await self._orders.find({"asked_by": request_id}, limit=_MOST_PARTS):
                return earlier, True
            skus = [line.sku for line in lines]
            classes = {sku: row["abc"] for sku, row in (await self._classes.by_keys(skus, {"abc": 1})).items()}
            needs, offers = drafts.classed(lines, classes), drafts.chosen(lines, await self._items.of(skus))
            try:
                return await self._drafted(drafts.parts(needs, offers, why), by, request_id), False
            except (AlreadyExists, NotAsSeen):  # the same request, or another one for the same pool
                await asyncio.sleep(random.uniform(0, _PAUSE_S))
        raise PurchaseOrderBusy("the pool is being added to by others", retry_after_s=1)

    async def _drafted(self, parts: Sequence[Part], by: str, request_id: str) -> list[PurchaseOrder]:
        numbers = iter(await self._numbers.take(len(parts)))
        more: dict[str, int] = defaultdict(int)
        made: list[PurchaseOrder] = []
        writes: list[Write] = []
        for part in parts:
            pool = await self._pool(part) if part.pooled else None
            order = pool or self._new(part, next(numbers), by, f"{request_id}#{part.name}")
            order.asked_by.append(request_id)
            if pool:
                drafts.added(pool, part.lines)
                pool.why += [why for why in part.why if why not in pool.why][: max(0, _MOST_WHY - len(pool.why))]
            await self._consider(order, part, more)
            seen = {"_id": order.id, "version": order.version}
            writes.append(
                self._orders.changing(seen, {"$set": content_of(order)}) if pool else self._orders.inserting(order)
            )
            order.version = seen["version"] + 1 if pool else order.version  # type: ignore[operator]
            made.append(order)
        await together((self._orders, writes))
        return made

    async def _pool(self, part: Part) -> PurchaseOrder | None:
        return await self._orders.one({"only": _pool_name(part)})

    def _new(self, part: Part, number: str, by: str, name: str) -> PurchaseOrder:
        order_id, now = new_id("po"), self._clock.now()
        state = OrderState.POOLING if part.pooled else OrderState.DRAFT
        return PurchaseOrder(
            id=order_id,
            number=number,
            supplier_id=part.supplier.id,
            supplier_name=part.supplier.name,
            currency=part.supplier.currency,
            warehouse=part.warehouse,
            state=state,
            lines=list(part.lines),
            why=list(part.why),
            warnings=[],
            asked_by=[],
            part=name,
            only=_pool_name(part) if part.pooled else order_id,
            created_at=now,
            by=by,
            steps=[StepTaken(state, now, by)],
        )

    async def _consider(self, order: PurchaseOrder, part: Part, more: dict[str, int]) -> None:
        """Warns of too much for a supplier; says until when a pool waits, and closes it when it need not."""
        supplier = part.supplier
        wanted = sum(line.ordered for line in part.lines)
        on_order = await open_units(self._orders, supplier.id) + more[supplier.id]
        more[supplier.id] += wanted
        if warning := drafts.over_capacity(supplier, on_order, wanted):
            order.warnings = [warning]
        if not part.pooled:
            return
        now = self._clock.now()
        if order.pool_until is None:
            weekday = supplier.pool_weekday or (await self._policies.get()).pool_weekday
            order.pool_until = drafts.next_pool_day(now, weekday)
            order.why.append(drafts.waiting(supplier, order.pool_until))
        items = await self._items_of(order)
        if because := pools.ripe(order, supplier, items, now):
            pools.close(order, items, because, now, "catalog")

    async def _items_of(self, order: PurchaseOrder) -> dict[str, SupplierItem]:
        return await self._items.quoted(order.supplier_id, [line.sku for line in order.lines])

    async def close_pools(self) -> None:
        """Orders the pools whose day has come."""
        now = self._clock.now()
        due = {"state": OrderState.POOLING.value, "pool_until": {"$lte": now}}
        for pool in await self._orders.find(due, [("pool_until", 1)], _AT_ONCE):
            items, seen = await self._items_of(pool), pool.version
            supplier = await self._suppliers.get(pool.supplier_id)
            if because := pools.ripe(pool, supplier, items, now):
                closed = pools.close(pool, items, because, now, "catalog")
                await self._orders.change({"_id": pool.id, "version": seen}, {"$set": content_of(closed)})

    async def get(self, order_id: str) -> PurchaseOrder:
        """Refuses with PURCHASE_ORDER_NOT_FOUND."""
        return found(await self._orders.get(order_id), PurchaseOrderNotFound("there is no such purchase order"))

    async def page(self, state: str, supplier_id: str, limit: int, cursor: str) -> tuple[list[PurchaseOrder], str]:
        """Newest first, in a state or of a supplier or all, and where the next page starts."""
        size = min(limit or 20, _MOST)
        where: dict[str, Any] = {"_id": {"$lt": decode_cursor(cursor, 1)[0]}} if cursor else {}
        if state:
            where["state"] = state
        if supplier_id:
            where["supplier_id"] = supplier_id
        items = await self._orders.find(where, [("_id", -1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""

    async def incoming(self, skus: Sequence[str]) -> dict[str, int]:
        """Units of each SKU that may still come, drafts and pools included; over all warehouses."""
        wanted = {"lines.sku": {"$in": list(skus)}, "state": {"$in": [state.value for state in AWAITED]}}
        groups = await self._orders.aggregate(
            [
                {"$match": wanted},
                {"$unwind": "$lines"},
                {"$match": {"lines.sku": {"$in": list(skus)}}},
                {
                    "$group": {
                        "_id": "$lines.sku",
                        "units": {"$sum": {"$max": [0, {"$subtract": ["$lines.ordered", "$lines.received"]}]}},
                    }
                },
            ]
        )
        return {group["_id"]: group["units"] for group in groups}

    async def approve(self, order_id: str, if_version: int, by: str, *, senior: bool) -> PurchaseOrder:
        """`draft` → `approved`. Refuses with APPROVAL_NEEDED, SUPPLIER_NOT_APPROVED, and as `move` does."""
        policy, seen = await self._policies.get(), await self.get(order_id)
        supplier = await self._suppliers.get(seen.supplier_id)

        def allow(order: PurchaseOrder) -> None:
            if order.value_minor > policy.approve_above_minor and not senior:
                raise ApprovalNeeded("worth more than may be approved without supply.approve")
            if supplier.state is not SupplierState.APPROVED:
                raise SupplierNotApproved(f"{supplier.name} is {supplier.state}", state=supplier.state)

        return await self._move(order_id, if_version, OrderState.APPROVED, by, allow)

    async def move(
        self,
        order_id: str,
        step: Step | None,
        if_version: int,
        by: str,
        *,
        senior: bool = False,
        promised_at: datetime | None = None,
        reason: str = "",
    ) -> PurchaseOrder:
        """Takes an order a step on; one that was taken already changes nothing, but for a new promise.

        Refuses with PURCHASE_ORDER_NOT_FOUND, ILLEGAL_TRANSITION, VERSION_MISMATCH, INVALID_PURCHASE_ORDER.
        """
        faults = Faults()
        reason, by = faults.text("/reason", reason, 300), faults.text("/by", by, 128)
        if step is None:
            faults.add("/move", "must be a step of a purchase order")
        if step is Step.CONFIRM and promised_at is None:
            faults.add("/promised_at", "must say when it will come")
        faults.refuse(InvalidPurchaseOrder)

        def note(order: PurchaseOrder) -> None:
            if step is Step.CONFIRM:
                order.promised_at = promised_at
            elif step is Step.CANCEL:
                order.cancel_reason, order.only = reason, order.id

        if step is Step.APPROVE or step is None:
            return await self.approve(order_id, if_version, by, senior=senior)
        return await self._move(order_id, if_version, _LEADS_TO[step], by, note)

    async def _move(
        self,
        order_id: str,
        if_version: int,
        to: OrderState,
        by: str,
        also: Callable[[PurchaseOrder], None] = lambda _: None,
    ) -> PurchaseOrder:
        """Takes the step; one that was taken already changes nothing. Refuses with PURCHASE_ORDER_NOT_FOUND,
        ILLEGAL_TRANSITION, VERSION_MISMATCH."""
        for _ in range(_TRIES):
            order = await self.get(order_id)
            if order.state is to and to is not OrderState.CONFIRMED:
                return order
            if if_version and order.version != if_version:
                break
            seen = {"_id": order.id, "version": order.version}
            take_step(order, to, self._clock.now(), by)
            also(order)
            if moved := await self._orders.change(seen, {"$set": content_of(order)}):
                return moved
        raise VersionMismatch(f"{order_id} has changed since version {if_version}")


def _pool_name(part: Part) -> str:
    return f"pool:{part.supplier.id}:{part.warehouse}"
