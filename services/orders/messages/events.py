"""This is where what happened to an order becomes the events others hear."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from shop.orders.v1 import events_pb2, slots_pb2
from shop.type.v1 import money_pb2

from services.kit.clock import rfc3339
from services.kit.sla import WARNED, SlaClock, Step
from services.orders.orders import STOREFRONT, Adjustment, Order, OrderLine
from services.orders.slots.window import Window

from .addresses import money, region_message


def ordered_line(line: OrderLine, currency: str, quantity: int, paid: int) -> events_pb2.OrderedLine:
    """So many of a line, and the money that is about."""
    return events_pb2.OrderedLine(
        sku=line.sku,
        product_id=line.product_id,
        title=line.title,
        quantity=quantity,
        unit_price=money(currency, line.unit_minor),
        discount=money(currency, line.discount_minor if quantity == line.quantity else 0),
        paid=money(currency, paid),
        cost=money(currency, line.cost_minor),
        weight_g=line.weight_g,
        category=line.category,
    )


def _all_lines(order: Order) -> list[events_pb2.OrderedLine]:
    return [ordered_line(line, order.currency, line.quantity, line.total) for line in order.lines]


def order_paid(order: Order) -> events_pb2.OrderPaid:
    """The money is in."""
    currency = order.currency
    return events_pb2.OrderPaid(
        order_id=order.id,
        customer_id=order.customer_id,
        lines=_all_lines(order),
        goods=money(currency, order.goods_minor),
        freight=money(currency, order.freight_minor),
        discount=money(currency, order.discount_minor),
        total=money(currency, order.total_minor),
        delivery_option=order.delivery.id,
        region=region_message(order.region),
        sealed_address=order.sealed_address,
        placed_at=rfc3339(order.placed_at),
        paid_at=rfc3339(order.paid_at),
        ship_by=rfc3339(order.ship_by),
        promotions=list(dict.fromkeys(discount.id for discount in order.discounts)),
        channel=order.channel or STOREFRONT,
        points_spent=order.points,
        holds=[hold.reason for hold in order.held],
        priority=order.priority,
        classes=order.classes,
        fulfilment=order.fulfilment,
        channel_order_id=order.channel_order_id,
        customer_type=order.customer_type,
        payment_method=order.paying.method if order.paying else "",
        to_collect=money(currency, order.paying.left_minor) if order.paying and order.paying.cash else None,
        return_insurance=_premium(order),
        window=window_message(order.window) if order.window else None,
    )


def window_message(of: Window) -> slots_pb2.OrderWindow:
    """When it is brought, and by whose riders."""
    return slots_pb2.OrderWindow(
        slot=of.id,
        warehouse=of.warehouse,
        from_at=rfc3339(of.from_at),
        until_at=rfc3339(of.until_at),
        revision=of.revision,
    )


def _premium(order: Order) -> money_pb2.Money | None:
    return money(order.currency, order.cover.premium_minor) if order.cover and order.cover.premium_minor else None


def order_held(order: Order, reason: str, by: str, at: datetime, turn: int) -> events_pb2.OrderHeld:
    """Something keeps it after it was paid."""
    return events_pb2.OrderHeld(
        order_id=order.id, reason=reason, by=by, at=rfc3339(at), turn=turn, to_send=order.to_send
    )


def order_released(order: Order, by: str, at: datetime) -> events_pb2.OrderReleased:
    """Nothing keeps it any more."""
    return events_pb2.OrderReleased(
        order=order_paid(order), by=by, at=rfc3339(at), order_id=order.id, turn=order.hold_turn
    )


def order_readdressed(order: Order, at: datetime) -> events_pb2.OrderReaddressed:
    """It goes somewhere else."""
    return events_pb2.OrderReaddressed(
        order_id=order.id,
        revision=order.address_revision,
        region=region_message(order.region),
        sealed_address=order.sealed_address,
        at=rfc3339(at),
        to_send=order.to_send,
    )


def clock_told(
    subject: str, order_id: str, clock: SlaClock, step: Step, reason: str = ""
) -> events_pb2.ClockWarned | events_pb2.ClockBreached:
    """A clock of service levels has something to tell."""
    told = {
        "policy": clock.policy,
        "subject": subject,
        "order_id": order_id,
        "reason": reason,
        "started_at": rfc3339(clock.started_at),
        "due_at": rfc3339(clock.due_at),
        "at": rfc3339(step.at),
    }
    if step.kind == WARNED:
        return events_pb2.ClockWarned(**told)
    return events_pb2.ClockBreached(**told, level=step.level)


def order_unpaid(order: Order, at: datetime) -> events_pb2.OrderUnpaid:
    """It still waits for its payment."""
    return events_pb2.OrderUnpaid(
        order_id=order.id,
        customer_id=order.customer_id,
        total=money(order.currency, order.total_minor),
        pay_by=rfc3339(order.due_at),
        channel=order.channel or STOREFRONT,
        lines=_all_lines(order),
        at=rfc3339(at),
    )


def checkout_refused(order: Order, reason: str, at: datetime) -> events_pb2.CheckoutRefused:
    """It came to nothing."""
    return events_pb2.CheckoutRefused(
        order_id=order.id,
        customer_id=order.customer_id,
        reason=reason,
        at=rfc3339(at),
        total=money(order.currency, order.total_minor),
    )


def order_cancelled(order: Order, at: datetime) -> events_pb2.OrderCancelled:
    """Cancelled after it was paid."""
    return events_pb2.OrderCancelled(
        order_id=order.id,
        customer_id=order.customer_id,
        lines=_all_lines(order),
        total=money(order.currency, order.captured_minor or (order.total_minor if order.deferred else 0)),
        reason=order.cancel_reason,
        at=rfc3339(at),
    )


def refund_issued(order: Order, adjustment: Adjustment, units: Mapping[str, int]) -> events_pb2.RefundIssued:
    """Money went back; `units` are how many of each SKU it is for."""
    currency = order.currency
    shares = {share.sku: share.minor for share in adjustment.shares}
    lines = [
        ordered_line(line, currency, units[line.sku], -shares.get(line.sku, 0))
        for line in order.lines
        if units.get(line.sku)
    ]
    return _money_back(order, adjustment, lines)


def price_adjusted(order: Order, adjustment: Adjustment, sku: str) -> events_pb2.RefundIssued:
    """Money went back because a price fell: for no unit, but of one line."""
    lines = [ordered_line(line, order.currency, 0, -adjustment.minor) for line in order.lines if line.sku == sku]
    return _money_back(order, adjustment, lines)


def _money_back(
    order: Order, adjustment: Adjustment, lines: Sequence[events_pb2.OrderedLine]
) -> events_pb2.RefundIssued:
    currency = order.currency
    return events_pb2.RefundIssued(
        refund_id=adjustment.id,
        order_id=order.id,
        customer_id=order.customer_id,
        amount=money(currency, -adjustment.minor),
        goods=money(currency, -sum(share.minor for share in adjustment.shares)),
        reason=adjustment.reason,
        return_id=adjustment.return_id,
        lines=lines,
        at=rfc3339(adjustment.at),
        region=region_message(order.region),
    )


def order_delivered(order: Order, delivered_at: datetime) -> events_pb2.OrderDelivered:
    """Every parcel is at the door."""
    promises = [shipment.deliver_by for shipment in order.shipments.values() if shipment.deliver_by]
    return events_pb2.OrderDelivered(
        order_id=order.id,
        customer_id=order.customer_id,
        goods=money(order.currency, order.goods_minor),
        delivered_at=rfc3339(delivered_at),
        paid_at=rfc3339(order.paid_at),
        deliver_by=rfc3339(max(promises)) if promises else "",
    )


def some_lines(order: Order, lines: Iterable[tuple[str, int, int]]) -> list[events_pb2.OrderedLine]:
    """Some units of an order's lines: SKU, how many, and the money that is about (minor units)."""
    return [
        ordered_line(line, order.currency, quantity, minor)
        for sku, quantity, minor in lines
        if quantity and (line := order.line(sku))
    ]
