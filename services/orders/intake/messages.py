"""This is where channels and what came in through them become protobuf and back."""

from collections.abc import Iterable

from shop.orders.v1 import channels_pb2, intake_pb2

from services.kit.clock import rfc3339
from services.orders import limits
from services.orders.messages.addresses import address_bytes, address_message, address_of, money

from .channel_orders import ChannelOrder, ChannelOrderState
from .channel_skus import ChannelSku
from .channels import Channel, InvalidChannel, Kind
from .door import Repair, Taken
from .drafts import Draft, DraftLine
from .outside import ExternalPayment, Finding, SettlementRow

_PREFIX = "CHANNEL_ORDER_STATE_"
_STATES = {state: intake_pb2.ChannelOrderState.Value(f"{_PREFIX}{state.name}") for state in ChannelOrderState}
_BY_NUMBER: dict[int, ChannelOrderState] = {number: state for state, number in _STATES.items()}


def state_of(number: int) -> ChannelOrderState | None:
    """The state asked for; None for unspecified or unheard of."""
    return _BY_NUMBER.get(number)


def channel_of(message: channels_pb2.Channel) -> Channel:
    """A channel as it is to be. Refuses with INVALID_CHANNEL for a kind nobody knows."""
    if message.kind not in list(Kind):
        raise limits.refused("/kind", ", ".join(Kind), InvalidChannel)
    customer_type = message.customer_type or "b2c"
    return Channel(message.code, message.title, Kind(message.kind), customer_type, message.warehouse, message.open)


def channel_message(channel: Channel) -> channels_pb2.Channel:
    """A channel, without its keys."""
    return channels_pb2.Channel(
        code=channel.id,
        title=channel.title,
        kind=channel.kind.value,
        customer_type=channel.customer_type,
        warehouse=channel.warehouse,
        open=channel.open,
        version=channel.version,
        keys=len(channel.keys),
    )


def channel_sku_of(message: channels_pb2.ChannelSku) -> ChannelSku:
    """A row as it is to be."""
    return ChannelSku(
        "", message.channel, message.channel_sku, message.sku, message.price.currency, message.price.minor
    )


def channel_sku_message(row: ChannelSku) -> channels_pb2.ChannelSku:
    """A row."""
    price = money(row.currency, row.price_minor) if row.currency else None
    return channels_pb2.ChannelSku(channel=row.channel, channel_sku=row.channel_sku, sku=row.sku, price=price)


def lines_of(messages: Iterable[intake_pb2.ChannelLine]) -> tuple[DraftLine, ...]:
    """Lines, unchecked."""
    return tuple(DraftLine(line.sku, line.channel_sku, line.quantity, line.paid_minor) for line in messages)


def draft_of(message: intake_pb2.ChannelOrderDraft) -> Draft:
    """An order as it was sent, unchecked."""
    return Draft(
        channel_order_id=message.channel_order_id,
        lines=lines_of(message.lines),
        currency=message.total.currency,
        total_minor=message.total.minor,
        payment_method=message.payment_method,
        payment_token=message.payment_token,
        payment_reference=message.payment_reference,
        freight_minor=message.freight_minor,
        address=address_of(message.address) if message.HasField("address") else None,
        delivery_option=message.delivery_option,
        customer_id=message.customer_id,
        email=message.email,
        phone=message.phone,
        customer_type=message.customer_type,
        purchase_order=message.purchase_order,
        coupons=tuple(message.coupons),
    )


def draft_message(draft: Draft) -> intake_pb2.ChannelOrderDraft:
    """As it was sent, without the payment token: nobody has to see that."""
    return intake_pb2.ChannelOrderDraft(
        channel_order_id=draft.channel_order_id,
        lines=[
            intake_pb2.ChannelLine(
                sku=line.sku, channel_sku=line.channel_sku, quantity=line.quantity, paid_minor=line.paid_minor
            )
            for line in draft.lines
        ],
        address=address_message(address_bytes(draft.address)) if draft.address else None,
        delivery_option=draft.delivery_option,
        freight_minor=draft.freight_minor,
        total=money(draft.currency, draft.total_minor),
        payment_method=draft.payment_method,
        payment_reference=draft.payment_reference,
        customer_id=draft.customer_id,
        email=draft.email,
        phone=draft.phone,
        customer_type=draft.customer_type,
        purchase_order=draft.purchase_order,
        coupons=draft.coupons,
    )


def repair_of(asked: intake_pb2.RetryChannelOrderRequest) -> Repair:
    """What is to be put in its place."""
    address = address_of(asked.address) if asked.HasField("address") else None
    return Repair(lines_of(asked.lines), address, asked.delivery_option)


def record_message(record: ChannelOrder, draft: Draft | None = None) -> intake_pb2.ChannelOrder:
    """What came in, with what was sent where that is given."""
    return intake_pb2.ChannelOrder(
        id=record.id,
        channel=record.channel,
        channel_order_id=record.channel_order_id,
        state=_STATES[record.state],
        reason=record.reason,
        detail=record.detail,
        order_id=record.order_id,
        flags=record.flags,
        attempts=record.attempt,
        taken_at=rfc3339(record.taken_at),
        closed_by=record.closed_by,
        closed_note=record.closed_note,
        version=record.version,
        draft=draft_message(draft) if draft else None,
    )


def taken_message(taken: Taken) -> intake_pb2.TakenOrder:
    """An answer."""
    if taken.order is None:
        no = taken.refused
        where = "; ".join(f"{error.pointer}: {error.message}" for error in no.errors) if no else ""
        return intake_pb2.TakenOrder(
            order=intake_pb2.ChannelOrder(channel_order_id=taken.channel_order_id[:64]),
            refusal=no.reason if no else "",
            detail=where or (no.detail if no else ""),
        )
    return intake_pb2.TakenOrder(order=record_message(taken.order), replayed=taken.replayed)


def row_of(message: intake_pb2.SettlementRow) -> SettlementRow:
    """A row of a settlement."""
    settled = message.settled
    return SettlementRow(message.channel_order_id, settled.currency, settled.minor, message.fee_minor)


def finding_message(finding: Finding) -> intake_pb2.SettledRow:
    """What was found of it."""
    return intake_pb2.SettledRow(
        channel_order_id=finding.channel_order_id,
        outcome=finding.outcome,
        expected_minor=finding.expected_minor,
        settled_minor=finding.settled_minor,
    )


def payment_message(payment: ExternalPayment) -> intake_pb2.ExternalPayment:
    """Money taken outside."""
    return intake_pb2.ExternalPayment(
        id=payment.id,
        order_id=payment.order_id,
        channel=payment.channel,
        channel_order_id=payment.channel_order_id,
        method=payment.method,
        reference=payment.reference,
        amount=money(payment.currency, payment.amount_minor),
        refunded_minor=payment.refunded_minor,
        settlement=payment.settlement,
        settled_minor=payment.settled_minor,
        fee_minor=payment.fee_minor,
        taken_at=rfc3339(payment.taken_at),
        voided=payment.voided,
    )
