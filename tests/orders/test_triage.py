"""This is where orders are sorted: held by rules that staff change, and listed by how soon somebody should look at them."""

from typing import Any

import pytest
from shop.orders.v1 import carts_pb2, holds_pb2, holds_pb2_grpc, orders_pb2, triage_pb2, triage_pb2_grpc
from shop.orders.v1.events_pb2 import OrderPaid
from shop.type.v1.address_pb2 import Address
from shop.type.v1.money_pb2 import Money
from shop.type.v1.page_pb2 import Page

from services.kit.errors import Conflict, Invalid
from services.kit.rpc import call

from .world import ADDRESS, World


def desk(world: World) -> Any:
    return triage_pb2_grpc.TriageServiceStub(world.service.channel)


async def put(world: World, name: str, version: int = 0, **more: Any) -> triage_pb2.TriageRule:
    rule = triage_pb2.TriageRule(id=name, reason="audit", text="Look", **({"active": True, "holds": True} | more))
    request = triage_pb2.PutTriageRuleRequest(rule=rule, if_version=version)
    kept: triage_pb2.TriageRule = (await call(desk(world).PutTriageRule, request)).rule
    return kept


async def listed(world: World, class_: str = "", limit: int = 100) -> list[str]:
    cursor, found = "", []
    while True:
        request = triage_pb2.ListWorklistRequest(**{"class": class_}, page=Page(limit=limit, cursor=cursor))
        answer = await call(desk(world).ListWorklist, request)
        found += [order.id for order in answer.orders]
        if not (cursor := answer.next_cursor):
            return found


async def staff_sees(world: World, order_id: str) -> orders_pb2.Order:
    request = orders_pb2.GetOrderRequest(id=order_id, staff=True)
    order: orders_pb2.Order = (await call(world.orders.GetOrder, request)).order
    return order


async def bought_to(world: World, **address: str) -> orders_pb2.Order:
    cart = await world.filled_cart({"A": 1})
    to = Address()
    to.CopyFrom(ADDRESS)
    for name, value in address.items():
        setattr(to, name, value)
    key = carts_pb2.CartKey(cart_id=cart)
    await call(world.carts.SetAddress, carts_pb2.SetAddressRequest(key=key, address=to))
    await call(world.carts.ChooseDelivery, carts_pb2.ChooseDeliveryRequest(key=key, option="standard"))
    return (await world.check_out(world.request(cart))).order


async def test_a_large_order_is_held_until_somebody_has_seen_it(world: World) -> None:
    await put(world, "large_order", when=triage_pb2.TriageWhen(amount_from=Money(currency="CNY", minor=10_000)))
    small, large = await world.bought({"A": 1}), await world.bought({"A": 50})
    await world.house.settled()
    paid = {event.order_id: event for event in world.house.told(OrderPaid)}
    assert (list(paid[small.id].holds), list(paid[large.id].holds)) == ([], ["audit"])
    assert (paid[small.id].priority, list(paid[large.id].classes)) == (5, ["audit"])
    assert await listed(world, "audit") == [large.id]
    stub = holds_pb2_grpc.HoldsServiceStub(world.service.channel)
    go = holds_pb2.ReleaseHoldRequest(order_id=large.id, reason="audit", by="stf_1", why="asked them")
    assert list((await call(stub.ReleaseHold, go)).order.classes) == []
    assert await listed(world, "audit") == []


async def test_an_address_that_cannot_be_meant_waits_for_its_customer(world: World) -> None:
    wrong = await bought_to(world, street="..x..", province="Atlantis")
    seen = await staff_sees(world, wrong.id)
    assert [hold.reason for hold in seen.holds] == ["wrong_address"] and seen.holds[0].pauses
    assert seen.ship_clock.state == "paused" and list(seen.classes) == ["wrong_address"]
    assert not (await staff_sees(world, (await world.bought({"A": 1})).id)).holds


async def test_a_price_below_half_of_its_cost_and_a_far_region_are_looked_at(world: World) -> None:
    world.catalog.skus["A"].cost = 2100
    seen = await staff_sees(world, (await world.bought({"A": 1})).id)
    assert [hold.reason for hold in seen.holds] == ["price_mismatch"]
    await put(world, "risky_region", when=triage_pb2.TriageWhen(regions=["CN/新疆"]), holds=False, priority=3)
    far = await staff_sees(world, (await bought_to(world, province="新疆维吾尔自治区", city="乌鲁木齐市")).id)
    assert [hold.reason for hold in far.holds] == ["price_mismatch"]  # it is marked, not held, for being far
    assert (list(far.classes), far.priority) == (["audit", "price_mismatch"], 3)


