"""This is where delivery windows and slots meet protobuf."""

from shop.logistics.v1 import slots_pb2 as pb

from services.kit.clock import rfc3339
from services.logistics.messages.places import region

from .slots import Slot, Wish
from .windows import DeliveryWindow, Opening


def window(of: pb.DeliveryWindow) -> DeliveryWindow:
    """From a DeliveryWindow."""
    return DeliveryWindow(
        id=of.code,
        title=of.title,
        warehouse=of.warehouse,
        option=of.option,
        begins=of.begins,
        ends=of.ends,
        capacity=of.capacity,
        districts=list(of.districts),
        weekdays=list(of.weekdays),
        cut_off_min=of.cut_off_min,
        days_ahead=of.days_ahead,
        special={day.date: day.capacity for day in of.special},
        open=of.open,
    )


def window_message(of: DeliveryWindow) -> pb.DeliveryWindow:
    """To a DeliveryWindow."""
    return pb.DeliveryWindow(
        code=of.id,
        title=of.title,
        warehouse=of.warehouse,
        option=of.option,
        districts=of.districts,
        weekdays=of.weekdays,
        begins=of.begins,
        ends=of.ends,
        capacity=of.capacity,
        cut_off_min=of.cut_off_min,
        days_ahead=of.days_ahead,
        special=[pb.SpecialDay(date=day, capacity=most) for day, most in sorted(of.special.items())],
        open=of.open,
        version=of.version,
    )


def slot_message(of: Opening, taken: int, slot: Slot | None = None) -> pb.Slot:
    """To a Slot; with its orders for staff."""
    return pb.Slot(
        id=of.id,
        window=of.window.id,
        title=of.window.title,
        warehouse=of.window.warehouse,
        from_at=rfc3339(of.from_at),
        until_at=rfc3339(of.until_at),
        cut_off_at=rfc3339(of.cut_off_at),
        capacity=of.capacity,
        taken=taken,
        order_ids=[place.order_id for place in slot.places] if slot else [],
    )


def taken_message(of: Slot) -> pb.Slot:
    """To a Slot in which a place was taken."""
    return pb.Slot(
        id=of.id,
        window=of.window,
        warehouse=of.warehouse,
        from_at=rfc3339(of.from_at),
        until_at=rfc3339(of.until_at),
        cut_off_at=rfc3339(of.cut_off_at),
    )


def wish(of: pb.TakeSlotRequest) -> Wish:
    """From a TakeSlotRequest."""
    return Wish(of.order_id, of.slot, of.option, region(of.region), of.revision, of.was)
