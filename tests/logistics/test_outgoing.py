"""This is where it is shown how orders go out together: for the last units, with which carrier, and until when."""

import asyncio
from datetime import timedelta

import pytest
from shop.logistics.v1 import freight_pb2, freight_pb2_grpc, shipments_pb2, warehouses_pb2, warehouses_pb2_grpc
from shop.type.v1.address_pb2 import Region
from shop.type.v1.money_pb2 import Money

from services.kit.clock import rfc3339
from services.kit.rpc import call
from tests.house import House

from .neighbourhood import opened, paid
from .test_planning import parcels, warehouse


async def race_for_the_last(house: House, orders: int) -> None:
    """So many orders at once for a unit each, and as many lie in two warehouses."""
    near = orders // 2
    logistics, catalog = await opened(house, {"main": {"TEA": near}, "bj": {"TEA": orders - near}})
    await warehouse(logistics, "bj", "北京")
    events = [paid(house.clock, {"TEA": 1}) for _ in range(orders)]
    await asyncio.gather(*(house.tell(event) for event in events))
    await house.settled()
    found = [one for event in events for one in await parcels(logistics, event.order_id)]
    assert {one.state for one in found} == {shipments_pb2.SHIPMENT_STATE_PLANNED}
    assert sorted(one.warehouse for one in found) == ["bj"] * (orders - near) + ["main"] * near
    assert catalog.stock == {"main": {"TEA": 0}, "bj": {"TEA": 0}}


async def test_of_those_that_want_the_last_units_of_a_warehouse_the_others_have_the_next(house: House) -> None:
    await race_for_the_last(house, 4)


@pytest.mark.long
@pytest.mark.parametrize("run", range(50))
async def test_the_last_units_fifty_times(house: House, run: int) -> None:
    await race_for_the_last(house, 4)


async def test_what_is_paid_after_the_cut_off_is_promised_a_day_later_and_quoted_so(house: House) -> None:
    logistics, _ = await opened(house)
    stub = warehouses_pb2_grpc.WarehousesServiceStub(logistics.channel)
    freight = freight_pb2_grpc.FreightServiceStub(logistics.channel)
    to = Region(country="CN", province="上海")
    asked = freight_pb2.QuoteDeliveryRequest(region=to, weight_g=1, pieces=1, goods=Money(currency="CNY", minor=1))
    days, due = [], []
    for cut_off in (1440, 0):  # never over, and over all day
        made = warehouses_pb2.Warehouse(code="main", title="Main", region=to, open=True, cut_off=cut_off)
        await call(stub.PutWarehouse, warehouses_pb2.PutWarehouseRequest(warehouse=made))
        days.append({one.id: one.max_days for one in (await call(freight.QuoteDelivery, asked)).quotes})
        event = paid(house.clock)
        await house.tell(event)
        await house.settled()
        due.append((await parcels(logistics, event.order_id))[0].deliver_by)
    assert days == [{"standard": 4, "express": 1}, {"standard": 5, "express": 2}]
    midnight = house.clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert due == [rfc3339(house.clock.now() + timedelta(days=4)), rfc3339(midnight + timedelta(days=4))]


async def test_a_carriers_rate_card_that_keeps_the_promise_sends_it_and_it_is_said_why(house: House) -> None:
    logistics, _ = await opened(house)
    freight = freight_pb2_grpc.FreightServiceStub(logistics.channel)
    for name, minor, most_days in (("slow", 100, 9), ("fair", 500, 4), ("dear", 900, 4)):
        yuan = Money(currency="CNY", minor=minor)
        zone = freight_pb2.FreightZone(
            first_units=1000, first_price=yuan, step_units=1000, step_price=yuan, max_days=most_days
        )
        card = freight_pb2.FreightTemplate(id=name, title=name, by="weight", zones=[zone], rate_card=True)
        await call(freight.PutFreightTemplate, freight_pb2.PutFreightTemplateRequest(template=card))
    event = paid(house.clock)
    await house.tell(event)
    await house.settled()
    (parcel,) = await parcels(logistics, event.order_id)
    # Who takes nine days cannot keep the four that were promised.
    assert parcel.reasons[-1].startswith("carrier sandbox by fair: chosen: ")
