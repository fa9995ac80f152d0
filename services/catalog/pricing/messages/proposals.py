"""This is where formulas, proposals and elasticities meet protobuf."""

from datetime import UTC, datetime

from shop.catalog.v1 import price_proposals_pb2 as pb

from services.catalog.fields import Faults
from services.catalog.messages.events import money
from services.catalog.pricing.elasticities import ElasticityShown
from services.catalog.pricing.formulas import Basis, Formula, FormulaKind, InvalidPriceFormula
from services.catalog.pricing.proposals import Applied, Proposal
from services.kit.clock import rfc3339
from services.kit.money import Money

from .rules import selection, told_selection

_KINDS = {
    pb.PRICE_FORMULA_KIND_COST_PLUS: FormulaKind.COST_PLUS,
    pb.PRICE_FORMULA_KIND_MARKET: FormulaKind.MARKET,
}
_SAID = {kind: said for said, kind in _KINDS.items()}
_BASES = {Basis.LOWEST: pb.PRICE_BASIS_LOWEST, Basis.MEDIAN: pb.PRICE_BASIS_MEDIAN}


def draft(message: pb.PriceFormula, by: str) -> Formula:
    """A formula as somebody would have it. Refuses with INVALID_PRICE_FORMULA; its parts are looked at later."""
    faults = Faults()
    faults.text("/by", by, 128)
    kind = _KINDS.get(message.kind)
    if kind is None:
        faults.add("/kind", "must be cost_plus or market")
    faults.refuse(InvalidPriceFormula)
    return Formula(
        id="",
        title=message.title,
        kind=kind or FormulaKind.COST_PLUS,
        selection=selection(message.selection),
        by=by,
        created_at=datetime.fromtimestamp(0, UTC),
        profit_bp=message.profit_bp,
        profit_minor=message.profit_minor,
        basis=Basis.MEDIAN if message.basis == pb.PRICE_BASIS_MEDIAN else Basis.LOWEST,
        factor_bp=message.factor_bp or 10_000,
        floor_bp=message.floor_bp or 10_000,
        ceiling_bp=message.ceiling_bp,
        max_age_days=message.max_age_days or 30,
        ending=message.ending,
    )


def formula(kept: Formula) -> pb.PriceFormula:
    """A formula."""
    names = (
        "profit_bp",
        "profit_minor",
        "factor_bp",
        "floor_bp",
        "ceiling_bp",
        "max_age_days",
        "ending",
        "by",
        "title",
    )
    return pb.PriceFormula(
        id=kept.id,
        kind=_SAID[kept.kind],
        selection=told_selection(kept.selection),
        basis=_BASES[kept.basis],
        created_at=rfc3339(kept.created_at),
        **{name: getattr(kept, name) for name in names},
    )


def proposal(kept: Proposal) -> pb.PriceProposal:
    """A price for a person to decide on."""
    return pb.PriceProposal(
        id=kept.id,
        kind=kept.kind,
        formula_id=kept.formula_id,
        sku=kept.sku,
        title=kept.title,
        cost=money(kept.cost),
        before=money(kept.before),
        price=money(kept.price),
        why=kept.why,
        at=rfc3339(kept.at),
    )


def applied(row: Applied) -> pb.ProposalApplied:
    """What became of one."""
    return pb.ProposalApplied(id=row.id, sku=row.sku, ok=not row.reason, reason=row.reason, detail=row.detail)


def elasticity(shown: ElasticityShown) -> pb.GetElasticityResponse:
    """How demand answers the price."""
    estimate, price = shown.estimate, shown.regular.price
    return pb.GetElasticityResponse(
        sku=shown.sku,
        elasticity=estimate.elasticity,
        error=estimate.error,
        own_elasticity=estimate.own,
        own_error=estimate.own_error,
        weeks=estimate.weeks,
        pool=estimate.pool,
        pool_elasticity=estimate.pool_elasticity,
        pool_skus=estimate.pool_skus,
        price=money(price),
        suggested_price=money(Money(price.currency, shown.suggested)) if shown.suggested is not None else None,
        at=rfc3339(shown.known.at),
    )
