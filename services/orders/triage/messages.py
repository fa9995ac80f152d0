"""This is where staff's rules become protobuf and back."""

from shop.orders.v1 import triage_pb2 as pb

from services.orders.messages.addresses import money

from .rules import TriageRule, When


def rule_of(message: pb.TriageRule) -> TriageRule:
    """As it came in, unchecked."""
    when = message.when
    return TriageRule(
        id=message.id,
        reason=message.reason,
        text=message.text,
        when=When(
            amount_from_minor=when.amount_from.minor,
            currency=when.amount_from.currency,
            units_from=when.units_from,
            first_order=when.first_order,
            customer_types=list(when.customer_types),
            regions=list(when.regions),
            channels=list(when.channels),
            delivery_options=list(when.delivery_options),
            below_cost_percent=when.below_cost_percent,
            address_below=when.address_below,
        ),
        active=message.active,
        holds=message.holds,
        pauses=message.pauses,
        priority=message.priority,
    )


def rule(of: TriageRule) -> pb.TriageRule:
    """A rule."""
    when = of.when
    told = pb.TriageWhen(
        amount_from=money(when.currency, when.amount_from_minor) if when.currency else None,
        units_from=when.units_from,
        first_order=when.first_order,
        customer_types=when.customer_types,
        regions=when.regions,
        channels=when.channels,
        delivery_options=when.delivery_options,
        below_cost_percent=when.below_cost_percent,
        address_below=when.address_below,
    )
    return pb.TriageRule(
        id=of.id,
        reason=of.reason,
        text=of.text,
        when=told,
        active=of.active,
        holds=of.holds,
        pauses=of.pauses,
        priority=of.priority,
        version=of.version,
    )
