"""This is where staff say what goods are to customs, what may not go where, and what duties are."""

from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import customs_pb2 as pb

from gateway.answers import Json, answer, money_if_any, paged, tagged
from gateway.described import feature, shown
from gateway.fields import (
    ONE_LINE,
    Body,
    Currency,
    Cursor,
    Limit,
    Line,
    MoneyBody,
    PathId,
    PathSku,
    money_or_none,
    page_of,
)
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("customs")
_Text = Annotated[str, StringConstraints(max_length=200, pattern=ONE_LINE)]
_Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
_Battery = Literal["none", "contained", "packed_with", "alone"]
_Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,10}$")]
_Day = Annotated[str, StringConstraints(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
_Points = Annotated[int, Field(ge=0, le=10_000)]
_Amount = Annotated[int, Field(ge=0, le=10**12)]
GOODS = {
    "sku": "MUG-01",
    "hs_code": "691200",
    "origin": "CN",
    "description": "Ceramic mug",
    "material": "stoneware",
    "use": "tableware",
    "battery": "none",
    "declared": None,
    "missing": ["origin"],
    "changed_at": "2026-11-22T08:00:00.000Z",
    "version": 3,
}
RESTRICTION = {
    "id": "us-batteries",
    "country": "US",
    "kind": "prohibited",
    "hs_prefix": "8507",
    "battery": "",
    "reason": "dangerous_goods",
    "text": "Batteries alone do not fly.",
    "from_day": "2026-01-01",
    "until_day": "",
    "version": 1,
}
TABLE = {
    "country": "GB",
    "currency": "CNY",
    "tax_name": "VAT",
    "cif": True,
    "duty_de_minimis_minor": 125000,
    "tax_de_minimis_minor": 0,
    "ddp": True,
    "ddp_fee_bp": 250,
    "ddp_fee_minor": 500,
    "rates": [{"hs_prefix": "6912", "duty_bp": 1200, "tax_bp": 2000}],
    "version": 1,
}


class GoodsBody(Body):
    """A SKU as customs sees it; what is left empty is missing."""

    hs_code: Annotated[str, StringConstraints(pattern=r"^([0-9]{6}([0-9]{2}){0,2})?$")] = ""
    origin: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] = ""
    description: _Text = ""
    material: _Text = ""
    use: _Text = ""
    battery: _Battery = "none"
    declared: MoneyBody | None = None


class RestrictionBody(Body):
    """What may not go where; `*`: anywhere abroad."""

    country: Annotated[str, StringConstraints(pattern=r"^(\*|[A-Z]{2})$")]
    kind: Literal["prohibited", "restricted"]
    hs_prefix: _Digits = ""
    battery: Literal["", "none", "contained", "packed_with", "alone"] = ""
    reason: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
    text: Line
    from_day: _Day = ""
    until_day: _Day = ""


class RateBody(Body):
    """What goods whose HS code begins so pay, in hundredths of a percent."""

    hs_prefix: _Digits = ""
    duty_bp: Annotated[int, Field(ge=0, le=100_000)] = 0
    tax_bp: _Points = 0


class TableBody(Body):
    """A country's duties."""

    currency: Currency = "CNY"
    tax_name: Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=ONE_LINE)] = "VAT"
    cif: bool = True
    duty_de_minimis_minor: _Amount = 0
    tax_de_minimis_minor: _Amount = 0
    ddp: bool = False
    ddp_fee_bp: _Points = 0
    ddp_fee_minor: _Amount = 0
    rates: Annotated[list[RateBody], Field(min_length=1, max_length=500)]


def goods(of: pb.CustomsGoods) -> Json:
    """A SKU as customs sees it."""
    plain = {name: getattr(of, name) for name in GOODS if name not in ("declared", "missing")}
    return {**plain, "declared": money_if_any(of.declared), "missing": list(of.missing)}


def _restriction(of: pb.Restriction) -> Json:
    return {name: getattr(of, name) for name in RESTRICTION}


def _table(of: pb.DutyTable) -> Json:
    plain = {name: getattr(of, name) for name in TABLE if name != "rates"}
    rates = [{"hs_prefix": r.hs_prefix, "duty_bp": r.duty_bp, "tax_bp": r.tax_bp} for r in of.rates]
    return {**plain, "rates": rates}


def _customs(request: Request) -> Any:
    return request.app.state.gateway.neighbours.customs


