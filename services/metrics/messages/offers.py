"""This is where events about offers and whom they are for become facts."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.crm.v1 import events_pb2 as crm
from shop.marketing.v1 import events_pb2 as marketing

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _customer_changed(event: crm.CustomerChanged, told: Told) -> Fact:
    return Fact(told.id, "customer_changed", when(event.at, told), "", {"what": event.what})


def _voucher_granted(event: marketing.VoucherGranted, told: Told) -> Fact:
    return Fact(told.id, "voucher_granted", when(event.at, told), event.voucher_id, {"source": event.source})


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    crm.CustomerChanged: _customer_changed,
    marketing.VoucherGranted: _voucher_granted,
}
