"""This is where it is shown how something is sent, when it is brought, and until when that is promised."""

from shop.orders.v1 import carts_pb2, orders_pb2

from gateway.answers import Json, money

OPTION = {
    "id": "standard",
    "title": "標準快遞 Standard",
    "price": {"currency": "CNY", "minor": 800},
    "min_days": 2,
    "max_days": 4,
    "reason": "first 1 kg ¥8.00",
    "windowed": False,
}
WINDOW = {
    "id": "sh-morning_2026-11-27_0900-1200",
    "from": "2026-11-27T01:00:00.000Z",
    "until": "2026-11-27T04:00:00.000Z",
    "cut_off": "2026-11-26T23:00:00.000Z",
}
ORDERED_WINDOW = {**WINDOW, "changed": False}
EXPECTATION = {
    "shipment_id": None,
    "method": "標準快遞 Standard",
    "ship_by": "2026-11-23T08:00:00.000Z",
    "deliver_by": "2026-11-26T08:00:00.000Z",
    "carrier": None,
    "waybill": None,
    "expected_from": None,
    "expected_to": None,
}


def option(of: carts_pb2.DeliveryOption) -> Json | None:
    """A way to send it; None when none is chosen."""
    if not of.id:
        return None
    return {
        "id": of.id,
        "title": of.title,
        "price": money(of.price),
        "min_days": of.min_days,
        "max_days": of.max_days,
        "reason": of.reason,
        "windowed": of.windowed,
    }


def window(of: carts_pb2.ChosenWindow) -> Json | None:
    """When it is brought; None when nobody chose."""
    if not of.id:
        return None
    return {"id": of.id, "from": of.from_at, "until": of.until_at, "cut_off": of.cut_off_at}


def ordered_window(of: carts_pb2.ChosenWindow) -> Json | None:
    """The same of an order: whether its customer has changed it already."""
    when = window(of)
    return {**when, "changed": of.changed} if when else None


def expectation(of: orders_pb2.Expectation) -> Json:
    """What is promised of a parcel, or of the order before it is planned."""
    return {"method": of.method} | {name: getattr(of, name) or None for name in EXPECTATION if name != "method"}
