"""This is where warehouses meet protobuf."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shop.logistics.v1 import warehouses_pb2

from services.kit.calendars import Span
from services.kit.clock import rfc3339
from services.logistics import warehouses

from .places import region, region_message

_WEEKDAYS = tuple("1234567")


def warehouse(message: warehouses_pb2.Warehouse) -> warehouses.Warehouse:
    """From a Warehouse."""
    days = {day.day: [Span(span.opens, span.closes) for span in day.spans] for day in message.hours}
    return warehouses.Warehouse(
        message.code,
        message.title,
        region(message.region),
        message.open,
        kind=message.kind or "dc",
        street=message.street,
        latitude_e6=message.latitude_e6,
        longitude_e6=message.longitude_e6,
        capacity_m3=message.capacity_m3,
        orders_a_day=message.orders_a_day,
        time_zone=message.time_zone or "UTC",
        week=[days.get(weekday, []) for weekday in _WEEKDAYS] if days.keys() & set(_WEEKDAYS) else [],
        special={day: spans for day, spans in days.items() if day not in _WEEKDAYS},
        cut_off=message.cut_off if message.HasField("cut_off") else None,
        zones=list(message.zones),
    )


def warehouse_message(
    kept: warehouses.Warehouse, used: warehouses.Used | None = None, now: datetime | None = None
) -> warehouses_pb2.Warehouse:
    """To a Warehouse, with what it does now."""
    week = [_day(str(number), spans) for number, spans in enumerate(kept.week, 1) if spans]
    shown = warehouses_pb2.Warehouse(
        code=kept.id,
        title=kept.title,
        region=region_message(kept.region),
        open=kept.open,
        kind=kept.kind,
        street=kept.street,
        latitude_e6=kept.latitude_e6,
        longitude_e6=kept.longitude_e6,
        capacity_m3=kept.capacity_m3,
        orders_a_day=kept.orders_a_day,
        time_zone=kept.time_zone,
        hours=[*week, *(_day(day, spans) for day, spans in sorted(kept.special.items()))],
        cut_off=kept.cut_off,
        zones=kept.zones,
        version=kept.version,
    )
    if used and now:
        share = used.planned_today * 1000 // kept.orders_a_day if kept.orders_a_day else 0
        shown.load.CopyFrom(
            warehouses_pb2.WarehouseLoad(
                planned_today=used.planned_today,
                waiting=used.waiting,
                used_milli=share,
                leaves_at=rfc3339(kept.leaves(now)),
            )
        )
    return shown


def _day(day: str, spans: Sequence[Span]) -> warehouses_pb2.OpenDay:
    return warehouses_pb2.OpenDay(
        day=day, spans=[warehouses_pb2.OpenSpan(opens=span.opens, closes=span.closes) for span in spans]
    )
