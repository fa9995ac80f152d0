"""This is where parcels that come back meet protobuf."""

from shop.logistics.v1 import returns_pb2
from shop.type.v1 import money_pb2

from services.kit.money import Money
from services.logistics.messages.places import region
from services.logistics.shipments import Line

from .returns import Booked, Wish


def wish(request: returns_pb2.BookReturnRequest) -> Wish:
    """From a BookReturnRequest."""
    return Wish(
        return_id=request.return_id,
        order_id=request.order_id,
        kind=request.kind,
        window=request.window,
        region=region(request.region),
        weight_g=request.weight_g,
        goods=Money(request.goods.currency, request.goods.minor),
        warehouse=request.warehouse,
        lines=[Line(line.sku, line.title, line.quantity) for line in request.lines],
        sealed_address=request.sealed_address,
    )


def answer(booked: Booked) -> returns_pb2.BookReturnResponse:
    """To a BookReturnResponse."""
    return returns_pb2.BookReturnResponse(
        shipment_id=booked.shipment.id,
        waybill=booked.shipment.waybill,
        carrier=booked.shipment.carrier,
        warehouse=booked.shipment.warehouse,
        freight=money_pb2.Money(currency=booked.freight.currency, minor=booked.freight.minor),
    )
