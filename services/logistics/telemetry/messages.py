"""This is where devices, rules, tracks and alerts become messages, and messages readings and rules."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from google.protobuf.message import Message
from shop.logistics.v1 import telemetry_pb2 as pb

from services.kit.clock import parse_time, rfc3339

from .readings import Batch, Said
from .rules import Rule

if TYPE_CHECKING:
    from .alerts import Alert
    from .devices import Device
    from .tracks import Track

MEASURES = ("temperature_c", "humidity", "shock_g", "latitude", "longitude")


def device_message(device: Device) -> pb.Device:
    """Without its secret."""
    kind, _, key = device.target.partition(":")
    return pb.Device(
        id=device.id,
        title=device.title,
        kind=kind,
        bound_to=key,
        active=device.active,
        created_at=rfc3339(device.created_at),
    )


def batch(request: pb.RecordParcelReadingsRequest) -> Batch:
    """What a device sends."""
    said = [Said(one.seq, _time(one.at), _values(one)) for one in request.readings]
    return Batch(request.device_id, request.secret, said)


def _values(of: Message) -> dict[str, float]:
    return {about.name: value for about, value in of.ListFields() if about.name in MEASURES}


def _time(text: str) -> datetime | None:
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        return None


def rule(message: pb.ConditionRule) -> Rule:
    """As staff wrote it."""
    return Rule(
        id=message.id,
        kind=message.kind,
        low=message.low if message.HasField("low") else None,
        high=message.high if message.HasField("high") else None,
        margin=message.margin,
        settle_s=message.settle_s,
        middle=[message.middle.latitude, message.middle.longitude] if message.HasField("middle") else [],
        radius_m=message.radius_m,
        corners=[[one.latitude, one.longitude] for one in message.corners],
        keep_in=message.keep_in,
        skus=list(message.skus),
        targets=list(message.targets),
        active=message.active,
    )


def rule_message(of: Rule) -> pb.ConditionRule:
    """As it is kept."""
    return pb.ConditionRule(
        id=of.id,
        kind=of.kind,
        low=of.low,
        high=of.high,
        margin=of.margin,
        settle_s=of.settle_s,
        middle=pb.Place(latitude=of.middle[0], longitude=of.middle[1]) if of.middle else None,
        radius_m=of.radius_m,
        corners=[pb.Place(latitude=one[0], longitude=one[1]) for one in of.corners],
        keep_in=of.keep_in,
        skus=of.skus,
        targets=of.targets,
        active=of.active,
    )


def alert_message(of: Alert) -> pb.Alert:
    """As it was told."""
    return pb.Alert(
        id=of.id,
        rule=of.rule,
        kind=of.kind,
        target=of.target,
        device=of.device,
        order_id=of.order_id,
        warehouse=of.warehouse,
        carrier=of.carrier,
        value=of.value,
        open=of.open,
        opened_at=rfc3339(of.opened_at),
        closed_at=rfc3339(of.closed_at),
    )


def track_message(of: Track) -> pb.Track:
    """Its outline, the last place last."""
    points = [
        pb.TrackPoint(
            at=rfc3339(one.at), latitude=one.latitude, longitude=one.longitude, temperature_c=one.temperature_c
        )
        for one in of.points
    ]
    return pb.Track(target=of.id, order_id=of.order_id, points=points, open_alerts=sorted(of.episodes))
