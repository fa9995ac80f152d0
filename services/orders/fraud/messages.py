"""This is where what the fraud wing knows becomes protobuf, and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from shop.orders.v1 import events_pb2, fraud_pb2
from shop.type.v1.money_pb2 import Money as MoneyMessage

from services.kit.clock import rfc3339
from services.kit.money import Money
from services.orders.messages.addresses import money

from . import signals
from .policy import FraudPolicy
from .thresholds import Lost

if TYPE_CHECKING:
    from .policy import Observed
    from .reports import FraudReport
    from .reviews import Review
    from .scoring import Model
    from .trails import Trail

_LISTED = {
    "listed_deny": ("staff keep this buyer out", "人工列入黑名单"),
    "listed_allow": ("staff let this buyer in", "人工列入白名单"),
}


def review(kept: "Review", *, whole: bool = False) -> fraud_pb2.FraudReview:
    """A review; `whole` with its features."""
    return fraud_pb2.FraudReview(
        id=kept.id,
        state=kept.state,
        score_bp=kept.score_bp,
        total=money(kept.currency, kept.total_minor),
        customer_id=kept.customer_id,
        reasons=[_reason(each.signal, each.points, kept.features) for each in kept.reasons],
        features=_features(kept.features) if whole else [],
        marks=sorted(kept.marks.values()),
        model=kept.model,
        at=rfc3339(kept.at),
        decided_at=rfc3339(kept.decided_at),
        by=kept.by,
        note=kept.note,
        version=kept.version,
    )


def _reason(signal: str, points: int, features: Mapping[str, float]) -> fraud_pb2.FraudReason:
    en, zh = _LISTED.get(signal) or signals.words(signal, features.get(signal, 0.0))
    return fraud_pb2.FraudReason(signal=signal, points=points, text_en=en, text_zh=zh)


def _features(values: Mapping[str, float]) -> list[fraud_pb2.FraudFeature]:
    return [fraud_pb2.FraudFeature(name=name, value=values[name]) for name in sorted(values)]


def report(kept: "FraudReport") -> fraud_pb2.FraudReport:
    """A loss."""
    return fraud_pb2.FraudReport(
        order_id=kept.id,
        kind=kept.kind,
        loss=money(kept.currency, kept.loss_minor),
        reference=kept.reference,
        note=kept.note,
        by=kept.by,
        at=rfc3339(kept.at),
    )


def money_if_any(message: MoneyMessage) -> Money | None:
    """None for an amount that was never set."""
    return Money(message.currency, message.minor) if message.currency else None


def listing(trail: "Trail") -> fraud_pb2.FraudListing:
    """A listing, of the trail it stands in."""
    said = trail.listing
    if said is None:
        return fraud_pb2.FraudListing(id=trail.id)
    return fraud_pb2.FraudListing(
        id=trail.id,
        kind=trail.id.partition(".")[0],
        verdict=said.verdict,
        until=rfc3339(said.until),
        note=said.note,
        by=said.by,
        at=rfc3339(said.at),
    )


def policy(kept: FraudPolicy, mode: str) -> fraud_pb2.FraudPolicy:
    """How it is decided."""
    return fraud_pb2.FraudPolicy(
        mode=mode,
        target_ppm=kept.target_ppm,
        capacity_per_day=kept.capacity_per_day,
        review_at_bp=kept.review_at_bp,
        block_at_bp=kept.block_at_bp,
        adaptive=kept.adaptive,
        risky_categories=kept.risky_categories,
        version=kept.version,
        updated_at=rfc3339(kept.updated_at),
    )


def policy_of(message: fraud_pb2.FraudPolicy) -> FraudPolicy:
    """As it came in, unchecked."""
    return FraudPolicy(
        mode=message.mode,
        target_ppm=message.target_ppm,
        capacity_per_day=message.capacity_per_day,
        review_at_bp=message.review_at_bp,
        block_at_bp=message.block_at_bp,
        adaptive=message.adaptive,
        risky_categories=list(message.risky_categories),
    )


def observed(kept: "Observed | None") -> fraud_pb2.FraudObserved:
    """What was seen when the thresholds last moved."""
    if kept is None:
        return fraud_pb2.FraudObserved()
    losses = [
        fraud_pb2.FraudLoss(
            loss=money(currency, loss), value=money(currency, value), ppm=Lost(currency, loss, value, orders).ppm
        )
        for currency, loss, value, orders in kept.losses
    ]
    cents = round(100 * kept.reviews_per_day)
    return fraud_pb2.FraudObserved(at=rfc3339(kept.at), losses=losses, reviews_per_day_cents=cents, why=kept.why)


def model(kept: "Model") -> fraud_pb2.FraudModel:
    """What scores are made by."""
    weights = {"bias": kept.bias} | {name: kept.weight(name) for name in signals.SIGNALS}
    return fraud_pb2.FraudModel(
        version=kept.made,
        trained_at=rfc3339(kept.trained_at),
        orders=kept.orders,
        frauds=kept.frauds,
        auc_bp=kept.auc_bp,
        weights=_features(weights),
    )


def fraud_review_opened(kept: "Review") -> events_pb2.FraudReviewOpened:
    """Somebody is to look at it."""
    total = money(kept.currency, kept.total_minor)
    return events_pb2.FraudReviewOpened(order_id=kept.id, total=total, reason=kept.reason, at=rfc3339(kept.at))


def fraud_blocked(kept: "Review") -> events_pb2.FraudBlocked:
    """It was refused."""
    total = money(kept.currency, kept.total_minor)
    return events_pb2.FraudBlocked(order_id=kept.id, total=total, reason=kept.reason, at=rfc3339(kept.at))


def fraud_review_closed(kept: "Review", outcome: str, at: datetime) -> events_pb2.FraudReviewClosed:
    """Somebody has looked, or needs not any more."""
    total = money(kept.currency, kept.total_minor)
    return events_pb2.FraudReviewClosed(order_id=kept.id, outcome=outcome, total=total, at=rfc3339(at))


def fraud_loss_reported(kept: "FraudReport") -> events_pb2.FraudLossReported:
    """Money is lost."""
    loss = money(kept.currency, kept.loss_minor)
    return events_pb2.FraudLossReported(order_id=kept.id, loss=loss, kind=kept.kind, at=rfc3339(kept.at))
