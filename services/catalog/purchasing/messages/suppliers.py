"""This is where suppliers, what they ask and how they do meet protobuf."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shop.catalog.v1 import suppliers_pb2 as pb

from services.catalog.messages.events import money
from services.catalog.messages.products import amount
from services.catalog.purchasing.measures import Share, Slope, Spread
from services.catalog.purchasing.policy import CostMethod, Policy, Weights
from services.catalog.purchasing.scorecards import Scorecard
from services.catalog.purchasing.supplier_items import Offer, SupplierItem
from services.catalog.purchasing.suppliers import Contact, Supplier, SupplierState
from services.kit.clock import rfc3339

_STATES = {
    SupplierState.CANDIDATE: pb.SUPPLIER_STATE_CANDIDATE,
    SupplierState.APPROVED: pb.SUPPLIER_STATE_APPROVED,
    SupplierState.SUSPENDED: pb.SUPPLIER_STATE_SUSPENDED,
}
_STATES_BACK = {value: state for state, value in _STATES.items()}
_METHODS = {
    CostMethod.MOVING_AVERAGE: pb.COST_METHOD_MOVING_AVERAGE,
    CostMethod.LAST: pb.COST_METHOD_LAST,
}
_METHODS_BACK = {value: method for method, value in _METHODS.items()}
_NEVER = datetime.fromtimestamp(0, UTC)


def draft(message: pb.Supplier, by: str) -> tuple[Supplier, list[Contact]]:
    """A supplier as somebody would have it; it is looked at later."""
    supplier = Supplier(
        id="",
        name=message.name,
        currency=message.currency,
        created_at=_NEVER,
        updated_at=_NEVER,
        by=by,
        state=_STATES_BACK.get(message.state, SupplierState.CANDIDATE),
        payment_terms=message.payment_terms,
        note=message.note,
        capacity_units=message.capacity_units,
        capacity_days=message.capacity_days or 30,
        free_freight_minor=message.free_freight_minor,
        pool_weekday=message.pool_weekday,
    )
    return supplier, [Contact(each.name, each.role, each.phone, each.email) for each in message.contacts]


def state_word(state: int) -> str:
    """The state a list is asked for; empty for any."""
    return _STATES_BACK[state].value if state in _STATES_BACK else ""  # type: ignore[index]


def supplier(kept: Supplier, contacts: Sequence[Contact] = ()) -> pb.Supplier:
    """A supplier."""
    return pb.Supplier(
        id=kept.id,
        name=kept.name,
        currency=kept.currency,
        state=_STATES[kept.state],
        payment_terms=kept.payment_terms,
        note=kept.note,
        capacity_units=kept.capacity_units,
        capacity_days=kept.capacity_days,
        free_freight_minor=kept.free_freight_minor,
        pool_weekday=kept.pool_weekday,
        contacts=[pb.SupplierContact(name=c.name, role=c.role, phone=c.phone, email=c.email) for c in contacts],
        score=kept.score,
        deliveries=kept.deliveries,
        created_at=rfc3339(kept.created_at),
        updated_at=rfc3339(kept.updated_at),
        version=kept.version,
    )


def wanted_item(message: pb.SupplierItem, by: str) -> SupplierItem:
    """An item as somebody would have it; it is looked at later."""
    return SupplierItem(
        id="",
        supplier_id=message.supplier_id,
        sku=message.sku,
        supplier_sku=message.supplier_sku,
        cost=amount(message.cost),
        moq=message.moq or 1,
        pack_size=message.pack_size or 1,
        lead_time_days=message.lead_time_days,
        preferred=message.preferred,
        updated_at=_NEVER,
        by=by,
    )


def item(kept: SupplierItem) -> pb.SupplierItem:
    """What a supplier asks."""
    return pb.SupplierItem(
        supplier_id=kept.supplier_id,
        sku=kept.sku,
        supplier_sku=kept.supplier_sku,
        cost=money(kept.cost),
        moq=kept.moq,
        pack_size=kept.pack_size,
        lead_time_days=kept.lead_time_days,
        preferred=kept.preferred,
        updated_at=rfc3339(kept.updated_at),
        version=kept.version,
    )


def offer(kept: Offer) -> pb.Offer:
    """An item with the lead time to reckon with."""
    return pb.Offer(
        item=item(kept.item),
        supplier_name=kept.supplier.name,
        state=_STATES[kept.supplier.state],
        score=kept.supplier.score,
        lead_mean_days=kept.lead_mean_days,
        lead_sd_days=kept.lead_sd_days,
        measured=kept.measured,
        receipts=kept.receipts,
    )


def scorecard(card: Scorecard) -> pb.Scorecard:
    """What a supplier did."""
    return pb.Scorecard(
        supplier_id=card.supplier_id,
        score=card.score,
        parts=[pb.ScorePart(name=p.name, value=p.value, n=p.n, weight=p.weight) for p in card.parts],
        deliveries=card.deliveries,
        lead_days=_spread(card.lead_days),
        late_days=_spread(card.late_days),
        on_time=_figure(card.on_time),
        fill=_figure(card.fill),
        rejected=_figure(card.rejected),
        response_days=_spread(card.response_days),
        cost_index=_figure(card.cost_index),
        cost_trend=_figure(card.cost_trend),
        cost_elasticity=_figure(card.cost_elasticity),
        capacity_units=card.capacity_units,
        on_order_units=card.on_order_units,
    )


def _spread(of: Spread) -> pb.Spread:
    return pb.Spread(n=of.n, mean=of.mean, sd=of.sd, p50=of.p50, p90=of.p90)


def _figure(of: Share | Slope) -> pb.Figure:
    return pb.Figure(n=of.n, known=of.value is not None, value=of.value or 0.0)


def policy(kept: Policy) -> pb.PurchasePolicy:
    """How the shop buys."""
    weights = kept.weighing
    return pb.PurchasePolicy(
        approve_above_minor=kept.approve_above_minor,
        over_receipt_bp=kept.over_receipt_bp,
        cost_method=_METHODS[kept.cost_method],
        reject_limit_bp=kept.reject_limit_bp,
        pool_weekday=kept.pool_weekday,
        weights=pb.ScoreWeights(
            on_time=weights.on_time,
            quality=weights.quality,
            fill=weights.fill,
            cost=weights.cost,
            response=weights.response,
        ),
        version=kept.version,
    )


def wanted_policy(message: pb.PurchasePolicy, by: str) -> Policy:
    """A policy as somebody would have it; it is looked at later."""
    weights = message.weights
    return Policy(
        id="",
        approve_above_minor=message.approve_above_minor,
        over_receipt_bp=message.over_receipt_bp,
        cost_method=_METHODS_BACK.get(message.cost_method, CostMethod.MOVING_AVERAGE),
        reject_limit_bp=message.reject_limit_bp,
        pool_weekday=message.pool_weekday,
        weights=Weights(weights.on_time, weights.quality, weights.fill, weights.cost, weights.response),
        by=by,
    )
