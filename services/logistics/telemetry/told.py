"""This is where an alert that begins or ends becomes an event."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from shop.logistics.v1 import events_pb2

from services.kit.clock import rfc3339

if TYPE_CHECKING:
    from .judging import Episode
    from .rules import Rule
    from .tracks import Track


def condition_alert(
    track: Track, rule: Rule, episode: Episode, closed_at: datetime | None = None
) -> events_pb2.ConditionAlert:
    """An alert begins, or ends."""
    return events_pb2.ConditionAlert(
        alert_id=episode.alert_id,
        rule_id=rule.id,
        kind=rule.kind,
        target=track.id,
        device_id=episode.device,
        order_id=track.order_id,
        warehouse=track.warehouse,
        carrier=track.carrier,
        value=episode.value,
        opened_at=rfc3339(episode.opened_at),
        closed_at=rfc3339(closed_at),
    )
