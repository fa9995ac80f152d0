"""This is where policies, reasons, compensations and counters become protobuf and back."""

from shop.orders.v1 import aftersales_pb2 as pb

from services.kit.clock import rfc3339
from services.orders.aftersales.compensations import Grant, Rule, Rules
from services.orders.aftersales.policies import Insurance, Policy
from services.orders.aftersales.reasons import REASONS
from services.orders.aftersales.statistics import ReturnCount
from services.orders.messages.addresses import money


def policy_message(policy: Policy) -> pb.AfterSalesPolicy:
    """A policy as it is published."""
    currency = policy.currency
    return pb.AfterSalesPolicy(
        scope=policy.id,
        text=policy.text,
        no_reason_days=policy.no_reason_days,
        fault_days=policy.fault_days,
        delivery_days=policy.delivery_days,
        excluded=policy.excluded,
        freight=policy.freight,
        insurance=policy.insurance,
        premium=money(currency, policy.premium_minor),
        cap=money(currency, policy.cap_minor),
        goods_stay=money(currency, policy.goods_stay_minor),
        by=policy.by,
        updated_at=rfc3339(policy.updated_at),
        version=policy.version,
    )


def policy_of(message: pb.AfterSalesPolicy, by: str) -> Policy:
    """A policy to be published, unchecked; one currency for all its amounts."""
    return Policy(
        id=message.scope,
        text=message.text,
        no_reason_days=message.no_reason_days,
        fault_days=message.fault_days,
        delivery_days=message.delivery_days,
        excluded=message.excluded,
        freight=message.freight,
        insurance=message.insurance,
        premium_minor=message.premium.minor,
        cap_minor=message.cap.minor,
        goods_stay_minor=message.goods_stay.minor,
        currency=message.premium.currency or "CNY",
        by=by,
    )


def reason_messages() -> list[pb.ReturnReason]:
    """All reasons."""
    return [
        pb.ReturnReason(
            code=code,
            group=reason.group.value,
            blames=reason.blames,
            kinds=sorted(kind.value for kind in reason.kinds),
            photos=reason.photos,
            details=reason.details,
            en=reason.en,
            zh=reason.zh,
        )
        for code, reason in REASONS.items()
    ]


def offer_message(offered: Insurance | None, currency: str) -> pb.OfferInsuranceResponse:
    """What is offered, if anything."""
    if offered is None:
        return pb.OfferInsuranceResponse(offered=False)
    return pb.OfferInsuranceResponse(
        offered=True, premium=money(currency, offered.premium_minor), cap=money(currency, offered.cap_minor)
    )


def rule_message(rule: Rule) -> pb.CompensationRule:
    """A rule of the table."""
    return pb.CompensationRule(
        reason=rule.reason,
        kind=rule.kind,
        from_hours=rule.from_hours,
        minor=rule.minor,
        percent_bp=rule.percent_bp,
        points=rule.points,
        tier=rule.tier,
        tier_days=rule.tier_days,
        coupon=rule.coupon,
    )


def rule_of(message: pb.CompensationRule) -> Rule:
    """A rule to be published, unchecked."""
    return Rule(
        message.reason,
        message.kind,
        message.from_hours,
        message.minor,
        message.percent_bp,
        message.points,
        message.tier,
        message.tier_days,
        message.coupon,
    )


def rules_message(rules: Rules) -> pb.CompensationRules:
    """The table."""
    return pb.CompensationRules(
        rules=[rule_message(rule) for rule in rules.rules],
        order_max=money(rules.currency, rules.order_max_minor),
        by=rules.by,
        updated_at=rfc3339(rules.updated_at),
        version=rules.version,
    )


def compensation_message(grant: Grant, currency: str) -> pb.Compensation:
    """What was given."""
    return pb.Compensation(
        id=grant.id,
        reason=grant.reason,
        rule=rule_message(grant.rule),
        late_hours=grant.late_hours,
        worth=money(currency, grant.worth_minor),
        cash=money(currency, grant.cash_minor),
        points=grant.points,
        done=grant.done,
        by=grant.by,
        at=rfc3339(grant.at),
        return_id=grant.return_id,
        voucher=grant.voucher,
    )


def count_message(count: ReturnCount) -> pb.ReturnCount:
    """A counter."""
    return pb.ReturnCount(key=count.key, delivered=count.delivered, asked=count.asked, received=count.received)
