"""This is where returns become protobuf and back."""

from collections.abc import Iterable

from shop.orders.v1 import carts_pb2, returns_pb2

from services.kit.clock import rfc3339
from services.orders.returns import Return, ReturnLine, ReturnState

from .addresses import money

_STATES = {state: returns_pb2.ReturnState.Value(f"RETURN_STATE_{state.name}") for state in ReturnState}
_BY_NUMBER: dict[int, ReturnState] = {number: state for state, number in _STATES.items()}


def state_of(number: int) -> ReturnState | None:
    """The state asked for; None for unspecified or unheard of."""
    return _BY_NUMBER.get(number)


def lines_of(messages: Iterable[returns_pb2.ReturnLine]) -> list[ReturnLine]:
    """What is to come back, unchecked."""
    return [ReturnLine(message.sku, message.quantity) for message in messages]


def return_message(rma: Return) -> returns_pb2.Return:
    """A return as its customer sees it."""
    return returns_pb2.Return(
        id=rma.id,
        order_id=rma.order_id,
        customer_id=rma.customer_id,
        state=_STATES[rma.state],
        lines=[returns_pb2.ReturnLine(sku=line.sku, quantity=line.quantity) for line in rma.lines],
        reason=rma.reason,
        photos=rma.photos,
        refund=money(rma.currency, rma.refund_minor),
        allocation=[
            carts_pb2.DiscountShare(sku=line.sku, amount=money(rma.currency, line.refund_minor)) for line in rma.lines
        ],
        requested_at=rfc3339(rma.requested_at),
        review_by=rfc3339(rma.review_by),
    )
