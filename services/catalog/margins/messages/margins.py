"""This is where margins meet protobuf."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from shop.catalog.v1 import margins_pb2 as pb
from shop.type.v1.money_pb2 import Money

from services.catalog.margins.cost_models import NAMES, CostChange, CostModel
from services.catalog.margins.costs import Leave, Margin, Rates, Terms
from services.catalog.margins.discounts import AmountOff, Discount, Selection, Shortfall, Step
from services.catalog.margins.overrides import InvalidOverride, OverrideEntry
from services.catalog.margins.reviewing import Action, Proposal, Review
from services.catalog.margins.searching import Verdict
from services.catalog.margins.terms import Unit
from services.kit.clock import parse_time, rfc3339
from services.kit.errors import FieldError


def cost_model(model: CostModel) -> pb.CostModel:
    """What a scope says."""
    said = {name: value for name, value in model.said().items() if value is not None}
    return pb.CostModel(scope=model.id, version=model.number, at=rfc3339(model.at), by=model.by, **said)


def cost_change(change: CostChange) -> pb.CostModel:
    """A model as it was from then on."""
    said = {name: value for name, value in change.said.items() if value is not None}
    return pb.CostModel(scope=change.scope, version=change.number, at=rfc3339(change.at), by=change.by, **said)


def said_by(message: pb.CostModel) -> dict[str, int | None]:
    """What a model sent says."""
    given = {field.name: value for field, value in message.ListFields()}
    return {name: given.get(name) for name in NAMES}


def rates(held: Rates) -> pb.Rates:
    """What holds somewhere."""
    return pb.Rates(**{name: getattr(held, name) for name in NAMES})


def margin(unit: Unit, earned: Margin, terms: Terms | None = None) -> pb.Margin:
    """What one unit earns."""
    leave = terms.leave if terms else None
    return pb.Margin(
        sku=unit.sku,
        category=unit.category,
        price=Money(currency=unit.price.currency, minor=earned.price_minor),
        cost_minor=earned.cost_minor,
        commission_minor=earned.commission_minor,
        marketing_minor=earned.marketing_minor,
        payment_minor=earned.payment_minor,
        freight_minor=earned.freight_minor,
        contribution_minor=earned.contribution_minor,
        contribution_bp=bounded_if_any(earned.contribution_bp),
        gross_minor=earned.gross_minor,
        gross_bp=bounded_if_any(earned.gross_bp),
        floor_bp=earned.floor_bp,
        lowest_price_minor=earned.lowest_minor,
        shortfall_minor=earned.shortfall_minor or 0,
        keeps_floor=earned.keeps_floor,
        cost_known=earned.cost_known,
        leave_min_margin_bp=leave.min_margin_bp if leave else None,
        leave_until_minor=leave.until_minor if leave else None,
    )


def bounded(basis_points: int) -> int:
    """A share as 32 bits hold it: what sells for nearly nothing loses many times its price."""
    return max(-(2**31), basis_points)


def bounded_if_any(basis_points: int | None) -> int | None:
    """The same of a share that may not be there."""
    return None if basis_points is None else bounded(basis_points)


def override(entry: OverrideEntry) -> pb.MarginOverride:
    """A leave given or ended."""
    return pb.MarginOverride(
        sku=entry.sku,
        number=entry.number,
        action=entry.action,
        reason=entry.reason,
        min_margin_bp=entry.min_margin_bp,
        until_minor=entry.until_minor,
        expires_at=rfc3339(entry.expires_at),
        at=rfc3339(entry.at),
        by=entry.by,
    )


def time_of(text: str) -> datetime:
    """When a leave ends. Refuses with INVALID_OVERRIDE."""
    try:
        if moment := parse_time(text):
            return moment
    except (ValueError, OverflowError):
        pass
    raise InvalidOverride("it must end", errors=[FieldError("/expires_at", "must be an RFC 3339 time with a zone")])


def leave_of(message: pb.GiveMarginOverrideRequest) -> Leave:
    """What the owner allows."""
    return Leave(
        message.min_margin_bp if message.HasField("min_margin_bp") else None,
        message.until_price.minor if message.HasField("until_price") else None,
    )


def discounts(messages: Iterable[pb.Discount]) -> list[Discount]:
    """Discounts to look at."""
    return [Discount(_selection(each.selection), tuple(_way(way) for way in each.ways)) for each in messages]


def _selection(message: pb.DiscountSelection) -> Selection:
    return Selection(
        tuple(message.skus),
        tuple(message.but_skus),
        tuple(message.categories),
        tuple(message.but_categories),
        tuple(message.currencies),
        tuple(message.but_currencies),
    )


def _way(message: pb.DiscountWay) -> tuple[Step, ...]:
    return tuple(
        Step(
            step.percent_bp,
            tuple(AmountOff(each.amount_minor, each.over_minor) for each in step.amounts),
            step.fixed_minor if step.HasField("fixed_minor") else None,
        )
        for step in message.steps
    )


def verdict(reached: Verdict) -> pb.CheckDiscountsResponse:
    """What discounts would do."""
    return pb.CheckDiscountsResponse(below=reached.below, worst=_shortfalls(reached.worst))


def _shortfalls(found: Sequence[Shortfall]) -> list[pb.DiscountShortfall]:
    return [
        pb.DiscountShortfall(
            discount=each.discount,
            way=each.way,
            sku=each.sku,
            price=Money(currency=each.currency, minor=each.price_minor),
            left_minor=each.left_minor,
            lowest_price_minor=each.lowest_minor,
            shortfall_minor=each.shortfall_minor,
        )
        for each in found
    ]


_ACTIONS = {
    Action.RAISE_PRICE: pb.MARGIN_ACTION_RAISE_PRICE,
    Action.END_PROMOTION: pb.MARGIN_ACTION_END_PROMOTION,
    Action.MAKE_TRAFFIC: pb.MARGIN_ACTION_MAKE_TRAFFIC,
}


def review(found: Review) -> pb.ReviewMarginsResponse:
    """What was earned."""
    return pb.ReviewMarginsResponse(
        from_day=found.from_day,
        to_day=found.to_day,
        skus=found.skus,
        skus_left_out=found.left_out,
        categories=[
            pb.CategoryMargin(
                category=each.category,
                currency=each.currency,
                units=each.units,
                gross_minor=each.gross_minor,
                paid_minor=each.paid_minor,
                model_contribution_minor=each.model_minor,
                contribution_minor=each.contribution_minor,
            )
            for each in found.categories
        ],
        proposals=map(_proposal, found.proposals),
    )


def _proposal(each: Proposal) -> pb.MarginProposal:
    sold = each.sold
    return pb.MarginProposal(
        sku=sold.unit.sku,
        product_id=sold.product_id,
        category=sold.unit.category,
        currency=sold.unit.price.currency,
        units=sold.units,
        paid_minor=sold.paid_minor,
        contribution_minor=each.contribution_minor,
        contribution_bp=bounded(each.contribution_bp),
        action=_ACTIONS[each.action],
        price_minor=each.price_minor,
        en=each.en,
        zh=each.zh,
    )
