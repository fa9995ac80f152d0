"""This is where warehouses and freight templates are kept."""

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import freight_pb2 as pb
from shop.logistics.v1 import warehouses_pb2

from gateway.answers import Json, answer, money, money_if_any, region
from gateway.described import feature, shown
from gateway.fields import Body, Line, MoneyBody, PathSlug, RegionBody, Slug, Word, money_or_none
from gateway.neighbours import ask, ask_again

router = feature("freight")
_WAREHOUSE = {
    "code": "main",
    "title": "Main",
    "region": {"country": "CN", "province": "上海市", "city": "上海市", "district": ""},
    "open": True,
}
_ZONE = {
    "countries": ["CN"],
    "provinces": [],
    "first_units": 1000,
    "first_price": {"currency": "CNY", "minor": 800},
    "step_units": 1000,
    "step_price": {"currency": "CNY", "minor": 200},
    "free_from": {"currency": "CNY", "minor": 9900},
    "min_days": 2,
    "max_days": 4,
}
_TEMPLATE = {"id": "standard", "title": "標準快遞 Standard", "by": "weight", "zones": [_ZONE], "carrier": "sandbox"}


class WarehouseBody(Body):
    """A warehouse; a closed one gets no new orders."""

    title: Line
    region: RegionBody
    open: bool = True


class ZoneBody(Body):
    """What one zone pays: the first units, then each step begun; free from an amount of goods on."""

    countries: list[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]] = Field(
        default_factory=list, max_length=250
    )
    provinces: list[Word] = Field(default_factory=list, max_length=100)
    first_units: Annotated[int, Field(ge=1, le=10_000_000)]
    first_price: MoneyBody
    step_units: Annotated[int, Field(ge=1, le=10_000_000)]
    step_price: MoneyBody
    free_from: MoneyBody | None = None
    min_days: Annotated[int, Field(ge=0, le=365)]
    max_days: Annotated[int, Field(ge=0, le=365)]

    def told(self) -> pb.FreightZone:
        """As logistics takes it."""
        return pb.FreightZone(
            countries=self.countries,
            provinces=self.provinces,
            first_units=self.first_units,
            first_price=self.first_price.told(),
            step_units=self.step_units,
            step_price=self.step_price.told(),
            free_from=money_or_none(self.free_from),
            min_days=self.min_days,
            max_days=self.max_days,
        )


class TemplateBody(Body):
    """A way of sending and what it costs by zone; the first zone that fits is used."""

    title: Line
    by: Literal["weight", "piece"]
    zones: Annotated[list[ZoneBody], Field(min_length=1, max_length=100)]
    carrier: Slug


def warehouse(of: warehouses_pb2.Warehouse) -> Json:
    """A warehouse."""
    return {"code": of.code, "title": of.title, "region": region(of.region), "open": of.open}


def _zone(of: pb.FreightZone) -> Json:
    return {
        "countries": list(of.countries),
        "provinces": list(of.provinces),
        "first_units": of.first_units,
        "first_price": money(of.first_price),
        "step_units": of.step_units,
        "step_price": money(of.step_price),
        "free_from": money_if_any(of.free_from),
        "min_days": of.min_days,
        "max_days": of.max_days,
    }


def template(of: pb.FreightTemplate) -> Json:
    """A freight template."""
    zones = [_zone(row) for row in of.zones]
    return {"id": of.id, "title": of.title, "by": of.by, "zones": zones, "carrier": of.carrier}


@router.get("/v1/warehouses", summary="Warehouses", responses=shown({"items": [_WAREHOUSE]}))
async def list_warehouses(request: Request) -> Response:
    """By code."""
    asked = warehouses_pb2.ListWarehousesRequest()
    answered = await ask_again(request.app.state.gateway.neighbours.warehouses.ListWarehouses, asked)
    return answer({"items": [warehouse(row) for row in answered.warehouses]})


@router.put(
    "/v1/warehouses/{code}",
    summary="Make or change a warehouse",
    responses=shown(_WAREHOUSE, "INVALID_WAREHOUSE", body=True),
)
async def put_warehouse(request: Request, code: PathSlug, body: WarehouseBody) -> Response:
    """The code stays."""
    kept = warehouses_pb2.Warehouse(code=code, title=body.title, region=body.region.told_region(), open=body.open)
    asked = warehouses_pb2.PutWarehouseRequest(warehouse=kept)
    answered = await ask_again(request.app.state.gateway.neighbours.warehouses.PutWarehouse, asked)
    return answer(warehouse(answered.warehouse))


@router.get("/v1/freight-templates", summary="Freight templates", responses=shown({"items": [_TEMPLATE]}))
async def list_freight_templates(request: Request) -> Response:
    """By id."""
    asked = pb.ListFreightTemplatesRequest()
    answered = await ask_again(request.app.state.gateway.neighbours.freight.ListFreightTemplates, asked)
    return answer({"items": [template(row) for row in answered.templates]})


@router.put(
    "/v1/freight-templates/{template_id}",
    summary="Make or change a freight template",
    responses=shown(_TEMPLATE, "INVALID_TEMPLATE", body=True),
)
async def put_freight_template(request: Request, template_id: PathSlug, body: TemplateBody) -> Response:
    """One currency a template; carts see it at once."""
    kept = pb.FreightTemplate(
        id=template_id,
        title=body.title,
        by=body.by,
        zones=[zone.told() for zone in body.zones],
        carrier=body.carrier,
    )
    asked = pb.PutFreightTemplateRequest(template=kept)
    answered = await ask(request.app.state.gateway.neighbours.freight.PutFreightTemplate, asked)
    return answer(template(answered.template))
