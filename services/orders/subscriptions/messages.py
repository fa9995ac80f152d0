"""This is where plans and subscriptions become protobuf and back."""

from shop.orders.v1 import subscriptions_pb2 as pb

from services.kit.clock import parse_time, rfc3339
from services.orders.messages.addresses import address_of, money

from .plans import Plan
from .terms import Item, Subscription, Wish


def plan_of(message: pb.Plan) -> Plan:
    """A plan as it is to be."""
    return Plan(
        id=message.id,
        title=message.title,
        skus=list(message.skus),
        every=list(message.every),
        on_price_rise=message.on_price_rise,
        on_stock_out=message.on_stock_out,
        remind_days=message.remind_days,
        retry_days=list(message.retry_days),
        open=message.open,
    )


def plan_message(plan: Plan) -> pb.Plan:
    """A plan."""
    return pb.Plan(
        id=plan.id,
        title=plan.title,
        skus=plan.skus,
        every=plan.every,
        on_price_rise=plan.on_price_rise,
        on_stock_out=plan.on_stock_out,
        remind_days=plan.remind_days,
        retry_days=plan.retry_days,
        open=plan.open,
        version=plan.version,
    )


def wish_of(message: pb.Wish) -> Wish:
    """What is wanted."""
    return Wish(
        items=[Item(item.sku, item.quantity) for item in message.items],
        delivery_option=message.delivery_option,
        address=address_of(message.address) if message.HasField("address") else None,
        payment_token=message.payment_token,
        plan=message.plan,
        every=message.every,
        zone=message.zone,
        currency=message.currency,
        first_at=parse_time(message.first_at),
        email=message.email,
    )


def subscription_message(of: Subscription) -> pb.Subscription:
    """A subscription, without its address and card."""
    return pb.Subscription(
        id=of.id,
        customer_id=of.customer_id,
        plan=of.plan,
        every=of.every,
        zone=of.zone,
        state=of.state.value,
        why=of.why,
        items=[pb.SubscriptionItem(sku=item.sku, quantity=item.quantity) for item in of.items],
        agreed=money(of.currency, of.agreed_minor),
        delivery_option=of.delivery_option,
        cycle=of.cycle,
        due_at=rfc3339(of.due_at),
        failures=of.failures,
        orders=of.orders,
        version=of.version,
    )
