"""This is where prices are proposed: by formula from cost or from competitors, and from how demand answers the price."""

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.catalog.v1 import price_proposals_pb2 as pb

from gateway.answers import Json, answer, money, money_if_any, paged, word
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Id, Limit, Line, Minor, PathId, page_of
from gateway.jobs import JOB, job
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.pricerules import SelectionBody

router = feature("price proposals")
_YUAN = {"currency": "CNY", "minor": 2990}
_FORMULA = {
    "id": "prf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "title": "Cost and a half",
    "kind": "cost_plus",
    "skus": [],
    "categories": ["kitchen"],
    "tags": [],
    "profit_bp": 5000,
    "profit_minor": None,
    "basis": "lowest",
    "factor_bp": 10000,
    "floor_bp": 10000,
    "ceiling_bp": None,
    "max_age_days": 30,
    "ending": "90",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "created_at": "2026-11-22T08:00:00.000Z",
}
_PROPOSAL = {
    "id": "ppl_5f2b1c0d9e8f7a6b5c4d3e2f1a",
    "kind": "market",
    "formula_id": "prf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "sku": "MUG-01",
    "title": "Mug",
    "cost": {"currency": "CNY", "minor": 1100},
    "before": {"currency": "CNY", "minor": 3500},
    "price": _YUAN,
    "why": "Like the others: 100 % of the lowest of 3 competitors' prices from 2990 to 3690",
    "at": "2026-11-22T08:00:00.000Z",
}
_APPLIED = {
    "applied": 1,
    "rejected": 0,
    "rows": [{"id": _PROPOSAL["id"], "sku": "MUG-01", "ok": True, "reason": None, "detail": None}],
}
_ELASTICITY = {
    "sku": "MUG-01",
    "elasticity": -2.31,
    "standard_error": 0.34,
    "own": {"elasticity": -2.9, "standard_error": 0.61},
    "weeks": 44,
    "pool": {"of": "category", "elasticity": -2.05, "skus": 38},
    "price": {"currency": "CNY", "minor": 2900},
    "suggested_price": {"currency": "CNY", "minor": 1940},
    "at": "2026-11-22T08:00:00.000Z",
}
_KINDS = {"cost_plus": pb.PRICE_FORMULA_KIND_COST_PLUS, "market": pb.PRICE_FORMULA_KIND_MARKET}
_BASES = {"lowest": pb.PRICE_BASIS_LOWEST, "median": pb.PRICE_BASIS_MEDIAN}
_Share = Annotated[int, Field(ge=0, le=1_000_000)]


class PriceFormulaBody(SelectionBody):
    """`cost_plus`: cost and a profit, `profit_bp` of it or `profit_minor`. `market`: `factor_bp` of the competitors' lowest
    or median price, between `floor_bp` and `ceiling_bp` of cost. Shares are hundredths of a percent; `ending` are the last
    digits."""

    title: Line
    kind: Literal["cost_plus", "market"]
    profit_bp: _Share = 0
    profit_minor: Minor = 0
    basis: Literal["lowest", "median"] = "lowest"
    factor_bp: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    floor_bp: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    ceiling_bp: _Share = 0
    max_age_days: Annotated[int, Field(ge=1, le=365)] = 30
    ending: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,4}$")] = ""

    def told(self) -> pb.PriceFormula:
        """As catalog takes it."""
        return pb.PriceFormula(
            title=self.title,
            kind=_KINDS[self.kind],
            selection=self.selected(),
            profit_bp=self.profit_bp,
            profit_minor=self.profit_minor,
            basis=_BASES[self.basis],
            factor_bp=self.factor_bp,
            floor_bp=self.floor_bp,
            ceiling_bp=self.ceiling_bp,
            max_age_days=self.max_age_days,
            ending=self.ending,
        )


class WorkOutBody(Body):
    """Which formula; without one, elasticities."""

    formula_id: Id | None = None


class ApplyBody(Body):
    """Which proposals."""

    ids: list[Id] = Field(min_length=1, max_length=100)


def formula(of: pb.PriceFormula) -> Json:
    """A formula."""
    return {
        "id": of.id,
        "title": of.title,
        "kind": word(pb.PriceFormulaKind.Name(of.kind), "PRICE_FORMULA_KIND_"),
        "skus": list(of.selection.skus),
        "categories": list(of.selection.categories),
        "tags": list(of.selection.tags),
        "profit_bp": of.profit_bp or None,
        "profit_minor": of.profit_minor or None,
        "basis": word(pb.PriceBasis.Name(of.basis), "PRICE_BASIS_"),
        "factor_bp": of.factor_bp,
        "floor_bp": of.floor_bp,
        "ceiling_bp": of.ceiling_bp or None,
        "max_age_days": of.max_age_days,
        "ending": of.ending,
        "by": of.by,
        "created_at": of.created_at,
    }


def proposal(of: pb.PriceProposal) -> Json:
    """A price for a person to decide on."""
    return {
        "id": of.id,
        "kind": of.kind,
        "formula_id": of.formula_id or None,
        "sku": of.sku,
        "title": of.title,
        "cost": money(of.cost),
        "before": money(of.before),
        "price": money(of.price),
        "why": of.why,
        "at": of.at,
    }


