"""This is where a line is crossed between two runs, and one order is drafted for it, whoever sees it."""

import asyncio

from services.catalog.purchasing.purchase_orders import Step
from services.catalog.purchasing.suppliers import SupplierState
from services.catalog.supply.policies import Mode, ReplenishmentPolicy
from tests.catalog.counter import Counter
from tests.catalog.supply.replicas import Replica


async def _above_the_line(counter: Counter, replica: Replica, mode: Mode = Mode.DRAFT) -> Replica:
    """A sells nine a day; 500 are on the shelf, and the run has nothing to order."""
    await counter.sell("A", stock=500)
    await replica.buyer.quotes(await replica.buyer.supplier(), "A", lead_time_days=7)
    await replica.history("A", units=9)
    await replica.wing.policies.put(ReplenishmentPolicy("sku:A", mode, 9_700, 7))
    await replica.alone()
    assert (await replica.run()).counts["to_order"] == 0
    return replica


async def test_crossing_the_line_drafts_one_order(counter: Counter, replica: Replica) -> None:
    await _above_the_line(counter, replica)
    line = await replica.line("A")
    await replica.lose("A", 500 - line.line - 1)
    await replica.wing.drafting.watch()
    assert await replica.orders() == []  # one above it
    for _ in range(3):
        await replica.lose("A", 1)
        await replica.wing.drafting.watch()
    (order,) = await replica.orders()
    (ordered,) = order.lines
    assert ordered.ordered == line.up_to - line.line
    now = await replica.line("A")
    assert (now.orders, now.quantity, now.available) == ([order.id], ordered.ordered, line.line)
    assert f"Order {ordered.ordered}: forecast" in order.why[0].en


async def test_ten_replicas_who_see_it_at_once_draft_one_order(counter: Counter, replica: Replica) -> None:
    await _above_the_line(counter, replica)
    others = [Replica(counter) for _ in range(9)]
    await replica.lose("A", 490)
    for other in others:
        other.wing.drafting.noticed(["A"])
    await asyncio.gather(*(each.wing.drafting.watch() for each in (replica, *others)))
    await asyncio.gather(*(each.wing.drafting.watch() for each in (replica, *others)))
    (order,) = await replica.orders()
    assert order.asked_by == ["replenish:A:1"]
    for other in others:
        await other.close()


async def test_what_a_replica_decided_before_it_died_another_drafts(counter: Counter, replica: Replica) -> None:
    await _above_the_line(counter, replica)
    await replica.lose("A", 490)
    await replica.wing.drafting._look(["A"])  # and here it dies
    assert (await replica.line("A")).waiting and await replica.orders() == []
    await replica.run()  # a run leaves alone what is about to be drafted
    assert await replica.orders() == []
    another = Replica(counter)
    await another.wing.drafting.watch()
    await another.wing.drafting.watch()
    assert len(await replica.orders()) == 1
    assert (await replica.run()).counts["to_order"] == 0
    await another.close()


async def test_who_cancels_a_draft_is_not_asked_again_before_the_next_run(counter: Counter, replica: Replica) -> None:
    await _above_the_line(counter, replica)
    await replica.lose("A", 490)
    await replica.wing.drafting.watch()
    (order,) = await replica.orders()
    await replica.core.purchasing.orders.move(order.id, Step.CANCEL, 0, "staff", reason="not now")
    await replica.lose("A", 1)
    await replica.wing.drafting.watch()
    assert len(await replica.orders()) == 1
    counter.house.clock.advance(days=7)
    await replica.run()
    assert len(await replica.orders()) == 2


async def test_where_it_may_only_suggest_staff_are_told_once(counter: Counter, replica: Replica) -> None:
    await _above_the_line(counter, replica, Mode.SUGGEST)
    for _ in range(2):
        await replica.lose("A", 245)
        await replica.wing.drafting.watch()
    assert await replica.orders() == []
    notices, _ = await replica.core.notices.page("replenish", True, 9, "")
    assert [notice.subject for notice in notices] == ["A"]


async def test_when_the_supplier_is_gone_staff_are_told_and_nothing_hangs(counter: Counter, replica: Replica) -> None:
    await _above_the_line(counter, replica)
    (supplier,) = await replica.core.purchasing.tables.suppliers.find({})
    supplier.state = SupplierState.SUSPENDED
    await replica.core.purchasing.tables.suppliers.save(supplier)
    await replica.lose("A", 490)
    await replica.wing.drafting.watch()
    line = await replica.line("A")
    assert (line.waiting, line.quantity > 0) == (False, True)
    notices, _ = await replica.core.notices.page("no_supplier", True, 9, "")
    assert [notice.subject for notice in notices] == ["A"]