@router.get(
    "/v1/customs/goods",
    summary="Goods as customs sees them",
    responses=shown({"items": [GOODS], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_customs_goods(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """By SKU; `missing` says what a parcel abroad would wait for."""
    asked = pb.ListCustomsGoodsRequest(page=page_of(limit, cursor))
    answered = await ask_again(_customs(request).ListCustomsGoods, asked)
    return paged(request, "items", [goods(one) for one in answered.goods], answered.next_cursor)


@router.get(
    "/v1/customs/goods/{sku}", summary="A SKU as customs sees it", responses=shown(GOODS, "CUSTOMS_GOODS_NOT_FOUND")
)
async def get_customs_goods(request: Request, sku: PathSku) -> Response:
    """With its version as ETag."""
    found = (await ask_again(_customs(request).GetCustomsGoods, pb.GetCustomsGoodsRequest(sku=sku))).goods
    return tagged(goods(found), found.version)


@router.put(
    "/v1/customs/goods/{sku}",
    summary="Describe a SKU for customs",
    responses=shown(GOODS, "INVALID_CUSTOMS_GOODS", "VERSION_MISMATCH", body=True),
)
async def put_customs_goods(request: Request, sku: PathSku, body: GoodsBody) -> Response:
    """HS code of 6, 8 or 10 digits, origin, what it is. `declared` is the worth of one where that is more than what was
    paid: nothing is ever declared below it. The same again changes nothing."""
    told = pb.CustomsGoods(sku=sku, **body.model_dump(exclude={"declared"}), declared=money_or_none(body.declared))
    asked = pb.PutCustomsGoodsRequest(goods=told, by=asking(request).id, if_version=if_version(request))
    kept = (await ask_again(_customs(request).PutCustomsGoods, asked)).goods
    return tagged(goods(kept), kept.version)


@router.get("/v1/customs/restrictions", summary="What may not go where", responses=shown({"items": [RESTRICTION]}))
async def list_restrictions(request: Request) -> Response:
    """All of them, past ones too."""
    answered = await ask_again(_customs(request).ListRestrictions, pb.ListRestrictionsRequest())
    return answer({"items": [_restriction(one) for one in answered.restrictions]})


@router.put(
    "/v1/customs/restrictions/{restriction_id}",
    summary="Restrict goods",
    responses=shown(RESTRICTION, "INVALID_RESTRICTION", "VERSION_MISMATCH", body=True),
)
async def put_restriction(request: Request, restriction_id: PathId, body: RestrictionBody) -> Response:
    """`prohibited` is refused at checkout, `restricted` is held for staff; from a day on and until one, in UTC."""
    told = pb.Restriction(id=restriction_id, **body.model_dump())
    asked = pb.PutRestrictionRequest(restriction=told, if_version=if_version(request))
    kept = (await ask_again(_customs(request).PutRestriction, asked)).restriction
    return tagged(_restriction(kept), kept.version)


@router.delete(
    "/v1/customs/restrictions/{restriction_id}",
    status_code=204,
    summary="Lift a restriction",
    responses=shown(None, "RESTRICTION_NOT_FOUND", status=204),
)
async def remove_restriction(request: Request, restriction_id: PathId) -> Response:
    """It is gone; to keep it on record, give it an `until_day`."""
    await ask(_customs(request).RemoveRestriction, pb.RemoveRestrictionRequest(id=restriction_id))
    return Response(status_code=204)


@router.get("/v1/customs/duties", summary="Duties by country", responses=shown({"items": [TABLE]}))
async def list_duties(request: Request) -> Response:
    """All of them."""
    answered = await ask_again(_customs(request).ListDutyTables, pb.ListDutyTablesRequest())
    return answer({"items": [_table(one) for one in answered.tables]})


@router.put(
    "/v1/customs/duties/{country}",
    summary="Enter a country's duties",
    responses=shown(TABLE, "INVALID_DUTY_TABLE", "VERSION_MISMATCH", body=True),
)
async def put_duties(request: Request, country: PathId, body: TableBody) -> Response:
    """duty = customs value × the rate of the longest HS prefix that fits; tax = (customs value + duty) × its tax rate; each
    above its de minimis. The customs value is goods plus, under `cif`, freight. `ddp`: the shop offers to pay both."""
    plain = body.model_dump(exclude={"rates"})
    told = pb.DutyTable(country=country, **plain, rates=[pb.DutyRate(**rate.model_dump()) for rate in body.rates])
    asked = pb.PutDutyTableRequest(table=told, if_version=if_version(request))
    kept = (await ask_again(_customs(request).PutDutyTable, asked)).table
    return tagged(_table(kept), kept.version)
