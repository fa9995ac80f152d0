"""This is where cases become protobuf, and the events others hear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shop.orders.v1 import events_pb2
from shop.orders.v1 import exceptions_pb2 as pb

from services.kit.clock import rfc3339
from services.orders.messages.orders import clock_message

if TYPE_CHECKING:
    from .cases import Case


def exception_opened(case: Case) -> events_pb2.ExceptionOpened:
    """Something went wrong."""
    return events_pb2.ExceptionOpened(
        exception_id=case.id,
        order_id=case.order_id,
        reason=case.reason,
        at=rfc3339(case.opened_at),
        contact_by=rfc3339(case.contact_clock.due_at),
    )


def exception_resolved(case: Case) -> events_pb2.ExceptionResolved:
    """It was put right."""
    open_s = int((case.resolved_at - case.opened_at).total_seconds()) if case.resolved_at else 0
    return events_pb2.ExceptionResolved(
        exception_id=case.id,
        order_id=case.order_id,
        reason=case.reason,
        outcome=case.outcome,
        at=rfc3339(case.resolved_at),
        open_s=open_s,
    )


def case_message(case: Case) -> pb.OrderException:
    """What went wrong, and what was done about it."""
    return pb.OrderException(
        id=case.id,
        order_id=case.order_id,
        reason=case.reason,
        state=case.state,
        text=case.text,
        opened_at=rfc3339(case.opened_at),
        opened_by=case.opened_by,
        shipment_id=case.shipment_id,
        contact_clock=clock_message(case.contact_clock),
        contacts=[
            pb.ExceptionContact(channel=one.channel, result=one.result, note=one.note, by=one.by, at=rfc3339(one.at))
            for one in case.contacts
        ],
        log=[pb.ExceptionEntry(at=rfc3339(one.at), by=one.by, what=one.what, text=one.text) for one in case.log],
        outcome=case.outcome,
        resolved_at=rfc3339(case.resolved_at),
        resolved_by=case.resolved_by,
        reship_id=case.reship_id,
        version=case.version,
    )


def lines_of(lines: Sequence[pb.ExceptionLine]) -> dict[str, int]:
    """Units by SKU."""
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units