async def test_the_first_order_of_a_customer_is_seen_and_the_next_is_not(world: World) -> None:
    await put(world, "first", when=triage_pb2.TriageWhen(first_order=True))
    one, two = [await world.bought({"A": 1}, customer_id="cus_1") for _ in range(2)]
    assert [len((await staff_sees(world, order.id)).holds) for order in (one, two)] == [1, 0]


async def test_the_worklist_has_the_urgent_first_then_the_oldest_and_pages(world: World) -> None:
    orders = [(await world.bought({"A": 1})).id for _ in range(4)]
    await put(world, "soon", when=triage_pb2.TriageWhen(units_from=7), holds=False, priority=2)
    soon = (await world.bought({"A": 7})).id
    assert await listed(world) == await listed(world, limit=2) == [soon, *orders]
    world.house.clock.advance(hours=20, minutes=1)
    late = (await world.bought({"A": 1})).id
    for order_id in (soon, *orders):
        await world.until_order({"_id": order_id, "priority": 1})
    assert await listed(world) == [*orders, soon, late] and len(await listed(world, "at_risk", 3)) == 5
    await world.cancel(late)
    await world.house.tell(world.plan(await world.order(soon)), key="shp_1")
    await world.house.tell(world.shipped(await world.order(soon)), key="shp_1")
    await world.house.settled()
    assert await listed(world) == orders


async def test_rules_are_checked_and_nobody_overwrites_unseen(world: World) -> None:
    wrong = [
        ("/when", triage_pb2.TriageWhen()),
        ("/when/amount_from", triage_pb2.TriageWhen(amount_from=Money(currency="CNY", minor=-1))),
        ("/when", triage_pb2.TriageWhen(address_below=101)),
        ("/when/regions", triage_pb2.TriageWhen(regions=[""])),
    ]
    for pointer, when in wrong:
        with pytest.raises(Invalid) as no:
            await put(world, "x", when=when)
        assert (no.value.reason, no.value.errors[0].pointer) == ("INVALID_TRIAGE_RULE", pointer)
    kept = await put(world, "x", when=triage_pb2.TriageWhen(units_from=9))
    await put(world, "x", kept.version, when=triage_pb2.TriageWhen(units_from=8))
    with pytest.raises(Conflict):
        await put(world, "x", kept.version, when=triage_pb2.TriageWhen(units_from=7))


async def test_an_address_is_judged_once_and_goes_along_to_its_order(world: World) -> None:
    cart = await world.filled_cart({"A": 1})
    before = world.logistics.judged
    to = Address()
    to.CopyFrom(ADDRESS)
    to.province = "Atlantis"
    request = carts_pb2.SetAddressRequest(key=carts_pb2.CartKey(cart_id=cart), address=to)
    shown = (await call(world.carts.SetAddress, request)).cart
    assert (shown.place.confidence, list(shown.place.reasons)) == (20, ["place_unknown"])
    assert [(m.code, m.about) for m in shown.messages] == [("address_doubtful", "place_unknown")]
    key = carts_pb2.CartKey(cart_id=cart)
    await call(world.carts.ChooseDelivery, carts_pb2.ChooseDeliveryRequest(key=key, option="standard"))
    order = (await world.check_out(world.request(cart))).order
    assert world.logistics.judged == before + 1  # checkout asks nobody
    kept = await world.service.ground.database["orders"].find_one({"_id": order.id})
    assert kept and kept["place"]["confidence"] == 20


async def test_an_address_is_taken_while_nobody_can_judge_it(world: World) -> None:
    cart = await world.filled_cart({"A": 1})
    world.faults.once["ValidateAddress", "before"] = RuntimeError("away")
    request = carts_pb2.SetAddressRequest(key=carts_pb2.CartKey(cart_id=cart), address=ADDRESS)
    shown = (await call(world.carts.SetAddress, request)).cart
    assert not shown.HasField("place") and not shown.messages
