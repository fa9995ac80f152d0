"""This is where orders are drafted by themselves (C41): those of a run together, and one at once when a line is crossed
between two runs. A person approves them; here nothing is bought.

A crossing is decided in the line's own document, once, by whoever has seen the crossing before it; what is drafted for it
carries the SKU and its number, so that a repeat finds the first one's order.
"""

from collections.abc import Sequence

from services.catalog.notices import Notices
from services.catalog.purchasing.drafts import DraftLine, NoSupplier
from services.catalog.purchasing.orders import PurchaseOrder, Why
from services.catalog.purchasing.purchasing import Purchasing
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.store import Document

from .plan import PlanLine, explained, to_order
from .policies import Mode

BY = "autopilot"
_AT_ONCE = 100
_WATCHED = {"crossing": 1, "mode": 1, "line": 1, "up_to": 1, "moq": 1, "pack_size": 1}


class Drafting:
    """Watches lines and drafts what they call for."""

    def __init__(self, lines: Table[PlanLine], skus: Table[Sku], purchasing: Purchasing, notices: Notices) -> None:
        self._lines, self._skus, self._purchasing, self._notices = lines, skus, purchasing, notices
        self._moved: set[str] = set()

    def noticed(self, skus: Sequence[str]) -> None:
        """Units of these went: `watch` will look at their lines. What a crash forgets, the next run finds."""
        self._moved.update(skus)

    async def watch(self) -> None:
        """Looks whether what went has crossed its line, and drafts what waits for it."""
        while self._moved:
            await self._look([self._moved.pop() for _ in range(min(_AT_ONCE, len(self._moved)))])
        for line in await self._lines.find({"waiting": True}, limit=_AT_ONCE):
            await self._draft_alone(line)

    async def _look(self, skus: Sequence[str]) -> None:
        # The line first, then what is on order: who drafted in between has raised the crossing, and this look is void.
        fits = {"crossed": False, "batch": "", "mode": {"$ne": Mode.OFF.value}}
        lines = await self._lines.by_keys(skus, _WATCHED, fits)
        if not lines:
            return
        incoming = await self._purchasing.orders.incoming(list(lines))
        stock = await self._skus.by_keys(list(lines), {"available": 1, "on_hand": 1})
        for sku, line in lines.items():
            if sku in stock and stock[sku]["available"] + incoming.get(sku, 0) <= line["line"]:
                await self._cross(sku, line, stock[sku], incoming.get(sku, 0))

    async def _cross(self, sku: str, line: Document, stock: Document, on_order: int) -> None:
        position = stock["available"] + on_order
        quantity = to_order(
            position, line["line"], line["up_to"], due=True, moq=line["moq"], pack_size=line["pack_size"]
        )
        drafts = line["mode"] == Mode.DRAFT.value
        seen = {"_id": sku, "crossing": line["crossing"], "crossed": False, "batch": ""}
        now = {
            "crossed": True,
            "waiting": bool(drafts and quantity),
            "quantity": quantity,
            "to_order": quantity > 0,
            "available": stock["available"],
            "on_hand": sum(stock["on_hand"].values()),
            "on_order": on_order,
        }
        crossed = await self._lines.change(seen, {"$set": now, "$inc": {"crossing": 1}})
        if crossed and quantity and not drafts:
            en, zh = explained(crossed)
            await self._notices.raise_once(f"{sku}:{crossed.crossing}", "replenish", sku, en, zh)

    async def _draft_alone(self, line: PlanLine) -> None:
        why, request_id = Why(*explained(line)), f"replenish:{line.id}:{line.crossing}"
        try:
            orders, _ = await self._purchasing.orders.draft([_need(line)], why, BY, request_id)
        except NoSupplier:
            orders = []
            await self._notices.raise_once(
                line.id,
                "no_supplier",
                line.id,
                f"{line.id} runs low and there is no approved supplier to order it from",
                f"{line.id} 库存不足，且没有已批准的供应商可供订货",
            )
        await self._lines.touch([_drafted(line, orders)])

    async def draft_batch(self, run: str) -> int:
        """Drafts some of what a run has decided to order; answers how many lines, 0 when all of it is."""
        where = {"batch": run}
        lines = await self._lines.find(where, [("supplier_id", 1), ("_id", 1)], _AT_ONCE)
        if not lines:
            return 0
        number = f"{lines[0].id}:{lines[0].crossing}"
        why = Why(
            f"Replenishment of {lines[0].made_at.date()}: {len(lines)} goods are below their level; the plan says why each.",
            f"{lines[0].made_at.date()} 补货：{len(lines)} 种商品低于补货水位，各项理由见补货计划。",
        )
        if len(lines) == 1:
            why = Why(*explained(lines[0]))
        try:
            orders, _ = await self._purchasing.orders.draft(
                [_need(line) for line in lines], why, BY, f"replenish:{run}:{number}"
            )
        except NoSupplier:  # one of them has lost its supplier since it was planned: each for itself
            await self._lines.touch(
                [({"_id": line.id, "batch": run}, {"$set": {"batch": "", "waiting": True}}) for line in lines]
            )
        else:
            # The first names the request: while it is not marked, a repeat asks the same and finds what was ordered.
            await self._lines.touch([_drafted(line, orders) for line in lines[1:] if _of(line, orders)])
            await self._lines.touch([_drafted(lines[0], orders)])
        return len(lines)


def _of(line: PlanLine, orders: Sequence[PurchaseOrder]) -> list[str]:
    return [order.id for order in orders if order.line(line.id)]


def _drafted(line: PlanLine, orders: Sequence[PurchaseOrder]) -> tuple[Document, Document]:
    done = {"batch": "", "waiting": False, "orders": _of(line, orders)}
    return {"_id": line.id, "crossing": line.crossing}, {"$set": done}


def _need(line: PlanLine) -> DraftLine:
    return DraftLine(line.id, line.quantity, line.stock_class)
