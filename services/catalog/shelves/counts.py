"""This is where shelves are counted: a sheet freezes what the books say, and what is found differs from the books of the
moment it was counted. Sales before and after go on and falsify nothing.
"""

from collections.abc import Sequence
from typing import Any

from services.catalog.fields import MAX_UNITS, Faults
from services.catalog.moves import Move, moving, shortage
from services.catalog.notices import Notices
from services.catalog.settings import CatalogSettings
from services.catalog.skus import Sku
from services.catalog.stock import COUNTED
from services.catalog.store import NotAsSeen, Table, together
from services.kit.clock import Clock
from services.kit.errors import Conflict, FieldError, Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.kit.store import decode_cursor, encode_cursor, found

from .proposals import Proposals
from .sheets import Choice, Count, CountLine, CountState, Outcome, line_of

_AT_ONCE = 200
_TRIES = 5


class CountNotFound(NotFound):
    """There is no such sheet."""


class InvalidCount(Invalid):
    """It cannot be counted so; `errors` say why."""


class CountClosed(WrongState):
    """The sheet is approved or called off. meta: state."""


class SecondPersonNeeded(WrongState):
    """The differences are worth more than one person may book alone. meta: currency, minor."""


class Counts:
    """Opens sheets, takes what was counted, books the differences."""

    def __init__(
        self,
        counts: Table[Count],
        lines: Table[CountLine],
        skus: Table[Sku],
        choice: Choice,
        proposals: Proposals,
        notices: Notices,
        settings: CatalogSettings,
        clock: Clock,
    ) -> None:
        self._counts, self._lines, self._skus, self._choice = counts, lines, skus, choice
        self._proposals, self._notices, self._settings, self._clock = proposals, notices, settings, clock

    async def open(self, warehouse: str, skus: Sequence[str], category: str, proposed: int, by: str) -> Count:
        """A sheet of these SKUs, of a category, of the first `proposed` proposals, or of all that lies there.

        Refuses with INVALID_COUNT.
        """
        faults = Faults()
        warehouse = faults.warehouse("/warehouse", warehouse)
        faults.text("/by", by, 128)
        faults.refuse(InvalidCount)
        chosen = await self._choice.made(warehouse, skus, category, proposed)
        if not 1 <= len(chosen) <= self._choice.most:
            message = f"must name 1 to {self._choice.most} SKUs; there are {len(chosen) or 'none'}"
            raise InvalidCount(message, errors=[FieldError("/skus", message)])
        count = Count(new_id("cnt"), warehouse, len(chosen), by, self._clock.now())
        lines = [self._lines.inserting(line_of(count, seen)) for seen in chosen]
        await self._lines.write_each(lines)
        return await self._counts.insert(count)

    async def get(self, count_id: str) -> Count:
        """Refuses with COUNT_NOT_FOUND."""
        return found(await self._counts.get(count_id), CountNotFound("there is no such sheet"))

    async def page(self, state: str, limit: int, cursor: str) -> tuple[list[Count], str]:
        """Newest first, in one state or all, and where the next page starts."""
        size = min(limit or 20, 100)
        where: dict[str, object] = {"_id": {"$lt": decode_cursor(cursor, 1)[0]}} if cursor else {}
        if state:
            where["state"] = state
        items = await self._counts.find(where, [("_id", -1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""

    async def lines_of(self, count_id: str, limit: int, cursor: str) -> tuple[list[CountLine], str]:
        """A sheet's lines by SKU, and where the next page starts. Refuses with COUNT_NOT_FOUND."""
        await self.get(count_id)
        size, where = min(limit or 20, 100), dict[str, Any](count_id=count_id)
        if cursor:
            where["sku"] = {"$gt": decode_cursor(cursor, 1)[0]}
        items = await self._lines.find(where, [("sku", 1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].sku) if len(items) > size else ""

    async def put(self, count_id: str, counted: Sequence[tuple[str, int]], by: str) -> Count:
        """Notes what was found of some SKUs; the last word about each counts.

        Refuses with COUNT_NOT_FOUND, COUNT_CLOSED, INVALID_COUNT.
        """
        _check(counted, by)
        for _ in range(_TRIES):
            count = await self.get(count_id)
            _demand_open(count)
            keys = [f"{count_id}|{sku}" for sku, _ in counted]
            if missing := set(keys) - set(await self._lines.by_keys(keys, {"_id": 1})):
                sku = min(missing).partition("|")[2]
                raise InvalidCount(f"{sku} is not on this sheet", errors=[FieldError("/lines", f"{sku} is not on it")])
            there = await self._skus.by_keys([sku for sku, _ in counted], {"on_hand": 1})
            now, noted = self._clock.now(), []
            for sku, units in counted:
                expected = there[sku]["on_hand"].get(count.warehouse, 0)
                fields = {"counted": units, "expected": expected, "counted_by": by, "counted_at": now}
                noted.append(self._lines.changing({"_id": f"{count_id}|{sku}"}, {"$set": fields}))
            still_open = {"_id": count_id, "state": CountState.OPEN.value}
            mark = self._counts.changing(still_open, {"$addToSet": {"counters": by}})
            try:
                await together((self._counts, [mark]), (self._lines, noted))
            except NotAsSeen:
                continue
            return await self.get(count_id)
        raise Conflict("this sheet is being counted by many")

    async def approve(self, count_id: str, by: str) -> Count:
        """Books every difference once; again it goes on where a crash left it.

        Refuses with COUNT_NOT_FOUND, COUNT_CLOSED, SECOND_PERSON_NEEDED.
        """
        count = await self.get(count_id)
        if count.state is CountState.OPEN:
            await self._demand_second(count, by)
            approved = {"state": CountState.APPROVED.value, "closed_by": by, "closed_at": self._clock.now()}
            where = {"_id": count_id, "version": count.version}
            count = await self._counts.change(where, {"$set": approved}) or await self.approve(count_id, by)
        if count.state is CountState.CANCELLED:
            _demand_open(count)
        return await self._finish(count) if count.state is CountState.APPROVED else count

    async def finish(self) -> None:
        """Goes on with what a crash left approved and not booked."""
        for count in await self._counts.find({"state": CountState.APPROVED.value}, [("_id", 1)], 10):
            await self._finish(count)

    async def cancel(self, count_id: str, by: str) -> Count:
        """Calls a sheet off; again it changes nothing. Refuses with COUNT_NOT_FOUND, COUNT_CLOSED."""
        ended = {"$set": {"state": CountState.CANCELLED.value, "closed_by": by, "closed_at": self._clock.now()}}
        if count := await self._counts.change({"_id": count_id, "state": CountState.OPEN.value}, ended):
            return count
        count = await self.get(count_id)
        if count.state is not CountState.CANCELLED:
            _demand_open(count)
        return count

    async def _demand_second(self, count: Count, by: str) -> None:
        """Refuses with SECOND_PERSON_NEEDED when who counted would approve differences worth much."""
        if by not in count.counters:
            return
        value = {"$abs": {"$multiply": [{"$subtract": ["$counted", "$expected"]}, "$cost_minor"]}}
        stages = [
            {"$match": {"count_id": count.id, "counted": {"$ne": None}}},
            {"$group": {"_id": "$currency", "minor": {"$sum": value}}},
        ]
        for row in await self._lines.aggregate(stages):
            if row["minor"] > self._settings.count_alone_minor:
                message = "who counted may not approve differences worth so much"
                raise SecondPersonNeeded(message, currency=row["_id"], minor=row["minor"])

    async def _finish(self, count: Count) -> Count:
        where = {"count_id": count.id, "counted": {"$ne": None}, "outcome": Outcome.NONE.value}
        while some := await self._lines.find(where, [("sku", 1)], _AT_ONCE):
            outcomes = await self._book(count, some)
            updates = [({"_id": line.id}, {"$set": {"outcome": outcomes[line.sku].value}}) for line in some]
            await self._lines.touch(updates)
            at = {line.sku: line.counted_at for line in some if line.counted_at}
            await self._proposals.counted(count.warehouse, at)
        booked = {"$set": {"state": CountState.BOOKED.value}}
        await self._counts.change({"_id": count.id, "state": CountState.APPROVED.value}, booked)
        return await self.get(count.id)

    async def _book(self, count: Count, lines: Sequence[CountLine]) -> dict[str, Outcome]:
        outcomes = {line.sku: Outcome.BOOKED if line.difference else Outcome.EQUAL for line in lines}
        moves = {line.sku: [Move(count.warehouse, line.difference, "count")] for line in lines if line.difference}
        ref, now = f"count:{count.id}", self._clock.now()
        for _ in range(_TRIES):
            seen = await self._skus.by_keys(list(moves), COUNTED | {"refs": {"$elemMatch": {"$eq": ref}}})
            for sku in list(moves):
                if "refs" in seen[sku]:
                    del moves[sku]
                elif shortage(seen[sku], moves[sku]):
                    outcomes[sku] = Outcome.HELD
                    await self._tell_held(count, sku)
                    del moves[sku]
            if not moves:
                return outcomes
            await self._skus.change_many(
                [
                    moving(seen[sku], of_sku, ref=ref, reference=count.id, by=count.closed_by, at=now)
                    for sku, of_sku in moves.items()
                ]
            )
        raise Conflict("these SKUs are being moved by others")

    async def _tell_held(self, count: Count, sku: str) -> None:
        await self._notices.raise_once(
            f"{count.id}|{sku}",
            "count_held",
            sku,
            f"Fewer of {sku} were counted in {count.warehouse} than orders hold: see to these orders, then count again",
            f"{count.warehouse} 仓 {sku} 实盘数少于订单占用数：请先处理相关订单，再重新盘点",
        )


def _demand_open(count: Count) -> None:
    if count.state is not CountState.OPEN:
        raise CountClosed(f"the sheet is {count.state.value}", state=count.state.value)


def _check(counted: Sequence[tuple[str, int]], by: str) -> None:
    faults = Faults()
    if not 1 <= len(counted) <= _AT_ONCE:
        raise InvalidCount("no lines, or too many", errors=[FieldError("/lines", f"must be 1 to {_AT_ONCE}")])
    for i, (sku, units) in enumerate(counted):
        faults.sku(f"/lines/{i}/sku", sku)
        faults.number(f"/lines/{i}/units", units, 0, MAX_UNITS)
    if len({sku for sku, _ in counted}) < len(counted):
        faults.add("/lines", "must name each SKU once")
    faults.text("/by", by, 128)
    faults.refuse(InvalidCount)
