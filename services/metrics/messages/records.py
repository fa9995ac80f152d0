"""This is where it stands which facts are kept of invoices."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.orders.v1 import events_pb2 as orders

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _invoice_issued(event: orders.InvoiceIssued, told: Told) -> Fact:
    values = {"kind": event.kind, "currency": event.amount.currency, "amount_minor": event.amount.minor}
    return Fact(told.id, "invoice_issued", when(event.at, told), event.invoice_id, values)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {orders.InvoiceIssued: _invoice_issued}
