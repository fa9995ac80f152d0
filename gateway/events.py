"""This is where front ends tell what visitors do."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.metrics.v1 import behaviour_pb2 as pb

from gateway.answers import answer
from gateway.described import feature, shown
from gateway.fields import Body, LineOrEmpty, Sku, Time
from gateway.neighbours import ask_again

router = feature("events")
Pseudonym = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._:-]+$")]


class ItemBody(Body):
    """A product it is about."""

    sku: Sku


class EventBody(Body):
    """One thing a visitor did, by its GA4 name. Sent twice with the same `event_id` it counts once. Nothing personal."""

    event_id: Pseudonym
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    at: Time
    visitor_id: Pseudonym
    session_id: Pseudonym | None = None
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")] = "direct"
    page: LineOrEmpty = ""
    skus: list[Sku] = Field(default_factory=list, max_length=100)
    items: list[ItemBody] = Field(default_factory=list, max_length=100)
    query: LineOrEmpty = ""
    dwell_ms: Annotated[int, Field(ge=0, le=86_400_000)] = 0

    def told(self) -> pb.BehaviourEvent:
        """As metrics takes it."""
        return pb.BehaviourEvent(
            event_id=self.event_id,
            name=self.name,
            at=self.at,
            visitor_id=self.visitor_id,
            session_id=self.session_id or self.visitor_id,
            channel=self.channel,
            page=self.page.partition("?")[0],
            skus=[*self.skus, *(item.sku for item in self.items)],
            query=self.query,
            dwell_ms=self.dwell_ms,
        )


class EventsBody(Body):
    """At most a hundred."""

    events: Annotated[list[EventBody], Field(min_length=1, max_length=100)]


@router.post(
    "/v1/events",
    status_code=202,
    summary="Behaviour events",
    responses=shown({"accepted": 2, "duplicates": 0}, "INVALID_EVENT", status=202, body=True),
)
async def record_events(request: Request, body: EventsBody) -> Response:
    """A batch of what visitors did; those told before are dropped."""
    asked = pb.RecordEventsRequest(events=[row.told() for row in body.events])
    answered = await ask_again(request.app.state.gateway.neighbours.behaviour.RecordEvents, asked)
    return answer({"accepted": answered.accepted, "duplicates": answered.duplicates}, 202)
