"""This is where price rules are made, followed and ended, and where a page reads what it shows of a price."""

from typing import Annotated, Literal

import orjson
from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.catalog.v1 import price_rules_pb2 as pb

from gateway.answers import Json, answer, money, money_if_any, paged, word
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, Line, MoneyBody, PathId, Sku, Time, Word, money_or_none, page_of
from gateway.neighbours import BROWSE_S, STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.products import shelved

router = feature("price rules")
_YUAN = {"currency": "CNY", "minor": 1900}
_CUT = {"percent_bp": 2000, "amount_off": None, "price": None}
_STEP = {"after_minutes": 0, "after_units": None, **_CUT}
RULE = {
    "id": "prl_01kb2y5v7g8h9j0kmnpqrstvwx",
    "title": "Winter clearance",
    "kind": "seasonal",
    "skus": [],
    "categories": ["coats"],
    "tags": [],
    **_CUT,
    "steps": [_STEP],
    "season": {"first_day": "12-26", "last_day": "02-15", "utc_offset_minutes": 480},
    "starts_at": "2026-11-22T08:00:00.000Z",
    "ends_at": None,
    "priority": 0,
    "open": True,
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "ended_by": None,
    "created_at": "2026-11-22T08:00:00.000Z",
}
_SEEN = RULE | {"sku_count": 40, "refused": [{"sku": "MUG-01", "why": "/price/minor: below the margin floor"}]}
TAG = {
    "sku": "MUG-01",
    "price": _YUAN,
    "regular_price": {"currency": "CNY", "minor": 2900},
    "lowest_30_days": {"currency": "CNY", "minor": 2700},
    "reduced_at": "2026-11-22T08:00:00.000Z",
    "rule": {
        "id": "prl_01kb2y5v7g8h9j0kmnpqrstvwx",
        "title": "Singles' Day",
        "kind": "flash_steps",
        "ends_at": "2026-11-22T10:00:00.000Z",
        "next_step": {"price": _YUAN, "at": "2026-11-22T09:00:00.000Z", "units_left": None},
    },
}
_KINDS = {
    "limited_time": pb.PRICE_RULE_KIND_LIMITED_TIME,
    "seasonal": pb.PRICE_RULE_KIND_SEASONAL,
    "flash_steps": pb.PRICE_RULE_KIND_FLASH_STEPS,
}
_Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}-[0-9]{2}$")]


class SelectionBody(Body):
    """SKUs by name, by category (and all below it), by tag: all of them together."""

    skus: list[Sku] = Field(default_factory=list, max_length=1_000)
    categories: list[Word] = Field(default_factory=list, max_length=100)
    tags: list[Word] = Field(default_factory=list, max_length=100)

    def selected(self) -> pb.Selection:
        """As catalog takes it."""
        return pb.Selection(skus=self.skus, categories=self.categories, tags=self.tags)


class CutBody(Body):
    """One of the three: hundredths of a percent off, an amount off, or the price itself."""

    percent_bp: Annotated[int, Field(ge=1, le=9_999)] | None = None
    amount_off: MoneyBody | None = None
    price: MoneyBody | None = None

    def cut(self) -> pb.PriceCut | None:
        """As catalog takes it."""
        if self.percent_bp is None and self.amount_off is None and self.price is None:
            return None
        return pb.PriceCut(
            percent_bp=self.percent_bp or 0,
            amount_off=money_or_none(self.amount_off),
            price=money_or_none(self.price),
        )


class StepBody(CutBody):
    """A step: after so many minutes, or after so many units sold."""

    after_minutes: Annotated[int, Field(ge=0, le=527_040)] | None = None
    after_units: Annotated[int, Field(ge=0, le=10_000_000)] | None = None

    def told(self) -> pb.PriceStep:
        """As catalog takes it."""
        return pb.PriceStep(cut=self.cut(), after_minutes=self.after_minutes, after_units=self.after_units)


class SeasonBody(Body):
    """Days of every year as `MM-DD`, the last one included; may run over New Year."""

    first_day: _Day
    last_day: _Day
    utc_offset_minutes: Annotated[int, Field(ge=-720, le=840)] = 0


class PriceRuleBody(SelectionBody, CutBody):
    """A rule. `flash_steps` takes `steps`, the others a cut; `seasonal` takes `season`."""

    title: Line
    kind: Literal["limited_time", "seasonal", "flash_steps"]
    starts_at: Time | None = None
    ends_at: Time | None = None
    season: SeasonBody | None = None
    steps: list[StepBody] = Field(default_factory=list, max_length=20)
    priority: Annotated[int, Field(ge=-1_000, le=1_000)] = 0

    def told(self) -> pb.PriceRule:
        """As catalog takes it."""
        return pb.PriceRule(
            title=self.title,
            kind=_KINDS[self.kind],
            selection=self.selected(),
            cut=self.cut(),
            steps=[step.told() for step in self.steps],
            season=pb.Season(**self.season.model_dump()) if self.season else None,
            starts_at=self.starts_at or "",
            ends_at=self.ends_at or "",
            priority=self.priority,
        )


