"""This is where warehouses are made, changed and refused."""

import pytest
from shop.logistics.v1 import warehouses_pb2, warehouses_pb2_grpc
from shop.logistics.v1.events_pb2 import FreightChanged
from shop.type.v1.address_pb2 import Region

from services.kit.errors import Invalid
from services.kit.rpc import call
from tests.house import House

from .neighbourhood import opened


async def test_a_new_shop_has_a_warehouse_and_a_second_one_is_known_at_once(house: House) -> None:
    logistics, _ = await opened(house)
    stub = warehouses_pb2_grpc.WarehousesServiceStub(logistics.channel)
    listed = await call(stub.ListWarehouses, warehouses_pb2.ListWarehousesRequest())
    assert [(one.code, one.region.country, one.open) for one in listed.warehouses] == [("main", "CN", True)]
    second = warehouses_pb2.Warehouse(
        code="bj", title="北京倉", region=Region(country="CN", province="北京"), open=True
    )
    for is_open in (True, False):
        second.open = is_open
        await call(stub.PutWarehouse, warehouses_pb2.PutWarehouseRequest(warehouse=second))
        listed = await call(stub.ListWarehouses, warehouses_pb2.ListWarehousesRequest())
        assert [(one.code, one.open) for one in listed.warehouses] == [("bj", is_open), ("main", True)]
    await house.settled()
    assert [event.id for event in house.told(FreightChanged)] == ["bj", "bj"]


async def test_a_restart_founds_nothing_twice(house: House) -> None:
    logistics, _ = await opened(house)
    await logistics.stop()
    logistics = await house.start("logistics")
    for name, count in (("warehouses", 1), ("freight_templates", 2), ("carrier_keys", 1)):
        assert await logistics.ground.database[name].estimated_document_count() == count


async def test_what_is_no_warehouse_is_refused(house: House) -> None:
    logistics, _ = await opened(house)
    stub = warehouses_pb2_grpc.WarehousesServiceStub(logistics.channel)
    wrong = warehouses_pb2.Warehouse(code="a.b", title="\x07", region=Region(country="cn", city="x" * 65))
    with pytest.raises(Invalid) as refused:
        await call(stub.PutWarehouse, warehouses_pb2.PutWarehouseRequest(warehouse=wrong))
    assert refused.value.reason == "INVALID_WAREHOUSE"
    assert {error.pointer for error in refused.value.errors} == {"/code", "/title", "/region/country", "/region/city"}
