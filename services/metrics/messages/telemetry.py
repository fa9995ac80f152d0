"""This is where what devices on the way say becomes facts."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.logistics.v1 import events_pb2 as logistics

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _condition_alert(event: logistics.ConditionAlert, told: Told) -> Fact:
    values = {"kind": event.kind, "over": bool(event.closed_at)}
    return Fact(told.id, "condition_alert", when(event.closed_at or event.opened_at, told), event.alert_id, values)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {logistics.ConditionAlert: _condition_alert}
