"""This is where what is said about how long things may take becomes protobuf and back."""

from collections.abc import Sequence

from shop.orders.v1 import deadlines_pb2 as pb

from services.kit.calendars import Calendar, Span
from services.kit.clock import rfc3339
from services.kit.sla import Policy, Terms


def policy_of(message: pb.SlaPolicy) -> Policy:
    """As it came in, unchecked."""
    return Policy(message.duration_s, message.warn_s, message.warn_bp, list(message.escalate_s), message.calendar)


def calendar_of(message: pb.SlaCalendar) -> Calendar:
    """As it came in, unchecked."""
    return Calendar(
        message.zone,
        [_spans(day) for day in message.week],
        {day.date: _spans(day) for day in message.special},
    )


def _spans(day: pb.SlaDay) -> list[Span]:
    return [Span(span.opens, span.closes) for span in day.spans]


def terms(of: Terms) -> pb.SlaTerms:
    """The terms."""
    return pb.SlaTerms(
        revision=of.revision,
        since=rfc3339(of.since),
        policies=[
            pb.SlaPolicy(
                id=name,
                duration_s=policy.duration_s,
                warn_s=policy.warn_s,
                warn_bp=policy.warn_bp,
                escalate_s=policy.escalate_s,
                calendar=policy.calendar,
            )
            for name, policy in sorted(of.policies.items())
        ],
        calendars=[_calendar(name, calendar) for name, calendar in sorted(of.calendars.items())],
    )


def _calendar(name: str, of: Calendar) -> pb.SlaCalendar:
    return pb.SlaCalendar(
        id=name,
        zone=of.zone,
        week=[_day("", spans) for spans in of.week],
        special=[_day(day, spans) for day, spans in sorted(of.special.items())],
    )


def _day(day: str, spans: Sequence[Span]) -> pb.SlaDay:
    return pb.SlaDay(date=day, spans=[pb.SlaSpan(opens=s.opens, closes=s.closes) for s in spans])
