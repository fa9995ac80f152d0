"""This is where a parcel comes back: booked once, seen and scanned by its carrier, told apart from what is sent."""

import pytest
from shop.logistics.v1 import carriers_pb2, returns_pb2, returns_pb2_grpc, shipments_pb2
from shop.logistics.v1.events_pb2 import ParcelMoved, ReturnParcelMoved, ShipmentShipped
from shop.type.v1 import address_pb2, money_pb2

from services.kit.errors import Refused
from services.kit.rpc import call
from services.kit.seal import Seal
from services.kit.settings import DEVELOPMENT_SEAL_KEY
from tests.house import House

from .neighbourhood import NAME, PHONE, STREET
from .test_pickups import pickups
from .test_scans import started

ORDER = "ord_01kt5m8q2x0000000000000099"


def return_request(return_id: str = "ret_01kt5m8q2x0000000000000001") -> returns_pb2.BookReturnRequest:
    """Two teas that are to be fetched in Shanghai tomorrow."""
    address = address_pb2.Address(country="CN", province="上海市", city="上海市", street=STREET, name=NAME, phone=PHONE)
    return returns_pb2.BookReturnRequest(
        return_id=return_id,
        order_id=ORDER,
        kind="pickup",
        window="tomorrow",
        sealed_address=Seal(DEVELOPMENT_SEAL_KEY).close(address.SerializeToString(), ORDER),
        region=address_pb2.Region(country="CN", province="上海市", city="上海市"),
        lines=[shipments_pb2.ShipmentLine(sku="TEA", title="Tea", quantity=2)],
        weight_g=600,
        goods=money_pb2.Money(currency="CNY", minor=5000),
        warehouse="main",
    )


async def test_a_parcel_that_comes_back_is_booked_once_scanned_and_told_as_what_it_is(house: House) -> None:
    desk, courier = await started(house)
    stub = returns_pb2_grpc.ReturnParcelsServiceStub(desk.logistics.channel)
    booked = [await call(stub.BookReturn, return_request()) for _ in range(2)]
    assert booked[0] == booked[1]
    assert (booked[0].warehouse, booked[0].carrier) == ("main", "sandbox") and booked[0].freight.minor > 0
    waybill = booked[0].waybill
    today = house.clock.now().strftime("%Y-%m-%d")
    assert await pickups(courier, today) == [("main", "reverse", [waybill])]
    for form in ("pdf", "zpl"):
        request = carriers_pb2.GetLabelRequest(proof=courier.proof(), waybill=waybill, format=form)
        document = (await call(courier.stub.GetLabel, request)).document
        assert document and STREET.encode() not in document and PHONE.encode() not in document
    states = ("picked_up", "in_transit", "delivered")
    await courier.report([courier.scan(waybill, state, minutes) for minutes, state in enumerate(states)])
    await house.settled()
    told = house.told(ReturnParcelMoved)
    assert [(one.return_id, one.state, one.waybill) for one in told[-1:]] == [
        ("ret_01kt5m8q2x0000000000000001", "delivered", waybill)
    ]
    assert house.told(ParcelMoved) == house.told(ShipmentShipped) == []
    assert await pickups(courier, today) == []


async def test_what_cannot_come_back_is_refused(house: House) -> None:
    desk, _ = await started(house)
    stub = returns_pb2_grpc.ReturnParcelsServiceStub(desk.logistics.channel)
    for name, value in (("return_id", "ord_1"), ("order_id", ""), ("kind", "balloon"), ("window", "x" * 101)):
        request = return_request()
        setattr(request, name, value)
        with pytest.raises(Refused) as no:
            await call(stub.BookReturn, request)
        assert no.value.reason == "INVALID_RETURN_PARCEL"
