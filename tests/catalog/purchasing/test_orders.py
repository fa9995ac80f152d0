"""This is where needs become purchase orders, once, and take their steps."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.purchasing.drafts import DraftLine, NoSupplier, next_pool_day
from services.catalog.purchasing.orders import IllegalTransition, OrderState, PurchaseOrder, rounded
from services.catalog.purchasing.purchase_orders import ApprovalNeeded, Step, SupplierNotApproved
from services.catalog.purchasing.suppliers import SupplierState
from services.kit.errors import VersionMismatch
from tests.catalog.counter import all_at_once, reasons
from tests.catalog.purchasing.buyer import WHY, Buyer


@given(st.integers(1, 10_000), st.integers(1, 500), st.integers(1, 100))
def test_what_is_ordered_is_enough_and_in_whole_packs_and_not_a_pack_too_much(units: int, moq: int, pack: int) -> None:
    ordered = rounded(units, moq, pack)
    assert ordered >= max(units, moq)
    assert ordered % pack == 0
    assert ordered - pack < max(units, moq)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)), st.integers(1, 7))
def test_a_pool_closes_on_its_weekday_within_a_week(now: datetime, weekday: int) -> None:
    day = next_pool_day(now, weekday)
    assert day.isoweekday() == weekday
    assert timedelta(0) < day - now <= timedelta(days=7)


async def test_each_class_is_ordered_in_its_own_way(buyer: Buyer) -> None:
    await buyer.counter.sell("A1", "A2", "B1", "B2", "C1")
    kiln, mill = await buyer.supplier(), await buyer.supplier("Mill")
    for sku in ("A1", "A2", "B1", "C1"):
        await buyer.quotes(kiln, sku, moq=10)
    await buyer.quotes(mill, "B2", pack_size=12)
    orders = await buyer.draft(
        DraftLine("A1", 5, "A"),
        DraftLine("A2", 20, "A"),
        DraftLine("B1", 10),
        DraftLine("B2", 13),
        DraftLine("C1", 3, "C"),
    )
    made = sorted((order.state.value, [(line.sku, line.ordered) for line in order.lines]) for order in orders)
    assert made == [
        ("draft", [("A1", 10)]),
        ("draft", [("A2", 20)]),
        ("draft", [("B1", 10)]),
        ("draft", [("B2", 24)]),
        ("pooling", [("C1", 3)]),
    ]
    assert all(order.why[0] == WHY for order in orders)
    assert all(why.en and why.zh for order in orders for why in order.why)
    assert len({order.number for order in orders}) == 5
    assert await buyer.purchasing.orders.incoming(["A1", "C1", "B9"]) == {"A1": 10, "C1": 3}


async def test_the_same_request_makes_its_orders_once_however_often_and_at_once(buyer: Buyer) -> None:
    await buyer.counter.sell("A1", "C1")
    kiln = await buyer.supplier(free_freight_minor=10**9)
    await buyer.quotes(kiln, "A1")
    await buyer.quotes(kiln, "C1")
    needs = [DraftLine("A1", 5, "A"), DraftLine("C1", 3, "C")]
    answers = await all_at_once(*(buyer.purchasing.orders.draft(needs, WHY, "staff", "same") for _ in range(20)))
    assert reasons(answers) == []
    assert len({tuple(sorted(order.id for order in orders)) for orders, _ in answers}) == 1
    assert [replayed for _, replayed in answers].count(False) == 1
    assert await buyer.purchasing.orders.incoming(["A1", "C1"]) == {"A1": 5, "C1": 3}


async def test_many_needs_at_once_meet_in_one_pool_and_none_is_lost(buyer: Buyer) -> None:
    await buyer.counter.sell("C1")
    kiln = await buyer.supplier(free_freight_minor=10**9)
    await buyer.quotes(kiln, "C1", moq=500)
    answers = await all_at_once(
        *(buyer.purchasing.orders.draft([DraftLine("C1", 2, "C")], WHY, "staff", f"r{n}") for n in range(8))
    )
    done = [answer for answer in answers if not isinstance(answer, Exception)]
    assert set(reasons(answers)) <= {"PURCHASE_ORDER_BUSY"}
    assert len({orders[0].id for orders, _ in done}) == 1
    assert await buyer.purchasing.orders.incoming(["C1"]) == {"C1": 2 * len(done)}


async def test_a_pool_is_ordered_on_its_day_in_quantities_that_can_be_ordered(buyer: Buyer) -> None:
    await buyer.counter.sell("C1", "C2")
    kiln = await buyer.supplier(pool_weekday=3)
    await buyer.quotes(kiln, "C1", moq=50)
    await buyer.quotes(kiln, "C2", pack_size=12)
    (pool,) = await buyer.draft(DraftLine("C1", 3, "C"), DraftLine("C2", 5, "C"))
    await buyer.purchasing.orders.close_pools()
    assert (await buyer.purchasing.orders.get(pool.id)).state is OrderState.POOLING
    buyer.counter.house.clock.advance(days=7)
    await buyer.purchasing.orders.close_pools()
    order = await buyer.purchasing.orders.get(pool.id)
    assert order.state is OrderState.DRAFT
    assert [(line.sku, line.asked, line.ordered) for line in order.lines] == [("C1", 3, 50), ("C2", 5, 12)]
    assert "day has come" in " ".join(why.en for why in order.why)
    (another,) = await buyer.draft(DraftLine("C1", 3, "C"), request_id="r2")
    assert another.id != order.id


@pytest.mark.parametrize(
    ("free_freight", "quantity", "ripe"), [(2_000, 4, False), (2_000, 5, True), (0, 9, False), (0, 10, True)]
)
async def test_a_pool_need_not_wait_once_it_travels_free_or_is_large_enough(
    buyer: Buyer, free_freight: int, quantity: int, ripe: bool
) -> None:
    await buyer.counter.sell("C1")
    await buyer.quotes(await buyer.supplier(free_freight_minor=free_freight), "C1", cost=400, moq=10)
    (order,) = await buyer.draft(DraftLine("C1", quantity, "C"))
    assert (order.state is OrderState.DRAFT) == ripe


async def test_without_a_name_it_is_ordered_from_the_best_approved_supplier(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    dear, cheap = await buyer.supplier("dear"), await buyer.supplier("cheap")
    new, bad = (
        await buyer.supplier("new", SupplierState.CANDIDATE),
        await buyer.supplier("bad", SupplierState.SUSPENDED),
    )
    for supplier, cost in ((dear, 500), (cheap, 400), (new, 100), (bad, 50)):
        await buyer.quotes(supplier, "A", cost)
    assert (await buyer.draft(DraftLine("A", 1)))[0].supplier_id == cheap.id
    await buyer.quotes(dear, "A", 500, preferred=1)
    assert (await buyer.draft(DraftLine("A", 1), request_id="r2"))[0].supplier_id == dear.id
    await buyer.quotes(cheap, "A", 400, preferred=1)
    assert [item.preferred for item in await buyer.purchasing.items.of_supplier(dear.id)] == [False]
    (order,) = await buyer.draft(DraftLine("A", 1, supplier_id=new.id), request_id="r3")
    with pytest.raises(SupplierNotApproved):
        await buyer.purchasing.orders.approve(order.id, 0, "owner", senior=True)
    with pytest.raises(NoSupplier) as refused:
        await buyer.draft(DraftLine("A", 1, supplier_id=bad.id), request_id="r4")
    assert refused.value.errors[0].pointer == "/lines/0"


async def test_a_lead_time_that_was_only_quoted_is_taken_with_caution(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    await buyer.quotes(await buyer.supplier(), "A", lead_time_days=10)
    (offer,) = (await buyer.purchasing.items.of(["A"]))["A"]
    assert (offer.lead_mean_days, offer.lead_sd_days, offer.measured, offer.receipts) == (10.0, 5.0, False, 0)


async def test_too_much_for_a_supplier_is_said(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    await buyer.quotes(await buyer.supplier(capacity_units=15), "A")
    assert (await buyer.sent("A", 10)).warnings == []
    (order,) = await buyer.draft(DraftLine("A", 6), request_id="r2")
    assert "15 units" in order.warnings[0].en


async def test_an_order_worth_more_than_the_limit_needs_a_senior(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    await buyer.quotes(await buyer.supplier(), "A", cost=1_000)
    (small,) = await buyer.draft(DraftLine("A", 1_000))
    (large,) = await buyer.draft(DraftLine("A", 1_001), request_id="r2")
    orders = buyer.purchasing.orders
    assert (await orders.approve(small.id, 0, "goods", senior=False)).state is OrderState.APPROVED
    with pytest.raises(ApprovalNeeded):
        await orders.approve(large.id, 0, "goods", senior=False)
    assert (await orders.approve(large.id, large.version, "finance", senior=True)).steps[-1].by == "finance"


async def test_an_order_takes_its_steps_in_order_and_each_once(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    await buyer.quotes(await buyer.supplier(), "A")
    orders = buyer.purchasing.orders
    (order,) = await buyer.draft(DraftLine("A", 5))
    with pytest.raises(IllegalTransition):
        await orders.move(order.id, Step.SEND, 0, "staff")
    with pytest.raises(VersionMismatch):
        await orders.approve(order.id, 7, "owner", senior=True)
    await orders.approve(order.id, 1, "owner", senior=True)
    first, again = (
        await orders.move(order.id, Step.SEND, 0, "staff"),
        await orders.move(order.id, Step.SEND, 0, "staff"),
    )
    assert first == again
    promised = buyer.clock.now() + timedelta(days=9)
    assert (await orders.move(order.id, Step.CONFIRM, 0, "staff", promised_at=promised)).promised_at == promised
    later = promised + timedelta(days=3)
    assert (await orders.move(order.id, Step.CONFIRM, 0, "staff", promised_at=later)).promised_at == later
    with pytest.raises(IllegalTransition):
        await orders.move(order.id, Step.CLOSE, 0, "staff")
    done: PurchaseOrder = await orders.move(order.id, Step.CANCEL, 0, "staff", reason="too late")
    assert (done.state, done.cancel_reason) == (OrderState.CANCELLED, "too late")
    assert [step.state.value for step in done.steps] == [
        "draft",
        "approved",
        "sent",
        "confirmed",
        "confirmed",
        "cancelled",
    ]
