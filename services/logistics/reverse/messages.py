"""This is where parcels that come back meet protobuf."""

from shop.logistics.v1 import returns_pb2
from shop.type.v1 import money_pb2

from services.kit.clock import rfc3339
from services.kit.money import Money
from services.logistics.messages.places import region
from services.logistics.messages.told import line_messages
from services.logistics.shipments import Line, Shipment

from .returns import Booked, Wish
from .undelivered import Found
from .ways import Way
from .windows import PickupPlan


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


def parcel_message(of: Way) -> returns_pb2.ReturnParcel:
    """To a ReturnParcel."""
    return returns_pb2.ReturnParcel(
        return_id=of.id,
        order_id=of.order_id,
        shipment_id=of.shipment_id,
        waybill=of.waybill,
        carrier=of.carrier,
        warehouse=of.warehouse,
        kind=of.kind,
        window=of.window,
        state=of.state,
        changed_at=rfc3339(of.changed_at),
        received_by=of.received_by,
    )


def found(message: returns_pb2.FoundUnits) -> Found:
    """From FoundUnits."""
    return Found(message.sku, message.grade, message.units)


def undelivered(of: Shipment) -> returns_pb2.UndeliveredParcel:
    """To an UndeliveredParcel."""
    return returns_pb2.UndeliveredParcel(
        shipment_id=of.id,
        order_id=of.order_id,
        waybill=of.waybill,
        carrier=of.carrier,
        warehouse=of.warehouse,
        tracking_state=of.tracking_state,
        lines=line_messages(of),
        restocked_at=rfc3339(of.restocked_at),
        restocked_by=of.restocked_by,
    )


def plan(message: returns_pb2.PickupPlan) -> PickupPlan:
    """From a PickupPlan."""
    return PickupPlan(slots=list(message.slots), capacity=message.capacity, days=message.days, lead_h=message.lead_h)


def plan_message(of: PickupPlan) -> returns_pb2.PickupPlan:
    """To a PickupPlan."""
    return returns_pb2.PickupPlan(
        slots=of.slots, capacity=of.capacity, days=of.days, lead_h=of.lead_h, version=of.version
    )