@router.post(
    "/v1/price-formulas",
    status_code=201,
    summary="Make a price formula",
    responses=shown(_FORMULA | {"job": JOB}, "INVALID_PRICE_FORMULA", status=201, body=True),
)
async def create_price_formula(request: Request, body: PriceFormulaBody) -> Response:
    """A job begins to work out what it proposes; no price changes before somebody applies a proposal."""
    asked = pb.CreatePriceFormulaRequest(formula=body.told(), by=asking(request).id)
    answered = await ask(request.app.state.gateway.neighbours.price_proposals.CreatePriceFormula, asked)
    return answer(formula(answered.formula) | {"job": job(answered.job)}, 201)


@router.get(
    "/v1/price-formulas",
    summary="Price formulas",
    responses=shown({"items": [_FORMULA], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_price_formulas(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Those in use, newest first."""
    asked = pb.ListPriceFormulasRequest(page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.price_proposals.ListPriceFormulas, asked)
    return paged(request, "items", [formula(row) for row in answered.formulas], answered.next_cursor)


@router.post(
    "/v1/price-formulas/{formula_id}/end",
    summary="End a price formula",
    responses=shown(_FORMULA, "PRICE_FORMULA_NOT_FOUND"),
)
async def end_price_formula(request: Request, formula_id: PathId) -> Response:
    """What it proposed is gone; what was applied stays."""
    asked = pb.EndPriceFormulaRequest(id=formula_id)
    answered = await ask_again(request.app.state.gateway.neighbours.price_proposals.EndPriceFormula, asked)
    return answer(formula(answered.formula))


@router.post(
    "/v1/price-proposals",
    status_code=202,
    summary="Work out proposals anew",
    responses=shown(JOB, "PRICE_FORMULA_NOT_FOUND", status=202, text="A job does it.", body=True),
)
async def work_out_proposals(request: Request, body: WorkOutBody) -> Response:
    """Of a formula; without one, elasticities and what they suggest (also done every week)."""
    asked = pb.WorkOutProposalsRequest(formula_id=body.formula_id or "", by=asking(request).id)
    answered = await ask_again(request.app.state.gateway.neighbours.price_proposals.WorkOutProposals, asked)
    return answer(job(answered.job), 202)


@router.get(
    "/v1/price-proposals",
    summary="Prices for a person to decide on",
    responses=shown({"items": [_PROPOSAL], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_price_proposals(
    request: Request,
    kind: Literal["", "cost_plus", "market", "elastic"] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Those nobody has decided on, of one kind or all."""
    asked = pb.ListPriceProposalsRequest(kind=kind, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.price_proposals.ListPriceProposals, asked)
    return paged(request, "items", [proposal(row) for row in answered.proposals], answered.next_cursor)


@router.post("/v1/price-proposals/apply", summary="Set proposed prices", responses=shown(_APPLIED, body=True))
async def apply_price_proposals(request: Request, body: ApplyBody) -> Response:
    """Each for itself, with an answer per row: the price gates decide, and a price that moved since is left alone
    (`VERSION_MISMATCH`)."""
    asked = pb.ApplyPriceProposalsRequest(ids=body.ids, by=asking(request).id)
    gateway = request.app.state.gateway
    answered = await ask(gateway.neighbours.price_proposals.ApplyPriceProposals, asked, STAFF_S)
    gateway.shelf.drop()
    rows = [
        {"id": row.id, "sku": row.sku, "ok": row.ok, "reason": row.reason or None, "detail": row.detail or None}
        for row in answered.rows
    ]
    applied = sum(row.ok for row in answered.rows)
    return answer({"applied": applied, "rejected": len(rows) - applied, "rows": rows})


@router.get(
    "/v1/products/{product_id}/elasticity",
    summary="How demand answers the price",
    responses=shown(_ELASTICITY, "SKU_NOT_FOUND", "ELASTICITY_NOT_KNOWN"),
)
async def get_elasticity(request: Request, product_id: PathId) -> Response:
    """By how many percent units change when the price changes by one, with its standard error: the SKU's own weeks, shrunk
    to its category. Of a SKU, or a product's first variant."""
    asked = pb.GetElasticityRequest(sku=product_id)
    of = await ask_again(request.app.state.gateway.neighbours.price_proposals.GetElasticity, asked)
    own = {"elasticity": round(of.own_elasticity, 4), "standard_error": round(of.own_error, 4)}
    pool = {"of": of.pool, "elasticity": round(of.pool_elasticity, 4), "skus": of.pool_skus}
    return answer(
        {
            "sku": of.sku,
            "elasticity": round(of.elasticity, 4),
            "standard_error": round(of.error, 4),
            "own": own,
            "weeks": of.weeks,
            "pool": pool,
            "price": money(of.price),
            "suggested_price": money_if_any(of.suggested_price),
            "at": of.at,
        }
    )
