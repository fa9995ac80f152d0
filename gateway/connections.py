"""This is where staff see which carriers there are and what each can, turn them on and off, and add partners."""

from typing import Annotated, Any, Literal

from fastapi import Path, Request, Response
from pydantic import Field
from shop.logistics.v1 import connections_pb2 as pb

from gateway.answers import Json, answer, tagged
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("carriers")
_Code = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$", description="`sandbox`, `sf`, `zto`, …")]
_Days = Annotated[int, Field(ge=1, le=365)]
_Secret = Annotated[str, Field(max_length=300, pattern=ONE_LINE)]
_Field = Annotated[str, Field(max_length=40, pattern="^[a-z_]+$")]
CARRIER = {
    "code": "zto",
    "title": "中通快遞 ZTO Express",
    "on": True,
    "environment": "test",
    "partner": False,
    "prefix": "",
    "speaks": "",
    "abilities": ["pickup", "ship", "track", "void"],
    "account_fields": ["app_key", "app_secret", "account_id", "account_password"],
    "known_fields": ["account_id", "account_password", "app_key", "app_secret"],
    "stuck_days": [{"state": "in_transit", "days": 4}],
    "lost_days": 15,
    "updated_at": "2026-11-22T08:00:00.000Z",
    "updated_by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "version": 1,
}


class StuckBody(Body):
    """Days without a scan after which a parcel in this state is told to be stuck."""

    state: _Field
    days: _Days


class CarrierBody(Body):
    """How a carrier is to be. Fields of `account` that are not named stay as they are; they are sealed and never shown.
    A code that is none yet makes a partner of it, with its own title, prefix and vocabulary."""

    on: bool
    environment: Literal["live", "test"] = "test"
    account: Annotated[dict[_Field, _Secret], Field(max_length=20)] = Field(default_factory=dict)
    stuck_days: Annotated[list[StuckBody], Field(max_length=20)] = Field(default_factory=list)
    lost_days: _Days = 15
    partner: bool = False
    title: Annotated[str, Field(max_length=100, pattern=ONE_LINE)] = ""
    prefix: Annotated[str, Field(max_length=4, pattern="^[A-Z]*$")] = ""
    speaks: Annotated[str, Field(max_length=20, pattern="^[a-z0-9]*$")] = ""


def _carrier(of: pb.Connection) -> Json:
    plain = {name: getattr(of, name) for name in CARRIER}
    lists = {name: list(plain[name]) for name in ("abilities", "account_fields", "known_fields")}
    return {**plain, **lists, "stuck_days": _stuck(of), "updated_at": of.updated_at or None}


def _stuck(of: pb.Connection) -> list[Json]:
    return [{"state": state, "days": days} for state, days in sorted(of.stuck_days.items())]


def _connections(request: Request) -> Any:
    return request.app.state.gateway.neighbours.connections


@router.get("/v1/carriers", summary="Carriers", responses=shown({"items": [CARRIER]}))
async def list_carriers(request: Request) -> Response:
    """All of them, what each can, and which fields of our account are known."""
    answered = await ask_again(_connections(request).ListConnections, pb.ListConnectionsRequest())
    return answer({"items": [_carrier(row) for row in answered.connections]})


@router.put(
    "/v1/carriers/{code}",
    summary="Turn a carrier on or off, or say on what terms",
    responses=shown(
        CARRIER,
        "CARRIER_NOT_FOUND",
        "INVALID_CONNECTION",
        "ACCOUNT_INCOMPLETE",
        "LAST_CARRIER",
        "VERSION_MISMATCH",
        body=True,
    ),
)
async def put_carrier(request: Request, code: _Code, body: CarrierBody) -> Response:
    """If-Match with the version that was read, once it has been changed before (`version` above 0). One that is off gets no
    new parcels; those under way are still tracked."""
    wanted = pb.PutConnectionRequest(
        code=code,
        **body.model_dump(exclude={"stuck_days"}),
        stuck_days={row.state: row.days for row in body.stuck_days},
        if_version=if_version(request),
        by=asking(request).id,
    )
    kept = (await ask(_connections(request).PutConnection, wanted)).connection
    return tagged(_carrier(kept), kept.version)
