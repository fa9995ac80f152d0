"""This is where riders go their routes: stops, proof of delivery, cash."""

from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import fleet_pb2 as pb

from gateway.answers import Json, address, answer, money, money_if_any
from gateway.described import feature, problems_of, shown
from gateway.fields import Body, MoneyBody, PathId, money_or_none
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking

router = feature("my-routes")
DEGREES = {"lat": 31.2215, "lng": 121.5447}
_PROOF = {
    "kind": "photo",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "receiver": "self",
    "media": "",
    "position": None,
    "at": "2026-11-23T01:30:00.000Z",
}
PLANNED_STOP = {
    "shipment_id": "shp_01kb2y5v7g8h9j0kmnpqrstvwx",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "waybill": "OF123456789012",
    "position": DEGREES,
    "place": "district",
    "window_from": "2026-11-23T01:00:00.000Z",
    "window_until": "2026-11-23T13:00:00.000Z",
    "arrives_at": "2026-11-23T01:24:00.000Z",
    "weight_g": 350,
    "attempt": 1,
    "to_collect": None,
}
_STOP = PLANNED_STOP | {
    "state": "delivered",
    "arrived_at": "2026-11-23T01:28:00.000Z",
    "done_at": "2026-11-23T01:30:00.000Z",
    "reason": "",
    "proof": _PROOF,
    "cash": "",
    "cash_problem": "",
    "address": None,
}
ROUTE = {
    "id": "rte_01kb2y5v7g8h9j0kmnpqrstvwx_1",
    "plan_id": "rpl_01kb2y5v7g8h9j0kmnpqrstvwx",
    "depot": "main",
    "day": "2026-11-23",
    "vehicle": "trike-1",
    "rider": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "on_the_way",
    "leaves_at": "2026-11-23T01:00:00.000Z",
    "back_at": "2026-11-23T02:10:00.000Z",
    "metres": 18400,
    "stops": [_STOP],
    "left_at": "2026-11-23T01:02:00.000Z",
    "finished_at": None,
    "cash": [{"due": {"currency": "CNY", "minor": 8800}, "handed_in": None, "difference_minor": 0}],
    "owed": 0,
}
_PLAIN = ("id", "plan_id", "depot", "day", "vehicle", "rider", "state", "leaves_at", "back_at", "metres", "owed")


class PositionBody(Body):
    """Degrees, WGS 84."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lng: Annotated[float, Field(ge=-180, le=180)]

    def told(self) -> pb.Position:
        """As logistics takes it."""
        return pb.Position(lat=self.lat, lng=self.lng)


class ProofBody(Body):
    """That it was handed over: a picture by its hash, who took it by relation."""

    kind: Literal["photo", "signature"]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    receiver: Literal["self", "family", "colleague", "neighbour", "guard", "locker", "other"]
    media: Annotated[str, StringConstraints(pattern=r"^(med_[0-9a-z]{26})?$")] = ""
    position: PositionBody | None = None


class DeliveredBody(Body):
    """What a rider says at the door."""

    proof: ProofBody
    collected: MoneyBody | None = None


class FailedBody(Body):
    """Why nothing was handed over."""

    reason: Literal[
        "nobody_home", "refused", "wrong_address", "no_access", "no_cash", "damaged", "out_of_time", "other"
    ]


class FinishBody(Body):
    """The cash handed in, once a currency."""

    cash: Annotated[list[MoneyBody], Field(max_length=5)] = Field(default_factory=list)


def routes(request: Request) -> Any:
    """The neighbour that knows routes."""
    return request.app.state.gateway.neighbours.routes


def _position(of: Any) -> Json | None:
    return {"lat": of.position.lat, "lng": of.position.lng} if of.HasField("position") else None


def planned_stop(of: pb.RouteStop) -> Json:
    """A stop as it was planned."""
    names = ("shipment_id", "order_id", "waybill", "place", "window_from", "window_until", "arrives_at", "weight_g")
    plain = {name: getattr(of, name) for name in (*names, "attempt")}
    return {**plain, "position": _position(of), "to_collect": money_if_any(of.to_collect)}


def _stop(of: pb.RouteStop) -> Json:
    proof = of.proof
    names = ("kind", "sha256", "receiver", "media", "at")
    shown_proof = {**{name: getattr(proof, name) for name in names}, "position": _position(proof)}
    return {
        **planned_stop(of),
        **{name: getattr(of, name) for name in ("state", "reason", "cash", "cash_problem")},
        "arrived_at": of.arrived_at or None,
        "done_at": of.done_at or None,
        "proof": shown_proof if of.HasField("proof") else None,
        "address": address(of.address),
    }


def route(of: pb.Route) -> Json:
    """A route."""
    cash = [
        {
            "due": money(row.due),
            "handed_in": money_if_any(row.handed_in),
            "difference_minor": row.difference_minor,
        }
        for row in of.cash
    ]
    return {
        **{name: getattr(of, name) for name in _PLAIN},
        "stops": [_stop(row) for row in of.stops],
        "left_at": of.left_at or None,
        "finished_at": of.finished_at or None,
        "cash": cash,
    }


def picture(answered: Any) -> Response:
    """A sheet or a picture; a picture runs no script."""
    headers = {
        "cache-control": "no-store",
        "content-disposition": "inline",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(answered.document, media_type=answered.media_type or "application/octet-stream", headers=headers)


async def printed(request: Request, route_id: str, rider: str, form: str) -> Response:
    """A route as `sheet` or `map`; a rider's own when one is named."""
    asked = pb.PrintRouteRequest(id=route_id, rider=rider, form=form)
    return picture(await ask_again(routes(request).PrintRoute, asked, STAFF_S))


DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The document.",
        "content": {
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "image/svg+xml": {"schema": {"type": "string"}},
        },
    },
    **problems_of(("ROUTE_NOT_FOUND", "UNAVAILABLE")),
}
_STEP = ("ROUTE_NOT_FOUND", "ROUTE_NOT_OPEN", "STOP_NOT_FOUND", "STOP_DONE")


@router.get("/v1/my-routes", summary="What I have to bring", responses=shown({"items": [ROUTE]}))
async def list_my_routes(request: Request) -> Response:
    """A rider's own routes that are not over, the earliest first."""
    answered = await ask_again(routes(request).ListRoutes, pb.ListRoutesRequest(rider=asking(request).id))
    return answer({"items": [route(row) for row in answered.routes]})


@router.get("/v1/my-routes/{route_id}", summary="My route", responses=shown(ROUTE, "ROUTE_NOT_FOUND"))
async def get_my_route(request: Request, route_id: PathId) -> Response:
    """With its addresses; another rider's is not there."""
    asked = pb.GetRouteRequest(id=route_id, rider=asking(request).id)
    return answer(route((await ask_again(routes(request).GetRoute, asked)).route))


@router.get("/v1/my-routes/{route_id}/sheet", summary="My route sheet", responses=DOCUMENT)
async def print_my_sheet(request: Request, route_id: PathId) -> Response:
    """PDF: stops in their order, times, cash to take; names and phones masked."""
    return await printed(request, route_id, asking(request).id, "sheet")


@router.get("/v1/my-routes/{route_id}/map", summary="My route drawn", responses=DOCUMENT)
async def print_my_map(request: Request, route_id: PathId) -> Response:
    """SVG: stops in their order, lines, a scale; no map beneath."""
    return await printed(request, route_id, asking(request).id, "map")


@router.post(
    "/v1/my-routes/{route_id}/depart", summary="Leave", responses=shown(ROUTE, "ROUTE_NOT_FOUND", "ROUTE_NOT_OPEN")
)
async def depart_route(request: Request, route_id: PathId) -> Response:
    """What is packed and free goes along (`out_for_delivery`); the rest is `left_behind`. Again changes nothing."""
    asked = pb.DepartRouteRequest(id=route_id, rider=asking(request).id)
    return answer(route((await ask_again(routes(request).DepartRoute, asked, STAFF_S)).route))


@router.post(
    "/v1/my-routes/{route_id}/stops/{shipment_id}/arrived", summary="At the door", responses=shown(ROUTE, *_STEP)
)
async def arrive_at_stop(request: Request, route_id: PathId, shipment_id: PathId) -> Response:
    """Again changes nothing."""
    asked = pb.ArriveAtStopRequest(id=route_id, rider=asking(request).id, shipment_id=shipment_id)
    return answer(route((await ask_again(routes(request).ArriveAtStop, asked, STAFF_S)).route))


@router.post(
    "/v1/my-routes/{route_id}/stops/{shipment_id}/delivered",
    summary="Handed over",
    responses=shown(ROUTE, *_STEP, "INVALID_PROOF", "CASH_DIFFERS", body=True),
)
async def deliver_stop(request: Request, route_id: PathId, shipment_id: PathId, body: DeliveredBody) -> Response:
    """Against proof, and against all the cash that is due. The same proof again changes nothing: a stop is handed over
    once, and its cash booked once."""
    proof = body.proof
    asked = pb.DeliverStopRequest(
        id=route_id,
        rider=asking(request).id,
        shipment_id=shipment_id,
        proof=pb.Proof(
            kind=proof.kind,
            sha256=proof.sha256,
            receiver=proof.receiver,
            media=proof.media,
            position=proof.position.told() if proof.position else None,
        ),
        collected=money_or_none(body.collected),
    )
    return answer(route((await ask_again(routes(request).DeliverStop, asked, STAFF_S)).route))


@router.post(
    "/v1/my-routes/{route_id}/stops/{shipment_id}/failed",
    summary="Not handed over",
    responses=shown(ROUTE, *_STEP, "INVALID_FAILURE", body=True),
)
async def fail_stop(request: Request, route_id: PathId, shipment_id: PathId, body: FailedBody) -> Response:
    """It is brought once more another day, up to three times in all; what was `refused` goes back at once."""
    asked = pb.FailStopRequest(id=route_id, rider=asking(request).id, shipment_id=shipment_id, reason=body.reason)
    return answer(route((await ask_again(routes(request).FailStop, asked, STAFF_S)).route))


@router.post(
    "/v1/my-routes/{route_id}/finish",
    summary="Back at the depot",
    responses=shown(ROUTE, "ROUTE_NOT_FOUND", "ROUTE_NOT_OPEN", "STOPS_OPEN", "INVALID_HAND_IN", body=True),
)
async def finish_route(request: Request, route_id: PathId, body: FinishBody) -> Response:
    """Cash is handed in; what differs from what was taken stands in `cash`. The same again changes nothing."""
    cash = [amount.told() for amount in body.cash]
    asked = pb.FinishRouteRequest(id=route_id, rider=asking(request).id, cash=cash)
    return answer(route((await ask_again(routes(request).FinishRoute, asked, STAFF_S)).route))
