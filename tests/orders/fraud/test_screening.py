"""This is where checkouts are looked at before they are charged, by people who mean it and by people who do not."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import pytest
from shop.orders.v1 import checkout_pb2
from shop.orders.v1.events_pb2 import FraudBlocked, FraudReviewOpened, OrderPaid

from services.kit.errors import Invalid, WrongState
from services.kit.ids import new_id
from services.orders.fraud import screening
from services.orders.fraud.scoring import unpacked
from services.orders.fraud.store import Keeping
from tests.orders.world import World

from .desk import Desk


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(screening, "PATIENCE_S", 5.0)  # a busy machine is no fraud
    return Desk(world)


async def tries_cards(desk: Desk, device: str, cards: int) -> list[str]:
    """Somebody tries out cards that the bank declines; the reasons of the refusals."""
    reasons = []
    for n in range(cards):
        try:
            await desk.buys(device, token=f"tok_{device}_{n}")
        except WrongState as no:
            reasons.append(no.reason)
            await desk.world.house.settled()  # the decline is heard
    return reasons


async def decision_of(world: World, order_id: str) -> Any:
    document = await world.service.ground.database["orders"].find_one({"_id": order_id})
    assert document
    return unpacked(document["risk"])


async def test_an_ordinary_order_passes_and_is_scored(desk: Desk) -> None:
    await desk.policy()
    order = await desk.buys("laptop-1")
    made = await decision_of(desk.world, order.id)
    assert (made.outcome, made.meant) == ("pass", "pass") and 0 < made.score_bp < 200
    assert set(made.marks) == {"address", "email", "card", "device", "ip"} and made.features["first_order"]
    await desk.world.house.settled()
    assert await desk.reviews() == [] and list(desk.world.house.told(OrderPaid)[0].holds) == []


async def test_who_tries_out_cards_is_refused_before_the_bank_is_asked_and_learns_nothing(desk: Desk) -> None:
    await desk.policy()
    reasons = await tries_cards(desk, "farm-1", 8)
    assert reasons[0] == "PAYMENT_DECLINED" and reasons[-1] == "PAYMENT_NOT_ACCEPTED"
    first = reasons.index("PAYMENT_NOT_ACCEPTED")
    assert set(reasons[first:]) == {"PAYMENT_NOT_ACCEPTED"}
    request = await desk.request("farm-1")  # a good card at last: the device is known by now
    with pytest.raises(WrongState) as caught:
        await desk.world.check_out(request)
    no = caught.value
    assert (no.reason, no.detail, no.errors, no.meta) == (
        "PAYMENT_NOT_ACCEPTED",
        "this payment is not accepted",
        [],
        {},
    )
    assert await desk.world.service.ground.database["orders"].count_documents({"state": "paid"}) == 0

    with pytest.raises(WrongState):
        await desk.world.check_out(request)  # the very same again: refused again, written down once
    blocked = await desk.reviews("blocked")
    assert len(blocked) == len(reasons) - first + 1
    assert "device_declined_1h" in {each.signal for each in blocked[0].reasons}
    assert "declined or refused within an hour" in " ".join(each.text_en for each in blocked[0].reasons)
    await desk.world.house.settled()
    assert len(desk.world.house.told(FraudBlocked)) == len(blocked)


async def test_what_looks_odd_is_paid_for_and_held(desk: Desk) -> None:
    await desk.policy(review_at_bp=100, risky_categories=["cat_1"])
    order = await desk.buys("laptop-2", country="RU", billing=checkout_pb2.Billing(country="US", name="John Doe"))
    await desk.world.house.settled()
    (told,) = desk.world.house.told(OrderPaid)
    assert (told.order_id, list(told.holds)) == (order.id, ["fraud_review"])
    (opened,) = desk.world.house.told(FraudReviewOpened)
    assert (opened.order_id, opened.reason) == (order.id, "country_differs")
    assert opened.total.minor == order.totals[-1].amount.minor
    whole = await desk.review(order.id)
    assert whole.state == "open" and {"country_differs", "billing_differs", "name_differs"} <= {
        f.name for f in whole.features
    }
    document = await desk.world.service.ground.database["orders"].find_one({"_id": order.id})
    assert document and document["holds"][0]["text"].startswith("Fraud score ")
    assert "John" not in str(document) and "John" not in str(whole)


async def test_a_shop_that_observes_holds_and_refuses_nothing(desk: Desk) -> None:
    await desk.policy(mode="observe", review_at_bp=100)
    assert set(await tries_cards(desk, "farm-2", 6)) == {"PAYMENT_DECLINED"}
    made = await decision_of(desk.world, (await desk.buys("farm-2", country="US")).id)
    assert (made.outcome, made.meant) == ("pass", "block")


async def test_staff_keep_out_and_let_in_whatever_the_score(desk: Desk) -> None:
    await desk.policy(review_at_bp=100)
    customer = new_id("cus")
    await desk.list_(kind="customer", value=customer, verdict="allow")
    assert (await decision_of(desk.world, (await desk.buys(customer_id=customer, country="US")).id)).outcome == "pass"
    await desk.list_(kind="email", value="Guest+x@Example.com", verdict="deny", until="2026-12-31T00:00:00Z")
    with pytest.raises(WrongState, match="not accepted"):
        await desk.buys("laptop-3")
    desk.world.house.clock.advance(days=400)
    assert (await desk.buys("laptop-3")).state
    assert await desk.listings() == []


async def test_one_request_is_looked_at_once_however_often_it_comes(desk: Desk) -> None:
    await desk.policy()
    request = await desk.request("laptop-4")
    first = await desk.world.check_out(request)
    again = await desk.world.check_out(request)
    assert again.replayed and again.order.id == first.order.id
    trail = await desk.world.service.ground.database["fraud_trails"].find_one(
        {"_id": {"$regex": "^device"}}, hint="_id_"
    )
    assert trail and len(trail["seen"]) == 1


async def test_names_and_addresses_are_nowhere_in_what_is_kept(desk: Desk) -> None:
    await desk.policy(review_at_bp=100)
    await desk.buys("laptop-5", country="US", billing=checkout_pb2.Billing(country="US", name="Zaphod B"))
    await desk.world.house.settled()
    database = desk.world.service.ground.database
    for name in ("fraud_trails", "fraud_reviews", "fraud_policies"):
        kept = str(await database[name].find({}).hint("_id_").to_list(None))
        assert not [
            each for each in ("guest@", "王小明", "文三路", "Zaphod", "tok_ok", "13812345678", "net-1") if each in kept
        ]


NO_ORIGINS: list[dict[str, Any]] = [
    {"origin": checkout_pb2.Origin(device=b"x" * 65)},
    {"origin": checkout_pb2.Origin(country="cn")},
    {"billing": checkout_pb2.Billing(country="$ne")},
    {"billing": checkout_pb2.Billing(name="a\x00b")},
    {"billing": checkout_pb2.Billing(name="x" * 101)},
]


async def test_what_no_gateway_would_send_is_refused(world: World) -> None:
    cart = await world.filled_cart({"A": 1})
    for more in NO_ORIGINS:
        with pytest.raises(Invalid):
            await world.check_out(world.request(cart, **more))


class Breaking(Keeping):
    """Trails that are away, or late."""

    error: Exception | None = ConnectionError("away")

    async def of(self, marks: Sequence[str]) -> Any:
        if self.error:
            raise self.error
        await asyncio.sleep(5)


async def test_scoring_that_breaks_stops_no_payment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trails are away, then late: orders pass as if nobody had looked, and it is counted."""
    await Desk(world).policy(review_at_bp=100)
    monkeypatch.setattr("services.orders.fraud.service.Keeping", Breaking)
    await world.another_instance()
    desk = Desk(world)
    order = await desk.buys("laptop-6", country="US")
    assert await decision_of(world, order.id) is None
    monkeypatch.setattr(Breaking, "error", None)
    started = time.monotonic()
    assert (await desk.buys("laptop-7", country="US")).id
    assert time.monotonic() - started < 3
    registry = world.service.ground.metrics.registry
    counts = [registry.get_sample_value("shop_fraud_unscored_total", {"why": why}) for why in ("failed", "late")]
    assert counts == [1, 1]
