"""This is where roles of products meet protobuf."""

from shop.catalog.v1 import assortment_pb2 as pb
from shop.type.v1.money_pb2 import Money

from services.catalog.margins.assortment import (
    PROFIT_TARGET_BP,
    IndustryAverage,
    InvalidRole,
    Offender,
    OffTarget,
    Report,
    Role,
)
from services.catalog.margins.messages.margins import bounded, bounded_if_any
from services.catalog.margins.suggesting import Suggestion
from services.kit import money
from services.kit.clock import rfc3339

_ROLES = {
    Role.TRAFFIC: pb.PRODUCT_ROLE_TRAFFIC,
    Role.PROFIT: pb.PRODUCT_ROLE_PROFIT,
    Role.IMAGE: pb.PRODUCT_ROLE_IMAGE,
}
_OF_NUMBER = {number: role for role, number in _ROLES.items()}


def role_of(number: pb.ProductRole.ValueType) -> Role | None:
    """A role; None for none. Refuses with INVALID_ROLE."""
    if number and number not in _OF_NUMBER:
        raise InvalidRole("there is no such role")
    return _OF_NUMBER.get(number)


def report(made: Report) -> pb.GetAssortmentResponse:
    """How the shelf is made up."""
    return pb.GetAssortmentResponse(
        skus=made.skus,
        traffic=made.by_role[Role.TRAFFIC],
        profit=made.by_role[Role.PROFIT],
        image=made.by_role[Role.IMAGE],
        profit_share_bp=made.profit_share_bp,
        profit_target_bp=PROFIT_TARGET_BP,
        traffic_in_band=made.in_band,
        traffic_too_dear=made.too_dear,
        traffic_too_cheap=made.too_cheap,
        traffic_without_average=made.without_average,
        warnings=map(_warning, made.warnings),
    )


def _warning(said: OffTarget) -> pb.AssortmentWarning:
    return pb.AssortmentWarning(code=said.code, en=said.en, zh=said.zh)


def _money(amount: money.Money) -> Money:
    return Money(currency=amount.currency, minor=amount.minor)


def offender(found: Offender) -> pb.AssortmentOffender:
    """A traffic item outside its band."""
    return pb.AssortmentOffender(
        sku=found.sku,
        product_id=found.product_id,
        category=found.category,
        price=_money(found.price),
        average=_money(found.average),
        under_bp=bounded(found.under_bp),
        warning=_warning(found.warning),
    )


def suggestion(made: Suggestion) -> pb.RoleSuggestion:
    """A role a SKU might play."""
    return pb.RoleSuggestion(
        sku=made.unit.sku,
        category=made.unit.category,
        price=_money(made.unit.price),
        contribution_bp=bounded_if_any(made.margin.contribution_bp) if made.margin.cost_known else None,
        role=_ROLES[made.role],
        en=made.en,
        zh=made.zh,
    )


def average(kept: IndustryAverage) -> pb.IndustryAverage:
    """What others ask."""
    return pb.IndustryAverage(
        category=kept.id, average=_money(kept.average), source=kept.source, at=rfc3339(kept.at), by=kept.by
    )
