"""This is where an order becomes protobuf."""

from shop.orders.v1 import carts_pb2, orders_pb2
from shop.type.v1 import address_pb2

from services.kit.clock import parse_time, rfc3339
from services.kit.sla import SlaClock
from services.orders import paying
from services.orders.looking import Wanted
from services.orders.orders import AT_STORE, STOREFRONT, Adjustment, Order, OrderLine, State
from services.orders.paying import CARD

from .addresses import money
from .carts import delivery_message, discount_messages, totals_messages, window_message

OrderMessage = orders_pb2.Order

_STATES = {state: orders_pb2.OrderState.Value(f"ORDER_STATE_{state.name}") for state in State}
_BY_NUMBER: dict[int, State] = {number: state for state, number in _STATES.items()}


def state_of(number: int) -> State | None:
    """The state asked for; None for unspecified or unheard of."""
    return _BY_NUMBER.get(number)


def wanted_of(asked: orders_pb2.ListOrdersRequest) -> Wanted:
    """Which orders are asked for."""
    return Wanted(
        state=state_of(asked.state),
        channel=asked.channel,
        customer_type=asked.customer_type,
        q=asked.q,
        since=parse_time(asked.since),
        until=parse_time(asked.until),
    )


def order_message(order: Order, address: bytes | None = None, version: int = 0) -> OrderMessage:
    """The order as its customer sees it, with the address given (serialized); `version` if it is not the order's own."""
    currency = order.currency
    return OrderMessage(
        id=order.id,
        customer_id=order.customer_id,
        state=_STATES[order.state],
        lines=[_line(order, line) for line in order.lines],
        totals=totals_messages(order.totals, currency),
        discounts=discount_messages(order.discounts, currency),
        expectations=_expectations(order),
        events=[
            orders_pb2.OrderEvent(
                seq=number, type=event.type, at=rfc3339(event.at), text=event.text, shipment_id=event.shipment_id
            )
            for number, event in enumerate(order.events, 1)
        ],
        adjustments=[_adjustment(adjustment, currency) for adjustment in order.adjustments],
        address=address_pb2.Address.FromString(address) if address is not None else None,
        delivery=delivery_message(order.delivery, currency),
        points_spent=order.points if order.paid_at else 0,
        next_action=_next_action(order),
        placed_at=rfc3339(order.placed_at),
        paid_at=rfc3339(order.paid_at),
        version=version or order.version,
        refusal=order.refusal.reason if order.refusal else "",
        cart_id=order.cart_id,
        follows=_follows(order),
        channel=order.channel or STOREFRONT,
        channel_order_id=order.channel_order_id,
        customer_type=order.customer_type,
        fulfilment=order.fulfilment,
        account_id=order.account_id,
        purchase_order=order.purchase_order,
        erp_number=order.erp_number,
        payment_method=order.paying.method if order.paying else CARD,
        payment_state=payment_state(order),
        preorder=_preorder(order),
        window=window_message(order.window) if order.window else None,
    )


def staff_message(order: Order, address: bytes | None = None) -> OrderMessage:
    """The order as staff see it: with what keeps or kept it, and its promise."""
    message = order_message(order, address)
    message.holds.extend(
        orders_pb2.Hold(
            reason=hold.reason,
            text=hold.text,
            at=rfc3339(hold.at),
            by=hold.by,
            released_at=rfc3339(hold.released_at),
            released_by=hold.released_by,
            why=hold.why,
            pauses=hold.pauses,
        )
        for hold in order.holds
    )
    message.priority, message.classes[:] = order.priority, order.classes
    if order.ship_clock:
        message.ship_clock.CopyFrom(clock_message(order.ship_clock))
    return message


def clock_message(clock: SlaClock) -> orders_pb2.SlaClock:
    """A clock of service levels."""
    return orders_pb2.SlaClock(
        policy=clock.policy,
        state=clock.state,
        paused=clock.paused,
        started_at=rfc3339(clock.started_at),
        due_at=rfc3339(clock.due_at),
        warned_at=rfc3339(clock.warned_at),
        breached_at=rfc3339(clock.breached_at),
        stopped_at=rfc3339(clock.stopped_at),
    )


