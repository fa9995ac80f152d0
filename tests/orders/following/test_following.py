"""This is where it is tried that ERPs, guests and who reminds of orders are told what they may know, and once."""

from typing import Any

import pytest
from shop.orders.v1 import erp_pb2, erp_pb2_grpc, intake_pb2, lookups_pb2, lookups_pb2_grpc, orders_pb2
from shop.orders.v1.events_pb2 import OrderUnpaid
from shop.type.v1 import page_pb2

from services.kit.clock import parse_time, rfc3339
from services.kit.errors import Exhausted, NotFound
from services.kit.rpc import call
from tests.orders.intake.desk import Desk, line, sold
from tests.orders.world import World


async def _changes(world: World, cursor: str = "") -> tuple[list[erp_pb2.OrderChange], str]:
    erp = erp_pb2_grpc.ErpServiceStub(world.service.channel)
    answer = await call(erp.ListOrderChanges, erp_pb2.ListOrderChangesRequest(cursor=cursor))
    return list(answer.changes), answer.next_cursor


async def _acknowledge(world: World, *numbers: tuple[str, str]) -> list[tuple[str, str]]:
    erp = erp_pb2_grpc.ErpServiceStub(world.service.channel)
    rows = [erp_pb2.Acknowledgement(order_id=order_id, erp_number=number) for order_id, number in numbers]
    answer = await call(erp.AcknowledgeOrders, erp_pb2.AcknowledgeOrdersRequest(acknowledgements=rows))
    return [(each.outcome, each.erp_number) for each in answer.acknowledged]


async def _found(world: World, number: str, **known: str) -> orders_pb2.Order:
    lookups = lookups_pb2_grpc.LookupsServiceStub(world.service.channel)
    return (await call(lookups.LookUpOrder, lookups_pb2.LookUpOrderRequest(number=number, **known))).order


async def _listed(world: World, **wanted: Any) -> list[str]:
    asked = orders_pb2.ListOrdersRequest(staff=True, **wanted)
    return [order.id for order in (await call(world.orders.ListOrders, asked)).orders]


async def test_an_erp_follows_what_happens_to_orders_and_says_its_number(world: World) -> None:
    order = await world.delivered({"A": 1})
    other = await world.bought({"A": 1})
    await world.cancel(other.id)
    await world.house.settled()
    changes, cursor = await _changes(world)
    # A change may come twice: what was told and not marked yet is told again.
    assert {each.what for each in changes if each.order.id == order.id} == {"paid", "shipped", "delivered"}
    assert {each.what for each in changes if each.order.id == other.id} == {"paid", "cancelled", "refunded"}
    assert [each.revision for each in changes] == list(range(1, len(changes) + 1))
    assert not changes[0].order.HasField("address")
    assert await _changes(world, cursor) == ([], cursor)
    again = [
        ("acknowledged", "E-1"),
        ("acknowledged", "E-1"),
        ("other_number", "E-1"),
        ("unknown", ""),
        ("invalid", ""),
    ]
    asked = [(order.id, "E-1"), (order.id, "E-1"), (order.id, "E-2"), ("ord_1", "E-3"), (other.id, "")]
    assert await _acknowledge(world, *asked) == again
    assert await _listed(world, q="E-1") == [order.id]


async def test_orders_are_found_by_number_channel_time_and_kind(world: World) -> None:
    desk = await Desk(world).all_open()
    mine = await world.bought({"A": 1}, customer_id="cus_1")
    taken = await desk.one("taobao", sold("T-77", line("A", 1, 1000), customer_type="c2c", purchase_order="PO-9"))
    theirs = taken.order.order_id
    for wanted, expected in (
        ({"channel": "taobao"}, [theirs]),
        ({"channel": "storefront"}, [mine.id]),
        ({"q": "T-77"}, [theirs]),
        ({"q": "PO-9"}, [theirs]),
        ({"q": mine.id}, [mine.id]),
        ({"customer_type": "c2c"}, [theirs]),
        ({"customer_type": "b2b"}, []),
        ({"channel": "taobao", "state": orders_pb2.ORDER_STATE_SHIPPED}, []),
        ({"q": "nothing"}, []),
    ):
        assert await _listed(world, **wanted) == expected, wanted
    placed = parse_time(mine.placed_at)
    assert placed is not None
    an_hour = rfc3339(placed.replace(year=placed.year + 1))
    assert await _listed(world, since=an_hour) == []
    assert len(await _listed(world, until=an_hour)) == 2
    page = await call(world.orders.ListOrders, orders_pb2.ListOrdersRequest(staff=True, page=page_pb2.Page(limit=1)))
    rest = page_pb2.Page(limit=5, cursor=page.next_cursor)
    assert await _listed(world, page=rest, until=an_hour) == [mine.id]
    own = orders_pb2.ListOrdersRequest(customer_id="cus_1", q="T-77")
    assert list((await call(world.orders.ListOrders, own)).orders) == []


async def test_a_guest_finds_an_order_by_what_only_its_buyer_knows_and_guesses_it_five_times(world: World) -> None:
    order = await world.bought({"A": 1})
    for known in ({"email": "Guest@Example.com"}, {"phone": "138 1234 5678"}, {"phone": "+8613812345678"}):
        assert (await _found(world, order.id, **known)).id == order.id
    for known in ({"email": "other@example.com"}, {"phone": "5678"}):
        with pytest.raises(NotFound):
            await _found(world, order.id, **known)
    with pytest.raises(Exhausted):
        await _found(world, order.id, email="guest@example.com")
    world.house.clock.advance(minutes=16)
    assert (await _found(world, order.id, email="guest@example.com")).id == order.id
    members = await world.bought({"A": 1}, customer_id="cus_1")
    with pytest.raises(NotFound):
        await _found(world, members.id, phone="13812345678")
    desk = await Desk(world).all_open()
    taken = await desk.one("taobao", sold("T-1", line("A", 1, 1000)))
    assert (await _found(world, "T-1", phone="13812345678")).id == taken.order.order_id
    assert taken.order.state == intake_pb2.CHANNEL_ORDER_STATE_ORDERED


async def test_who_has_not_paid_is_reminded_once_while_it_is_kept_and_loses_it_after(world: World) -> None:
    order = await world.bought({"A": 2}, token="tok_3ds")
    assert order.state == orders_pb2.ORDER_STATE_AWAITING_CONFIRMATION
    await world.house.settled()
    assert world.house.told(OrderUnpaid) == []
    world.house.clock.advance(minutes=6)
    await world.until_order({"_id": order.id, "nudge_at": None})
    await world.another_instance()
    await world.house.settled()
    (told,) = world.house.told(OrderUnpaid)
    assert (told.order_id, told.total.minor) == (order.id, order.totals[-1].amount.minor)
    assert world.catalog.holds == {order.id: {"A": 2}}
    world.house.clock.advance(minutes=10)
    await world.until_order({"_id": order.id, "state": "declined"})
    await world.until_order({"_id": order.id, "undo": []})
    assert world.catalog.holds == {}
    await world.house.settled()
    assert len(world.house.told(OrderUnpaid)) == 1