def _cut(of: pb.PriceCut) -> Json:
    return {
        "percent_bp": of.percent_bp or None,
        "amount_off": money_if_any(of.amount_off),
        "price": money_if_any(of.price),
    }


def _step(of: pb.PriceStep) -> Json:
    minutes = of.after_minutes if of.HasField("after_minutes") else None
    units = of.after_units if of.HasField("after_units") else None
    return {"after_minutes": minutes, "after_units": units, **_cut(of.cut)}


def rule(of: pb.PriceRule) -> Json:
    """A rule."""
    season = {name: getattr(of.season, name) for name in ("first_day", "last_day", "utc_offset_minutes")}
    return {
        "id": of.id,
        "title": of.title,
        "kind": word(pb.PriceRuleKind.Name(of.kind), "PRICE_RULE_KIND_"),
        "skus": list(of.selection.skus),
        "categories": list(of.selection.categories),
        "tags": list(of.selection.tags),
        **_cut(of.cut),
        "steps": [_step(step) for step in of.steps],
        "season": season if of.HasField("season") else None,
        "starts_at": of.starts_at,
        "ends_at": of.ends_at or None,
        "priority": of.priority,
        "open": of.open,
        "by": of.by,
        "ended_by": of.ended_by or None,
        "created_at": of.created_at,
    }


def tag(of: pb.PriceTag) -> Json:
    """A price as a page shows it."""
    return {
        "sku": of.sku,
        "price": money(of.price),
        "regular_price": money(of.regular_price),
        "lowest_30_days": money_if_any(of.lowest_30_days),
        "reduced_at": of.reduced_at or None,
        "rule": _running(of.rule) if of.HasField("rule") else None,
    }


def _running(of: pb.RunningRule) -> Json:
    step = of.next_step
    following = {"price": money(step.price), "at": step.at or None, "units_left": step.units_left or None}
    return {
        "id": of.id,
        "title": of.title,
        "kind": word(pb.PriceRuleKind.Name(of.kind), "PRICE_RULE_KIND_"),
        "ends_at": of.ends_at,
        "next_step": following if of.HasField("next_step") else None,
    }


@router.post(
    "/v1/price-rules",
    status_code=201,
    summary="Lower prices for a time",
    responses=shown(RULE, "INVALID_PRICE_RULE", status=201, body=True),
)
async def create_price_rule(request: Request, body: PriceRuleBody) -> Response:
    """When it starts, steps or ends, the price itself is set: carts, lists and the history follow within a second. Regular
    prices come back at the end; one that staff set meanwhile is the regular one from then on."""
    asked = pb.CreatePriceRuleRequest(rule=body.told(), by=asking(request).id)
    answered = await ask(request.app.state.gateway.neighbours.price_rules.CreatePriceRule, asked, STAFF_S)
    return answer(rule(answered.rule), 201)


@router.get(
    "/v1/price-rules",
    summary="Price rules",
    responses=shown({"items": [RULE], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_price_rules(request: Request, open: bool = False, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first; `open` for those that run or will."""
    asked = pb.ListPriceRulesRequest(open=open, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.price_rules.ListPriceRules, asked)
    return paged(request, "items", [rule(row) for row in answered.rules], answered.next_cursor)


@router.get("/v1/price-rules/{rule_id}", summary="A price rule", responses=shown(_SEEN, "PRICE_RULE_NOT_FOUND"))
async def get_price_rule(request: Request, rule_id: PathId) -> Response:
    """How many SKUs it is about, and those a gate keeps it from."""
    asked = pb.GetPriceRuleRequest(id=rule_id)
    answered = await ask_again(request.app.state.gateway.neighbours.price_rules.GetPriceRule, asked)
    refused = [{"sku": row.sku, "why": row.why} for row in answered.refused]
    return answer(rule(answered.rule) | {"sku_count": answered.skus, "refused": refused})


@router.post("/v1/price-rules/{rule_id}/end", summary="End a price rule", responses=shown(RULE, "PRICE_RULE_NOT_FOUND"))
async def end_price_rule(request: Request, rule_id: PathId) -> Response:
    """Now. Regular prices come back within a second."""
    asked = pb.EndPriceRuleRequest(id=rule_id, by=asking(request).id)
    answered = await ask_again(request.app.state.gateway.neighbours.price_rules.EndPriceRule, asked, STAFF_S)
    return answer(rule(answered.rule))


@router.get(
    "/v1/products/{product_id}/price",
    summary="A price as its page shows it",
    responses=shown(TAG, "SKU_NOT_FOUND"),
)
async def get_price_tag(request: Request, product_id: PathId) -> Response:
    """Of a SKU, or a product's first variant. `lowest_30_days` is the lowest price of the 30 days before the reduction in
    force (`reduced_at`), of the last 30 days when there is none; `rule` runs until `ends_at`."""
    price_rules = request.app.state.gateway.neighbours.price_rules

    async def fetch() -> tuple[bytes, str]:
        answered = await ask_again(price_rules.GetPriceTag, pb.GetPriceTagRequest(sku=product_id), BROWSE_S)
        return orjson.dumps(tag(answered.tag)), "t"

    return await shelved(request, f"price?{product_id}", fetch)
