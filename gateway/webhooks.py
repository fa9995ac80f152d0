"""This is where partner carriers say where they want to be told, see what was sent there, and have it sent again.

Whatever changes something is signed together with a body, `{}` at the least: so nobody can make it of a signed GET.
"""

from typing import Annotated, Any, Literal

import orjson
from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import webhooks_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.carriers import PROOF, SIGNED, proof
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, PathId, Time, page_of
from gateway.neighbours import ask, ask_again
from gateway.partner_keys import SECRET, OverlapBody

router = feature("webhooks")
Type = Literal[
    "shipment.planned",
    "shipment.address_changed",
    "shipment.rerouted",
    "shipment.cancelled",
    "pickup.booked",
    "pickup.changed",
    "return.booked",
    "return.cancelled",
]
Types = Annotated[list[Type], Field(min_length=1, max_length=8)]
HookUrl = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[\x21-\x7e]+$")]
ENDPOINT = {
    "id": "whe_01kb2y5v7g8h9j0kmnpqrstvwx",
    "url": "https://hooks.quick.example/shop",
    "types": ["shipment.planned", "shipment.cancelled"],
    "state": "enabled",
    "reason": None,
    "created_at": "2026-11-22T08:00:00.000Z",
    "overlap_until": None,
}
_WITH_SECRET = {**ENDPOINT, "secret": SECRET}
_ATTEMPT = {"at": "2026-11-22T08:00:01.000Z", "status": 503, "outcome": "refused_status", "took_ms": 41}
_SUMMARY = {
    "id": "whd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "endpoint_id": "whe_01kb2y5v7g8h9j0kmnpqrstvwx",
    "type": "shipment.planned",
    "state": "waiting",
    "created_at": "2026-11-22T08:00:00.000Z",
    "next_at": "2026-11-22T08:00:06.000Z",
    "attempts": [_ATTEMPT],
}
_DELIVERY = {**_SUMMARY, "payload": None}
_CHANGES = (*PROOF, "REPLAYED", "ENDPOINT_NOT_FOUND")


class EndpointBody(Body):
    """A new endpoint."""

    url: HookUrl
    types: Types


class EndpointPatch(Body):
    """What is there changes."""

    url: HookUrl | None = None
    types: Types | None = None
    state: Literal["enabled", "disabled"] | None = None


class RangeBody(Body):
    """What was made from `since` until before `until`."""

    since: Time
    until: Time


class NothingBody(Body):
    """`{}`."""


def _endpoint(of: pb.Endpoint) -> Json:
    return {**{name: getattr(of, name) or None for name in ENDPOINT}, "types": list(of.types)}


def _summary(of: pb.Delivery) -> Json:
    plain: Json = {name: getattr(of, name) or None for name in _SUMMARY}
    return {**plain, "attempts": [{name: getattr(row, name) for name in _ATTEMPT} for row in of.attempts]}


def _delivery(of: pb.Delivery) -> Json:
    return {**_summary(of), "payload": orjson.loads(of.payload) if of.payload.startswith("{") else None}


def _webhooks(request: Request) -> Any:
    return request.app.state.gateway.neighbours.webhooks


@router.post(
    "/carrier/v1/webhooks",
    status_code=201,
    summary="Register an endpoint",
    responses=shown(_WITH_SECRET, *PROOF, "REPLAYED", "INVALID_ENDPOINT", "TOO_MANY_ENDPOINTS", status=201, body=True),
    openapi_extra=SIGNED,
)
async def create_endpoint(request: Request, body: EndpointBody) -> Response:
    """Deliveries follow Standard Webhooks 1.0 and are signed with the secret, which is shown this once."""
    asked = pb.CreateEndpointRequest(proof=proof(request), url=body.url, types=body.types)
    made = await ask(_webhooks(request).CreateEndpoint, asked)
    return answer({**_endpoint(made.endpoint), "secret": made.secret}, 201)


@router.get(
    "/carrier/v1/webhooks",
    summary="Your endpoints",
    responses=shown({"items": [ENDPOINT]}, *PROOF),
    openapi_extra=SIGNED,
)
async def list_endpoints(request: Request) -> Response:
    """At most ten, oldest first."""
    found = await ask_again(_webhooks(request).ListEndpoints, pb.ListEndpointsRequest(proof=proof(request)))
    return answer({"items": [_endpoint(row) for row in found.endpoints]})


@router.get(
    "/carrier/v1/webhooks/{endpoint_id}",
    summary="One endpoint",
    responses=shown(ENDPOINT, *PROOF, "ENDPOINT_NOT_FOUND"),
    openapi_extra=SIGNED,
)
async def get_endpoint(request: Request, endpoint_id: PathId) -> Response:
    """`disabled` because it was asked for, or because it answered 410 (`gone`)."""
    asked = pb.GetEndpointRequest(proof=proof(request), id=endpoint_id)
    return answer(_endpoint((await ask_again(_webhooks(request).GetEndpoint, asked)).endpoint))


