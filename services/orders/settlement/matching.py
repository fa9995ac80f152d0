"""This is where a file is compared with our books, step by step: its rows first, then our own movements it does not have."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from services.kit.clock import Clock
from services.kit.ids import id_of_moment
from services.kit.store import Store
from services.orders import limits
from services.orders.messages.money import payout_reconciled
from services.orders.orders import Order

from .differences import Difference, Differences, id_of
from .files import BATCH, File, Files
from .lines import Entry, Outcome, Row, Type, compared, entries
from .payouts import Payout, added

log = logging.getLogger(__name__)
_LOOK_BACK = timedelta(days=45)  # an order may be captured, and refunded, so long after it was placed
_DIFFERS = (Outcome.MISSING_HERE, Outcome.AMOUNT_DIFFERS, Outcome.CURRENCY_DIFFERS, Outcome.FEE_DIFFERS)


class Matching:
    """The chore. Each step bears repeating: rows are compared anew, differences and payouts are kept once."""

    def __init__(
        self,
        files: Files,
        differences: Differences,
        payouts: Store[Payout],
        orders: Store[Order],
        fee_bp: int,
        clock: Clock,
        count: Callable[[str, int], None],
    ) -> None:
        self._files, self._differences, self._payouts, self._orders = files, differences, payouts, orders
        self._fee_bp, self._clock, self._count = fee_bp, clock, count

    async def round(self) -> None:
        """Takes the file whose turn it is as far as it goes."""
        file = await self._files.next()
        while file is not None and file.state != "done":
            await (self._rows(file) if file.state == "matching" else self._sweep(file))
            file = await self._files.kept(file)

    async def _rows(self, file: File) -> None:
        rows = await self._files.batch(file)
        if not rows:
            file.state, file.cursor = "sweeping", ""
            await self._paid_out(file)
            return
        readable = [row for row in rows if row.outcome != Outcome.BROKEN]
        orders = await self._orders.get_many(sorted({r.order_id for r in readable if limits.is_id(r.order_id, "ord")}))
        known = {order.id: entries(order) for order in orders.values()}
        by_claim, by_uid = await self._files.claimed(
            [row.claim for row in readable if row.claim], [row.uid for row in readable]
        )
        for row in readable:
            entry = known.get(row.order_id, {}).get(row.claim)
            await self._compare(file, row, entry, by_claim, by_uid)
        await self._files.became(readable)
        await self._differences.came([row.claim for row in readable if row.outcome == Outcome.MATCHED])
        for row in rows:
            file.count(row.outcome)
        file.seen(readable)
        file.done, file.cursor = file.done + len(rows), rows[-1].id

    async def _compare(
        self, file: File, row: Row, entry: Entry | None, by_claim: dict[str, str], by_uid: dict[str, str]
    ) -> None:
        if by_uid.setdefault(row.uid, row.id) != row.id:
            row.outcome = Outcome.REPEATED.value  # another file had this very line
            return
        if row.type == Type.PAYOUT:
            row.outcome = Outcome.MATCHED.value  # compared with the sum of its lines, once all are there
            return
        if by_claim.setdefault(row.claim, row.id) != row.id:
            row.outcome, row.differs_minor = Outcome.DUPLICATE.value, abs(row.amount_minor)
            await self._differs(file, row, Outcome.DUPLICATE, 0, row.amount_minor)
            return
        outcome, ours, theirs = compared(row, entry, self._fee_bp)
        row.outcome = outcome.value
        if outcome in _DIFFERS:
            row.differs_minor = abs(ours - theirs)
            await self._differs(file, row, outcome, ours, theirs)

    async def _differs(self, file: File, row: Row, outcome: Outcome, ours: int, theirs: int) -> None:
        order_id = row.order_id if limits.is_id(row.order_id, "ord") else ""
        difference = Difference(
            id_of(outcome, row.uid), outcome.value, file.id, row.uid, order_id, row.claim, row.currency, ours, theirs,
            self._clock.now(),
        )  # fmt: skip
        if await self._differences.found(difference):
            self._count(outcome.value, difference.minor)

    async def _paid_out(self, file: File) -> None:
        """Adds up what was paid out; told once a payout."""
        payouts: dict[str, Payout] = {}
        cursor = ""
        while True:
            rows, cursor = await self._files.rows_of(file.id, "", 100, cursor)
            added(payouts, rows, file.provider)
            if not cursor:
                break
        for payout in payouts.values():
            if payout.stated_minor is not None and payout.stated_minor != payout.net_minor:
                await self._stated(file, payout)
            if await self._payouts.get(payout.id) is None:
                await self._payouts.insert(payout, payout_reconciled(payout, self._clock.now()))

    async def _stated(self, file: File, payout: Payout) -> None:
        stated, kind = payout.stated_minor or 0, Outcome.PAYOUT_DIFFERS
        payout.difference_minor += abs(stated - payout.net_minor)
        difference = Difference(
            id_of(kind, payout.id), kind.value, file.id, f"{file.provider}:{payout.payout_id}", "", payout.payout_id,
            payout.currency, payout.net_minor, stated, self._clock.now(),
        )  # fmt: skip
        if await self._differences.found(difference):
            file.count(kind.value)
            self._count(kind.value, difference.minor)

    async def _sweep(self, file: File) -> None:
        """Our own movements within the file's span that no file has: missing at the provider."""
        if file.begins_at is None or file.ends_at is None:
            file.state = "done"
            return
        begin = max(file.cursor, id_of_moment("ord", file.begins_at - _LOOK_BACK))
        end = id_of_moment("ord", file.ends_at + timedelta(seconds=1))
        orders = await self._orders.find({"_id": {"$gt": begin, "$lt": end}}, limit=BATCH)
        if not orders:
            file.state = "done"
            return
        await self._missing(file, orders)
        file.cursor = orders[-1].id

    async def _missing(self, file: File, orders: Sequence[Order]) -> None:
        if file.begins_at is None or file.ends_at is None:
            return
        expected: dict[str, tuple[Order, Entry]] = {}
        for order in orders:
            for claim, entry in entries(order).items():
                if entry.provider == file.provider and file.begins_at <= entry.at <= file.ends_at and entry.minor:
                    expected[claim] = (order, entry)
        claimed, _ = await self._files.claimed(sorted(expected), [])
        for claim in expected.keys() - claimed.keys():
            order, entry = expected[claim]
            kind = Outcome.MISSING_AT_PROVIDER
            difference = Difference(
                id_of(kind, claim), kind.value, file.id, "", order.id, claim, entry.currency, entry.minor, 0,
                self._clock.now(),
            )  # fmt: skip
            if await self._differences.found(difference):
                file.count(kind.value)
                self._count(kind.value, difference.minor)
