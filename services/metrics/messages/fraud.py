"""This is where what is told about fraud becomes facts: cases by what came of them, and what was lost."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.orders.v1 import events_pb2 as orders

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _case(outcome_of: Callable[[Any], str]) -> Callable[[Any, Told], Fact]:
    def fact(event: Any, told: Told) -> Fact:
        outcome = outcome_of(event)
        values = {"outcome": outcome, "currency": event.total.currency, "total_minor": event.total.minor}
        return Fact(told.id, "fraud_case", when(event.at, told), f"{outcome}:{event.order_id}", values)

    return fact


def _loss(event: orders.FraudLossReported, told: Told) -> Fact:
    values = {"reason": event.kind, "currency": event.loss.currency, "loss_minor": event.loss.minor}
    return Fact(told.id, "fraud_loss", when(event.at, told), event.order_id, values)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    orders.FraudReviewOpened: _case(lambda _: "held"),
    orders.FraudBlocked: _case(lambda _: "blocked"),
    orders.FraudReviewClosed: _case(lambda event: str(event.outcome)),
    orders.FraudLossReported: _loss,
}