def payment_state(order: Order) -> str:
    """Where its money is, in one word."""
    return paying.state_of(
        order.state, order.paying, order.captured_minor, order.refunded_minor, order.total_minor if order.totals else 0
    )


def answer_bytes(order: Order) -> bytes:
    """The first answer, as it is kept: without the address, which is kept sealed beside it."""
    return order_message(order, version=order.version + 1).SerializeToString()


def answer_message(answer: bytes, address: bytes) -> OrderMessage:
    """The first answer once more."""
    message = OrderMessage.FromString(answer)
    message.address.ParseFromString(address)
    return message


def _line(order: Order, line: OrderLine) -> carts_pb2.Line:
    currency = order.currency
    warehouses = sorted(
        {s.warehouse for s in order.shipments.values() if any(sent.sku == line.sku for sent in s.lines)} - {""}
    )
    return carts_pb2.Line(
        sku=line.sku,
        product_id=line.product_id,
        title=line.title,
        quantity=line.quantity,
        gift_quantity=line.gift,
        unit_price=money(currency, line.unit_minor),
        subtotal=money(currency, line.subtotal),
        discount=money(currency, line.discount_minor),
        total=money(currency, line.total),
        fulfilled=order.fulfilled(line.sku) if order.shipments or order.store else 0,
        returned=line.returned,
        warehouse=", ".join(warehouses),
    )


def _expectations(order: Order) -> list[orders_pb2.Expectation]:
    """What is promised: of every parcel once it is planned, of the order as a whole before."""
    if order.paid_at is None or order.fulfilment in AT_STORE:
        return []
    ship_by, method = rfc3339(order.ship_by), order.delivery.title
    planned = [
        orders_pb2.Expectation(
            shipment_id=shipment_id,
            method=method,
            ship_by=ship_by,
            deliver_by=rfc3339(order.window.until_at if order.window else shipment.deliver_by),
            carrier=shipment.carrier,
            waybill=shipment.waybill,
            expected_from=rfc3339(shipment.expected_from),
            expected_to=rfc3339(shipment.expected_to),
        )
        for shipment_id, shipment in sorted(order.shipments.items())
        if shipment.planned_at
    ]
    deliver_by = rfc3339(order.window.until_at) if order.window else ""
    return planned or [orders_pb2.Expectation(method=method, ship_by=ship_by, deliver_by=deliver_by)]


def _follows(order: Order) -> orders_pb2.Follows | None:
    of = order.follow_up
    return orders_pb2.Follows(order_id=of.order_id, kind=of.kind, return_id=of.return_id) if of else None


def _preorder(order: Order) -> orders_pb2.Preorder | None:
    of, currency = order.preorder, order.currency
    if of is None:
        return None
    return orders_pb2.Preorder(
        campaign_id=of.campaign,
        stage=of.stage.value,
        deposit=money(currency, of.deposit_minor),
        balance=money(currency, order.total_minor - of.deposit_minor),
        pay_from=rfc3339(of.pay_from),
        pay_until=rfc3339(of.pay_until),
        ships_from=rfc3339(of.ships_from),
        keeps_deposit=of.keeps,
    )


def _adjustment(adjustment: Adjustment, currency: str) -> orders_pb2.Adjustment:
    return orders_pb2.Adjustment(
        id=adjustment.id,
        type=adjustment.type,
        amount=money(currency, adjustment.minor),
        reason=adjustment.reason,
        at=rfc3339(adjustment.at),
        allocation=[
            carts_pb2.DiscountShare(sku=share.sku, amount=money(currency, share.minor)) for share in adjustment.shares
        ],
    )


def _next_action(order: Order) -> orders_pb2.NextAction | None:
    if order.preorder and (url := next((m.confirm_url for m in order.movements if m.confirm_url), "")):
        return orders_pb2.NextAction(type="confirm_payment", url=url)
    if order.preorder and order.preorder.owing and order.state is State.PAID:
        return orders_pb2.NextAction(type="pay_balance")
    if order.state is not State.AWAITING_CONFIRMATION:
        return None
    return orders_pb2.NextAction(type="confirm_payment", url=order.confirm_url)
