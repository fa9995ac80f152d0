"""This is where freight templates are kept: what sending costs, by zone, and when it is free."""

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import freight_pb2 as pb

from gateway.answers import Json, answer, money, money_if_any
from gateway.described import feature, shown
from gateway.fields import Body, Line, MoneyBody, Name, PathSlug, Slug, Word, money_or_none
from gateway.neighbours import ask, ask_again

router = feature("freight")
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
_RULE = {
    "title": "三件包郵",
    "from_amount": None,
    "from_pieces": 3,
    "up_to_weight_g": 5000,
    "countries": ["CN"],
    "provinces": [],
    "except_provinces": ["新疆", "西藏"],
}
_TEMPLATE = {
    "id": "standard",
    "title": "標準快遞 Standard",
    "by": "weight",
    "zones": [_ZONE],
    "carrier": "sandbox",
    "divisor": 6000,
    "free_rules": [_RULE],
    "categories": [],
    "except_categories": ["furniture"],
    "warehouses": [],
    "rate_card": False,
}
_Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
_Units = Annotated[int, Field(ge=0, le=1_000_000_000)]


class ZoneBody(Body):
    """What one zone pays: the first units, then each step begun; free from an amount of goods on."""

    countries: list[_Country] = Field(default_factory=list, max_length=250)
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


class FreeRuleBody(Body):
    """When it is free: all that is said must hold; an amount of goods or a number of pieces is said."""

    title: Name
    from_amount: MoneyBody | None = None
    from_pieces: _Units = 0
    up_to_weight_g: _Units = 0
    countries: list[_Country] = Field(default_factory=list, max_length=250)
    provinces: list[Word] = Field(default_factory=list, max_length=100)
    except_provinces: list[Word] = Field(default_factory=list, max_length=100)

    def told(self) -> pb.FreeShippingRule:
        """As logistics takes it."""
        return pb.FreeShippingRule(
            title=self.title,
            from_amount=money_or_none(self.from_amount),
            from_pieces=self.from_pieces,
            up_to_weight_g=self.up_to_weight_g,
            countries=self.countries,
            provinces=self.provinces,
            except_provinces=self.except_provinces,
        )


class TemplateBody(Body):
    """A way of sending and what it costs by zone; the first zone that fits is used.

    `divisor`: cm³ that weigh a kilogram. A `rate_card` is what a carrier charges the shop: no customer is offered it.
    """

    title: Line
    by: Literal["weight", "piece", "volume"]
    zones: Annotated[list[ZoneBody], Field(min_length=1, max_length=100)]
    carrier: Slug
    divisor: Annotated[int, Field(ge=0, le=100_000)] = 0
    free_rules: Annotated[list[FreeRuleBody], Field(max_length=50)] = Field(default_factory=list)
    categories: list[Word] = Field(default_factory=list, max_length=200)
    except_categories: list[Word] = Field(default_factory=list, max_length=200)
    warehouses: list[Slug] = Field(default_factory=list, max_length=200)
    rate_card: bool = False


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
    return {
        "id": of.id,
        "title": of.title,
        "by": of.by,
        "zones": zones,
        "carrier": of.carrier,
        "divisor": of.divisor,
        "free_rules": [_rule(row) for row in of.free_rules],
        "categories": list(of.categories),
        "except_categories": list(of.except_categories),
        "warehouses": list(of.warehouses),
        "rate_card": of.rate_card,
    }


def _rule(of: pb.FreeShippingRule) -> Json:
    return {
        "title": of.title,
        "from_amount": money(of.from_amount) if of.from_amount.minor else None,
        "from_pieces": of.from_pieces,
        "up_to_weight_g": of.up_to_weight_g,
        "countries": list(of.countries),
        "provinces": list(of.provinces),
        "except_provinces": list(of.except_provinces),
    }


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
        divisor=body.divisor,
        free_rules=[rule.told() for rule in body.free_rules],
        categories=body.categories,
        except_categories=body.except_categories,
        warehouses=body.warehouses,
        rate_card=body.rate_card,
    )
    asked = pb.PutFreightTemplateRequest(template=kept)
    answered = await ask(request.app.state.gateway.neighbours.freight.PutFreightTemplate, asked)
    return answer(template(answered.template))
