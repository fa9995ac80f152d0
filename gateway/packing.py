"""This is where it is said how packed boxes are checked: what they may weigh, and what they are made of."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field
from shop.logistics.v1 import packing_pb2 as pb

from gateway.answers import Json, tagged
from gateway.described import feature, shown
from gateway.fields import Body, Line
from gateway.neighbours import ask, ask_again
from gateway.preconditions import if_version
from gateway.waves import Code

router = feature("packing")
_Grams = Annotated[int, Field(ge=0, le=1_000_000)]
PACKAGING = {"code": "box-s", "title": "Small box", "tare_g": 80, "most_g": 2000}
RULES = {"tolerance_percent": 5, "tolerance_g": 30, "packagings": [PACKAGING]}


class PackagingBody(Body):
    """A box or bag: what it weighs itself, how many grams it bears (0: any)."""

    code: Code
    title: Line
    tare_g: _Grams = 0
    most_g: _Grams = 0


class PackRulesBody(Body):
    """A box may be off by so many percent, and always by so many grams."""

    tolerance_percent: Annotated[int, Field(ge=0, le=100)] = 5
    tolerance_g: Annotated[int, Field(ge=0, le=100_000)] = 30
    packagings: Annotated[list[PackagingBody], Field(max_length=100)] = Field(default_factory=list)


def _packing(request: Request) -> Any:
    return request.app.state.gateway.neighbours.packing


def _rules(of: pb.PackRules) -> Json:
    boxes = [{name: getattr(one, name) for name in PACKAGING} for one in of.packagings]
    return {"tolerance_percent": of.tolerance_percent, "tolerance_g": of.tolerance_g, "packagings": boxes}


@router.get("/v1/packing-rules", summary="How boxes are checked", responses=shown(RULES))
async def get_pack_rules(request: Request) -> Response:
    """The ETag is for If-Match."""
    rules = (await ask_again(_packing(request).GetPackRules, pb.GetPackRulesRequest())).rules
    return tagged(_rules(rules), rules.version)


@router.put(
    "/v1/packing-rules",
    summary="Say how boxes are checked",
    responses=shown(RULES, "INVALID_PACK_RULES", "VERSION_MISMATCH", body=True),
)
async def put_pack_rules(request: Request, body: PackRulesBody) -> Response:
    """If-Match with the ETag that was read; without it, only the first time."""
    boxes = [pb.Packaging(**one.model_dump()) for one in body.packagings]
    rules = pb.PackRules(tolerance_percent=body.tolerance_percent, tolerance_g=body.tolerance_g, packagings=boxes)
    asked = pb.PutPackRulesRequest(rules=rules, if_version=if_version(request))
    kept = (await ask(_packing(request).PutPackRules, asked)).rules
    return tagged(_rules(kept), kept.version)
