"""This is where the address of a paid order is repaired, by staff and by its customer, until it has left."""

import pytest
from shop.orders.v1 import exceptions_pb2 as pb
from shop.orders.v1 import orders_pb2
from shop.orders.v1.events_pb2 import OrderReaddressed, OrderReleased
from shop.type.v1.address_pb2 import Address

from services.kit.errors import Invalid, NotFound, Unavailable, WrongState
from services.kit.rpc import call

from .test_exceptions import desk, listed
from .test_triage import bought_to
from .world import ADDRESS, World


def elsewhere(**fields: str) -> Address:
    to = Address()
    to.CopyFrom(ADDRESS)
    for name, value in ({"street": "文三路 92 号"} | fields).items():
        setattr(to, name, value)
    return to


async def test_a_repaired_address_is_sealed_anew_and_lets_the_order_go(world: World) -> None:
    order = await bought_to(world, street="..x..", province="Atlantis")
    await world.house.settled()
    (case,) = await listed(world, reason="wrong_address")
    request = pb.RepairAddressRequest(id=case.id, address=elsewhere(), by="stf_1")
    done = (await call(desk(world).RepairAddress, request)).exception
    assert done.state == "resolved"
    await world.house.settled()
    (released,) = world.house.told(OrderReleased)
    assert released.order.region.province == "浙江省" and world.logistics.readdressed == {}
    whole = (await call(world.orders.GetOrder, orders_pb2.GetOrderRequest(id=order.id, staff=True))).order
    assert (whole.address.street, [bool(hold.released_at) for hold in whole.holds]) == ("文三路 92 号", [True])


async def test_a_customer_moves_an_order_within_the_province_until_it_has_left(world: World) -> None:
    order = await world.bought({"A": 1}, customer_id="cus_1")

    async def move(to: Address, customer_id: str = "cus_1") -> orders_pb2.Order:
        request = pb.ReaddressOrderRequest(order_id=order.id, customer_id=customer_id, address=to)
        moved: orders_pb2.Order = (await call(desk(world).ReaddressOrder, request)).order
        return moved

    with pytest.raises(NotFound):
        await move(elsewhere(), "cus_2")
    with pytest.raises(Invalid) as far:
        await move(elsewhere(province="海南省"))
    assert far.value.reason == "ADDRESS_TOO_FAR"
    world.faults.once["ReaddressShipments", "before"] = Unavailable("away")  # the event brings it
    assert (await move(elsewhere())).address.street == "文三路 92 号"
    assert (await move(elsewhere(street="文三路 94 号"))).address.street == "文三路 94 号"
    assert world.logistics.readdressed == {order.id: 2}
    await world.house.settled()
    assert [event.revision for event in world.house.told(OrderReaddressed)] == [1, 2]
    world.logistics.shipped.add(order.id)
    with pytest.raises(WrongState) as late:
        await move(elsewhere(street="文三路 96 号"))
    assert late.value.reason == "TOO_LATE_TO_READDRESS"
    assert (await world.order(order.id, "cus_1")).address.street == "文三路 94 号"
