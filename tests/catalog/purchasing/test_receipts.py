"""This is where deliveries are booked: once, never too much, and made good after a crash."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop.catalog.v1 import suppliers_pb2

from services.catalog.content import Product
from services.catalog.costs import Costs, moving_average
from services.catalog.purchasing.inspections import plan
from services.catalog.purchasing.orders import PurchaseOrder, ReceiptLine
from services.catalog.purchasing.purchase_orders import Step
from services.catalog.purchasing.receipts import Received, Receiving
from services.catalog.skus import Movement, Sku
from services.catalog.stock import Stock
from services.catalog.store import keep
from services.kit.errors import Invalid, WrongState
from services.kit.money import Money
from services.kit.rpc import call
from services.kit.store import Document
from tests.catalog.counter import all_at_once, reasons
from tests.catalog.purchasing.buyer import Buyer


@given(st.integers(0, 10_000), st.integers(0, 1_000), st.integers(1, 1_000), st.integers(0, 10_000))
def test_the_moving_average_lies_between_old_and_new_and_keeps_the_worth(
    before: int, there: int, came: int, paid: int
) -> None:
    cost = moving_average(Money("CNY", before), there + came, came, Money("CNY", paid)).minor
    assert min(before, paid) <= cost <= max(before, paid)
    assert abs(cost * (there + came) - (before * there + paid * came)) * 2 <= there + came


@given(st.integers(1, 100_000))
def test_more_is_looked_at_of_more_and_never_more_than_there_is(units: int) -> None:
    sample, accept = plan(units)
    assert 0 <= accept < sample <= units
    assert plan(units + 1)[0] >= sample


async def test_sound_units_go_on_the_shelf_rejected_ones_beside_it_and_the_cost_follows(buyer: Buyer) -> None:
    await buyer.counter.sell("A")  # 10 on the shelf at 4.00
    await buyer.quotes(await buyer.supplier(), "A", cost=700)
    order = await buyer.sent("A", 20)
    first = await buyer.receive(order, "A", 10, 2, "k1", reason="chipped", batch="W46")
    assert (first.order.lines[0].received, first.order.lines[0].rejected, first.order.lines[0].outstanding) == (
        10,
        2,
        10,
    )
    assert (first.receipt.lines[0].sample, first.receipt.lines[0].accept) == (5, 0)
    assert await buyer.counter.there("A") == ({"main": 20}, 0, 20)
    assert await buyer.cost_of("A") == (550, 550)
    kept = await buyer.counter.database["skus"].find_one({"_id": "A"})
    assert kept is not None
    assert kept["graded"] == {"main": {"quarantine": 2}}
    second = await buyer.receive(order, "A", 10, 0, "k2")
    assert second.order.state - first.order.state == 1  # partly received, received
    assert await buyer.cost_of("A") == (600, 600)
    await buyer.counter.check()
    await buyer.lots_add_up("A")


async def test_the_policy_may_have_it_cost_what_was_paid_last(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    await buyer.quotes(await buyer.supplier(), "A", cost=700)
    policy = suppliers_pb2.PurchasePolicy(
        cost_method=suppliers_pb2.COST_METHOD_LAST, pool_weekday=1, weights=suppliers_pb2.ScoreWeights(fill=1)
    )
    await call(buyer.suppliers.PutPurchasePolicy, suppliers_pb2.PutPurchasePolicyRequest(policy=policy, by="owner"))
    await buyer.receive(await buyer.sent("A", 20), "A", 1)
    assert await buyer.cost_of("A") == (700, 700)


async def test_twenty_at_once_with_one_key_are_one_delivery(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    await buyer.quotes(await buyer.supplier(), "A", cost=700)
    order = await buyer.sent("A", 20)
    answers = await all_at_once(*(buyer.receive(order, "A", 10, 1, "same") for _ in range(20)))
    assert reasons(answers) == []
    assert [answer.replayed for answer in answers].count(False) == 1
    assert len({answer.receipt.id for answer in answers}) == 1
    assert await buyer.counter.there("A") == ({"main": 20}, 0, 20)
    assert await buyer.cost_of("A") == (550, 550)
    assert (await buyer.purchasing.orders.get(order.id)).lines[0].received == 10
    await buyer.lots_add_up("A")


async def test_twenty_at_once_never_bring_more_than_is_tolerated(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    await buyer.quotes(await buyer.supplier(), "A", cost=700)
    order = await buyer.sent("A", 40)  # and 5 % more: 42
    answers = await all_at_once(*(buyer.receive(order, "A", 3, 0, f"k{n}") for n in range(20)))
    assert set(reasons(answers)) == {"OVER_RECEIPT"}
    kept = await buyer.purchasing.orders.get(order.id)
    assert kept.lines[0].received == 42
    assert not kept.unbooked
    assert await buyer.counter.there("A") == ({"main": 52}, 0, 52)
    await buyer.lots_add_up("A")


async def test_what_was_not_ordered_or_is_not_awaited_is_refused(buyer: Buyer) -> None:
    await buyer.counter.sell("A", "B")
    await buyer.quotes(await buyer.supplier(), "A")
    order = await buyer.sent("A", 10)
    with pytest.raises(Invalid) as refused:
        await buyer.receive(order, "B", 1)
    assert (refused.value.reason, refused.value.errors[0].pointer) == ("INVALID_PURCHASE_ORDER", "/lines/0/sku")
    with pytest.raises(WrongState) as over:
        await buyer.receive(order, "A", 11)
    assert (over.value.reason, over.value.meta["left"]) == ("OVER_RECEIPT", "10")
    await buyer.purchasing.orders.move(order.id, Step.CANCEL, 0, "staff")
    with pytest.raises(WrongState) as late:
        await buyer.receive(order, "A", 1)
    assert late.value.reason == "ILLEGAL_TRANSITION"


class Dying(Stock):
    """Dies before or after it has booked a SKU."""

    def __init__(self, *parts: Any, after: bool) -> None:
        super().__init__(*parts)
        self._after = after

    async def book(self, sku: str, moves: Any, *, ref: str, reference: str, by: str, merchant_id: str = "") -> Document:
        if self._after:
            await super().book(sku, moves, ref=ref, reference=reference, by=by)
        raise ConnectionResetError


class Replica:
    """Another replica of catalog, which takes deliveries in."""

    def __init__(self, buyer: Buyer) -> None:
        ground, self.buyer, self.scored = buyer.counter.started.ground, buyer, list[str]()
        self.skus = keep(ground, "skus", Sku)
        self.movements = keep(ground, "movements", Movement, tells=False)
        self.costs = Costs(self.skus, keep(ground, "products", Product), buyer.clock)

    async def received(self, order: PurchaseOrder) -> None:
        self.scored.append(order.id)

    async def dies(self, _order: PurchaseOrder) -> None:
        raise ConnectionResetError

    def receiving(self, stock: Stock | None = None, received: Received | None = None) -> Receiving:
        bought, clock = self.buyer.purchasing, self.buyer.clock
        return Receiving(
            bought.tables.orders,
            bought.orders,
            bought.tables.lots,
            stock or Stock(self.skus, self.movements, clock),
            self.costs,
            bought.policies,
            clock,
            received or self.received,
        )


async def crashed(buyer: Buyer, where: str) -> tuple[PurchaseOrder, Replica]:
    """An order whose delivery was claimed by a replica that died at some point of booking it."""
    await buyer.counter.sell("A")
    await buyer.quotes(await buyer.supplier(), "A", cost=700)
    order, replica = await buyer.sent("A", 20), Replica(buyer)
    dying = Dying(replica.skus, replica.movements, buyer.clock, after=where == "after")
    dead = replica.receiving(received=replica.dies) if where == "at the end" else replica.receiving(dying)
    with pytest.raises(ConnectionResetError):
        await dead.receive(order.id, "", [ReceiptLine("A", 10)], "staff", "k1")
    claimed = await buyer.purchasing.orders.get(order.id)
    assert (claimed.lines[0].received, claimed.unbooked) == (10, True)
    return order, replica


async def booked_once(buyer: Buyer, order: PurchaseOrder) -> None:
    kept = await buyer.purchasing.orders.get(order.id)
    assert (kept.unbooked, kept.receipts[0].lines[0].booked) == (False, True)
    assert await buyer.counter.there("A") == ({"main": 20}, 0, 20)
    assert await buyer.cost_of("A") == (550, 550)
    await buyer.lots_add_up("A")


@pytest.mark.parametrize("where", ["before", "after", "at the end"])
async def test_what_a_crash_left_is_booked_by_the_next_who_looks_and_once(buyer: Buyer, where: str) -> None:
    order, replica = await crashed(buyer, where)
    await replica.receiving().resume()
    await replica.receiving().resume()
    assert set(replica.scored) <= {order.id}
    await booked_once(buyer, order)


async def test_who_asks_again_after_a_crash_has_it_booked_and_hears_that_it_is_the_first_answer(buyer: Buyer) -> None:
    order, _ = await crashed(buyer, "after")
    assert (await buyer.receive(order, "A", 10, 0, "k1")).replayed
    await booked_once(buyer, order)
