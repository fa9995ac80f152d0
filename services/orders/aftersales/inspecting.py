"""This is where what came back is looked at, unit by unit: as new, opened, damaged, scrap, or not in the parcel at all."""

from collections.abc import Sequence
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import VersionMismatch
from services.kit.store import Store, encode
from services.orders import limits
from services.orders.orders import Happened, Order
from services.orders.pricing import paid_for_units

from .intake import Together
from .messages.returns import return_changed, return_received
from .returns import (
    GRADES,
    Found,
    IllegalTransition,
    InvalidReturn,
    Return,
    ReturnBusy,
    ReturnLine,
    ReturnNotFound,
    ReturnState,
    step,
)
from .reviewing import take_back
from .statistics import Statistics

_TRIES = 10
_FROM = (ReturnState.APPROVED, ReturnState.ARRIVED)


class Inspecting:
    """Takes goods in."""

    def __init__(
        self,
        returns: Store[Return],
        orders: Store[Order],
        together: Together,
        statistics: Statistics,
        clock: Clock,
    ) -> None:
        self._returns, self._orders, self._together = returns, orders, together
        self._statistics, self._clock = statistics, clock

    async def receive(self, return_id: str, by: str, sound: bool, warehouse: str) -> Return:
        """All of it is back, sound or not; again changes nothing. Refuses with RETURN_NOT_FOUND, ILLEGAL_TRANSITION."""
        rma = await self._get(return_id)
        grade = "A" if sound else "C"
        return await self.inspect(
            return_id, by, warehouse, [Found(line.sku, {grade: line.quantity}) for line in rma.lines]
        )

    async def inspect(self, return_id: str, by: str, warehouse: str, found: Sequence[Found], note: str = "") -> Return:
        """So many of each grade are back; what is missing can be claimed again and is not paid for. Again changes nothing.
        Refuses with RETURN_NOT_FOUND, ILLEGAL_TRANSITION, INVALID_RETURN, RETURN_BUSY."""
        shelf = limits.text(warehouse, "/warehouse", 64, InvalidReturn) or "main"
        who, text = limits.text(by, "/by", 64), limits.text(note, "/note", 500, InvalidReturn)
        for _ in range(_TRIES):
            rma = await self._get(return_id)
            if rma.state is ReturnState.RECEIVED:
                return rma
            if rma.state not in _FROM:
                raise IllegalTransition(f"it is {rma.state.value}")
            order = await self._orders.get(rma.order_id)
            if order is None:
                raise ReturnNotFound("its order is gone")
            before = rma.state
            _graded(rma, order, found)
            rma.state, rma.warehouse = ReturnState.RECEIVED, shelf
            rma.sound = all(set(line.grades) <= {"A"} for line in rma.lines)
            try:
                await self._kept(rma, order, before, who, text)
                return await self._get(return_id)
            except VersionMismatch:
                continue
        raise ReturnBusy("the order keeps changing", retry_after_s=1)

    async def _kept(self, rma: Return, order: Order, before: ReturnState, by: str, note: str) -> None:
        now = self._clock.now()
        order.events.append(Happened(f"received:{rma.id}", "return_received", now, "The goods are back."))
        told = return_received(order, rma, now), return_changed(rma, ReturnState.RECEIVED, now)
        update = {
            "$set": {
                "state": rma.state.value,
                "sound": rma.sound,
                "warehouse": rma.warehouse,
                "lines": encode(rma.lines),
                "by.received": by,
            },
            "$push": {"steps": step(rma.state, now, by, note)},
        }

        async def both(session: Any) -> None:
            where = {"_id": rma.id, "state": before.value}
            if await self._returns.change(where, update, *told, session=session) is None:
                raise VersionMismatch("it has just changed")
            await self._orders.save(order, session=session)
            await self._statistics.received(rma, now, session)

        await self._together(both)

    async def _get(self, return_id: str) -> Return:
        rma = await self._returns.get(return_id) if limits.is_id(return_id, "ret") else None
        if rma is None:
            raise ReturnNotFound("no such return")
        return rma


def _graded(rma: Return, order: Order, found: Sequence[Found]) -> None:
    """Writes the grades into the lines; what was not there is given up, and its money with it."""
    by_sku = {one.sku: one for one in found}
    if len(by_sku) != len(found) or set(by_sku) - {line.sku for line in rma.lines}:
        raise limits.refused("/lines", "lines of this return, each SKU once", InvalidReturn)
    for line in rma.lines:
        grades = {grade: count for grade, count in by_sku.get(line.sku, Found(line.sku)).grades.items() if count}
        if set(grades) - set(GRADES) or any(count < 0 for count in grades.values()):
            raise limits.refused("/lines", f"units by grade: {', '.join(GRADES)}", InvalidReturn)
        if sum(grades.values()) > line.quantity:
            raise limits.refused("/lines", f"at most {line.quantity} of {line.sku}", InvalidReturn)
        line.grades = grades
        _without_missing(line, order)
    if not any(line.grades for line in rma.lines):
        raise limits.refused("/lines", "at least one unit: reject or cancel what never came", InvalidReturn)


def _without_missing(line: ReturnLine, order: Order) -> None:
    line.missing = line.quantity - sum(line.grades.values())
    if line.missing:
        there = line.quantity - line.missing
        refund = paid_for_units(line.refund_minor, line.quantity, 0, there)
        credit = paid_for_units(line.credit_minor, line.quantity, 0, there)
        take_back(order.line(line.sku), line.missing, line.refund_minor - refund, line.credit_minor - credit)
        line.quantity, line.refund_minor, line.credit_minor = there, refund, credit
