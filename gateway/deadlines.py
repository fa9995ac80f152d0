"""This is where staff say how long things may take, and see which promises are about to break."""

from typing import Annotated, Any

from fastapi import Path, Request, Response
from pydantic import Field
from shop.orders.v1 import deadlines_pb2 as pb

from gateway.answers import Json, tagged
from gateway.described import feature, shown
from gateway.fields import Body
from gateway.neighbours import ask, ask_again
from gateway.preconditions import if_version

router = feature("deadlines")
_NAME = "^[a-z0-9][a-z0-9_-]{0,39}$"
_PathName = Annotated[str, Path(pattern=_NAME, description="Lower-case letters, digits, `_`, `-`.")]
_Seconds = Annotated[int, Field(ge=60, le=366 * 86400)]
_Time = Annotated[
    str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", description="`09:00`; `24:00` at most.")
]
POLICY = {
    "id": "ship_by",
    "duration_s": 86400,
    "warn_s": 14400,
    "warn_percent": 0.0,
    "escalate_s": [86400],
    "calendar": None,
}
_SPANS = [{"opens": "09:00", "closes": "12:00"}, {"opens": "13:00", "closes": "18:00"}]
CALENDAR = {
    "id": "office",
    "zone": "Asia/Shanghai",
    "week": [_SPANS, _SPANS, _SPANS, _SPANS, _SPANS, [], []],
    "special": [{"date": "2026-10-01", "spans": []}, {"date": "2026-10-10", "spans": _SPANS}],
}
TERMS = {"revision": 3, "since": "2026-11-22T08:00:00.000Z", "policies": [POLICY], "calendars": [CALENDAR]}


class PolicyBody(Body):
    """How long something may take, in seconds of open time; warned so long (or that share of it) before the end; told again
    whenever it has been over for one more of `escalate_s`."""

    duration_s: _Seconds
    warn_s: Annotated[int, Field(ge=0, le=366 * 86400)] = 0
    warn_percent: Annotated[float, Field(ge=0, lt=100, multiple_of=0.01)] = 0
    escalate_s: list[_Seconds] = Field(default_factory=list, max_length=5)
    calendar: Annotated[str, Field(pattern=f"{_NAME}|^$", description="Empty: day and night.")] = ""


class SpanBody(Body):
    """Open from a time of the local day until another."""

    opens: _Time
    closes: _Time

    def told(self) -> pb.SlaSpan:
        """As orders takes it."""
        return pb.SlaSpan(opens=_minute(self.opens), closes=_minute(self.closes))


_Spans = Annotated[list[SpanBody], Field(max_length=6)]


class SpecialBody(Body):
    """A date with other hours than its weekday: a holiday has none, a weekend day that is worked instead has some."""

    date: Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    spans: _Spans = Field(default_factory=list)


class CalendarBody(Body):
    """When it is open: Monday to Sunday, and the dates that differ."""

    zone: Annotated[str, Field(max_length=60, description="IANA time zone.")]
    week: Annotated[list[_Spans], Field(min_length=7, max_length=7)]
    special: list[SpecialBody] = Field(default_factory=list, max_length=400)

    def told(self, name: str) -> pb.SlaCalendar:
        """As orders takes it."""
        return pb.SlaCalendar(
            id=name,
            zone=self.zone,
            week=[pb.SlaDay(spans=[span.told() for span in day]) for day in self.week],
            special=[pb.SlaDay(date=day.date, spans=[span.told() for span in day.spans]) for day in self.special],
        )


def _minute(time: str) -> int:
    hour, minute = time.split(":")
    return int(hour) * 60 + int(minute)


def _spans(day: pb.SlaDay) -> list[Json]:
    return [{"opens": _shown(span.opens), "closes": _shown(span.closes)} for span in day.spans]


def _shown(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _terms(of: pb.SlaTerms) -> Response:
    policies = [
        {
            "id": policy.id,
            "duration_s": policy.duration_s,
            "warn_s": policy.warn_s,
            "warn_percent": policy.warn_bp / 100,
            "escalate_s": list(policy.escalate_s),
            "calendar": policy.calendar or None,
        }
        for policy in of.policies
    ]
    calendars = [
        {
            "id": calendar.id,
            "zone": calendar.zone,
            "week": [_spans(day) for day in calendar.week],
            "special": [{"date": day.date, "spans": _spans(day)} for day in calendar.special],
        }
        for calendar in of.calendars
    ]
    whole = {"revision": of.revision, "since": of.since, "policies": policies, "calendars": calendars}
    return tagged(whole, of.revision)


def _deadlines(request: Request) -> Any:
    return request.app.state.gateway.neighbours.deadlines


@router.get("/v1/sla", summary="How long things may take", responses=shown(TERMS))
async def get_sla_terms(request: Request) -> Response:
    """All policies and calendars; the ETag is for If-Match."""
    return _terms((await ask_again(_deadlines(request).GetSlaTerms, pb.GetSlaTermsRequest())).terms)


@router.put(
    "/v1/sla/policies/{policy_id}",
    summary="Say how long something may take",
    responses=shown(TERMS, "INVALID_SLA", "VERSION_MISMATCH", body=True),
)
async def put_sla_policy(request: Request, policy_id: _PathName, body: PolicyBody) -> Response:
    """Clocks that run follow and keep what they have spent. What had been told and is not due any more is told again when
    it is."""
    policy = pb.SlaPolicy(
        id=policy_id,
        duration_s=body.duration_s,
        warn_s=body.warn_s,
        warn_bp=round(body.warn_percent * 100),
        escalate_s=body.escalate_s,
        calendar=body.calendar,
    )
    asked = pb.PutSlaPolicyRequest(policy=policy, if_version=if_version(request))
    return _terms((await ask(_deadlines(request).PutSlaPolicy, asked)).terms)


@router.put(
    "/v1/sla/calendars/{calendar_id}",
    summary="Say when it is open",
    responses=shown(TERMS, "INVALID_SLA", "VERSION_MISMATCH", body=True),
)
async def put_sla_calendar(request: Request, calendar_id: _PathName, body: CalendarBody) -> Response:
    """In its own time zone, with several spans a day, holidays and weekend days worked instead. Clocks that run follow."""
    asked = pb.PutSlaCalendarRequest(calendar=body.told(calendar_id), if_version=if_version(request))
    return _terms((await ask(_deadlines(request).PutSlaCalendar, asked)).terms)
