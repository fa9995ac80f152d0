"""This is where the tables of all events and the facts they become come together: one file a feature."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message

from services.kit.events import Told
from services.metrics.facts import Fact

from . import (
    aftersales,
    borders,
    deadlines,
    events,
    exceptions,
    fleet,
    floor,
    fraud,
    intake,
    offers,
    partners,
    payments,
    pickups,
    preorders,
    records,
    slots,
    subscriptions,
    telemetry,
    tracking,
)

FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    **events.FACTS,
    **deadlines.FACTS,
    **intake.FACTS,
    **fraud.FACTS,
    **aftersales.FACTS,
    **borders.FACTS,
    **exceptions.FACTS,
    **floor.FACTS,
    **fleet.FACTS,
    **offers.FACTS,
    **partners.FACTS,
    **payments.FACTS,
    **pickups.FACTS,
    **preorders.FACTS,
    **slots.FACTS,
    **subscriptions.FACTS,
    **records.FACTS,
    **telemetry.FACTS,
    **tracking.FACTS,
}