@router.patch(
    "/carrier/v1/webhooks/{endpoint_id}",
    summary="Change an endpoint",
    responses=shown(ENDPOINT, *_CHANGES, "INVALID_ENDPOINT", body=True),
    openapi_extra=SIGNED,
)
async def change_endpoint(request: Request, endpoint_id: PathId, body: EndpointPatch) -> Response:
    """Another address, other types, enabled or disabled."""
    asked = pb.ChangeEndpointRequest(
        proof=proof(request), id=endpoint_id, url=body.url or "", types=body.types or [], state=body.state or ""
    )
    return answer(_endpoint((await ask(_webhooks(request).ChangeEndpoint, asked)).endpoint))


@router.post(
    "/carrier/v1/webhooks/{endpoint_id}/rotate",
    summary="Replace an endpoint's secret",
    responses=shown(_WITH_SECRET, *_CHANGES, "INVALID_ENDPOINT", body=True),
    openapi_extra=SIGNED,
)
async def rotate_endpoint(request: Request, endpoint_id: PathId, body: OverlapBody) -> Response:
    """During the overlap deliveries carry two signatures, the new secret's first."""
    asked = pb.RotateEndpointRequest(proof=proof(request), id=endpoint_id, overlap_hours=body.overlap_hours)
    made = await ask(_webhooks(request).RotateEndpoint, asked)
    return answer({**_endpoint(made.endpoint), "secret": made.secret})


@router.post(
    "/carrier/v1/webhooks/{endpoint_id}/test",
    status_code=202,
    summary="Send a test",
    responses=shown(_DELIVERY, *_CHANGES, "ENDPOINT_DISABLED", status=202, body=True),
    openapi_extra=SIGNED,
)
async def test_endpoint(request: Request, endpoint_id: PathId, body: NothingBody) -> Response:
    """A `webhook.test`, delivered as all others are. Send `{}`."""
    asked = pb.TestEndpointRequest(proof=proof(request), id=endpoint_id)
    return answer(_delivery((await ask(_webhooks(request).TestEndpoint, asked)).delivery), 202)


@router.post(
    "/carrier/v1/webhooks/{endpoint_id}/replay",
    status_code=202,
    summary="Send a span of time again",
    responses=shown(
        {"replayed": 12, "more_since": None},
        *_CHANGES,
        "ENDPOINT_DISABLED",
        "INVALID_RANGE",
        status=202,
        body=True,
    ),
    openapi_extra=SIGNED,
)
async def replay_range(request: Request, endpoint_id: PathId, body: RangeBody) -> Response:
    """Delivered or not, under the same `webhook-id`s; at most 1000 at once, `more_since` says where to go on."""
    asked = pb.ReplayRangeRequest(proof=proof(request), id=endpoint_id, since=body.since, until=body.until)
    done = await ask(_webhooks(request).ReplayRange, asked)
    return answer({"replayed": done.replayed, "more_since": done.more_since or None}, 202)


@router.get(
    "/carrier/v1/webhooks/{endpoint_id}/deliveries",
    summary="What was sent to an endpoint",
    responses=shown({"items": [_SUMMARY], "next_cursor": None}, *PROOF, "ENDPOINT_NOT_FOUND", "INVALID_PARAMETER"),
    openapi_extra=SIGNED,
)
async def list_deliveries(
    request: Request,
    endpoint_id: PathId,
    state: Annotated[Literal["", "waiting", "delivered", "failed"], Query(description="Only in this state.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first, for 90 days."""
    asked = pb.ListDeliveriesRequest(
        proof=proof(request), endpoint_id=endpoint_id, state=state, page=page_of(limit, cursor)
    )
    found = await ask_again(_webhooks(request).ListDeliveries, asked)
    return paged(request, "items", [_summary(row) for row in found.deliveries], found.next_cursor)


@router.get(
    "/carrier/v1/deliveries/{delivery_id}",
    summary="One delivery",
    responses=shown(_DELIVERY, *PROOF, "DELIVERY_NOT_FOUND"),
    openapi_extra=SIGNED,
)
async def get_delivery(request: Request, delivery_id: PathId) -> Response:
    """With what is sent and every attempt: when, what was answered, how long it took."""
    asked = pb.GetDeliveryRequest(proof=proof(request), id=delivery_id)
    return answer(_delivery((await ask_again(_webhooks(request).GetDelivery, asked)).delivery))


@router.post(
    "/carrier/v1/deliveries/{delivery_id}/replay",
    status_code=202,
    summary="Send one again",
    responses=shown(_DELIVERY, *PROOF, "REPLAYED", "DELIVERY_NOT_FOUND", "ENDPOINT_DISABLED", status=202, body=True),
    openapi_extra=SIGNED,
)
async def replay_delivery(request: Request, delivery_id: PathId, body: NothingBody) -> Response:
    """As if for the first time, under the same `webhook-id`. Send `{}`."""
    asked = pb.ReplayDeliveryRequest(proof=proof(request), id=delivery_id)
    return answer(_delivery((await ask(_webhooks(request).ReplayDelivery, asked)).delivery), 202)
