"""This is where staff let a parcel leave from another warehouse."""

from typing import Literal

from fastapi import Request, Response
from pydantic import Field
from shop.logistics.v1 import reroutes_pb2 as pb

from gateway.answers import answer
from gateway.described import feature, shown
from gateway.fields import Body, LineOrEmpty, PathId, Slug
from gateway.neighbours import ask_again
from gateway.permissions import asking
from gateway.shipments import SHIPMENT, shipment

router = feature("shipments")


class RerouteBody(Body):
    """Why it cannot leave from `from`; `to` is the warehouse wanted, or nothing for the best.

    `short`: its goods are not there. `damaged`: they are, but nobody would want them. `closed`, `other`: they are sound and
    go back on the shelf.
    """

    was: Slug = Field(alias="from")
    reason: Literal["short", "damaged", "closed", "other"]
    to: Slug | None = None
    note: LineOrEmpty = ""


@router.post(
    "/v1/shipments/{shipment_id}/reroute",
    summary="Let it leave from another warehouse",
    responses=shown(
        SHIPMENT, "SHIPMENT_NOT_FOUND", "ILLEGAL_TRANSITION", "INVALID_REROUTE", "BEING_ALLOCATED", body=True
    ),
)
async def reroute_shipment(request: Request, shipment_id: PathId, body: RerouteBody) -> Response:
    """`planned` stays `planned` elsewhere, once; or it is an `exception` until another warehouse has its goods."""
    asked = pb.RerouteShipmentRequest(
        id=shipment_id, was=body.was, reason=body.reason, to=body.to or "", note=body.note, by=asking(request).id
    )
    answered = await ask_again(request.app.state.gateway.neighbours.reroutes.RerouteShipment, asked)
    return answer(shipment(answered.shipment))
