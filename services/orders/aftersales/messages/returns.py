"""This is where returns become protobuf and back, and what is told of them."""

from collections.abc import Iterable
from datetime import datetime

from shop.orders.v1 import carts_pb2, events_pb2, returns_pb2

from services.kit.clock import rfc3339
from services.orders.aftersales.compensations import Compensations, Grant
from services.orders.aftersales.reasons import REASONS, Kind
from services.orders.aftersales.returns import Found, Return, ReturnLine, ReturnState, Step, Wanted, WayBack
from services.orders.messages.addresses import money, region_message
from services.orders.messages.events import some_lines
from services.orders.orders import Order

_STATES = {state: returns_pb2.ReturnState.Value(f"RETURN_STATE_{state.name}") for state in ReturnState}
_BY_NUMBER: dict[int, ReturnState] = {number: state for state, number in _STATES.items()}
_KINDS = {kind: returns_pb2.ReturnKind.Value(f"RETURN_KIND_{kind.name}") for kind in Kind}
_KIND_BY_NUMBER: dict[int, Kind] = {number: kind for kind, number in _KINDS.items()}


def state_of(number: int) -> ReturnState | None:
    """The state asked for; None for unspecified or unheard of."""
    return _BY_NUMBER.get(number)


def kind_of(number: int) -> Kind:
    """What is asked for; a return unless said otherwise."""
    return _KIND_BY_NUMBER.get(number, Kind.RETURN)


def kind_number(kind: Kind) -> returns_pb2.ReturnKind.ValueType:
    """As protobuf has it."""
    return _KINDS[kind]


def lines_of(messages: Iterable[returns_pb2.ReturnLine]) -> list[ReturnLine]:
    """What is to come back, unchecked."""
    return [ReturnLine(message.sku, message.quantity) for message in messages]


def wants_of(messages: Iterable[returns_pb2.ReturnLine]) -> list[Wanted]:
    """What is wanted instead, unchecked."""
    return [Wanted(message.sku, message.quantity) for message in messages]


def found_of(messages: Iterable[returns_pb2.ReturnGrade]) -> list[Found]:
    """What was found, by SKU, unchecked."""
    by_sku: dict[str, dict[str, int]] = {}
    for message in messages:
        grades = by_sku.setdefault(message.sku, {})
        grades[message.grade] = grades.get(message.grade, 0) + message.units
    return [Found(sku, grades) for sku, grades in by_sku.items()]


def return_message(rma: Return) -> returns_pb2.Return:
    """A return as its customer sees it."""
    currency = rma.currency
    return returns_pb2.Return(
        id=rma.id,
        order_id=rma.order_id,
        customer_id=rma.customer_id,
        state=_STATES[rma.state],
        lines=[returns_pb2.ReturnLine(sku=line.sku, quantity=line.quantity) for line in rma.lines],
        reason=rma.reason,
        photos=rma.photos,
        refund=money(currency, rma.worth_minor),
        allocation=[
            carts_pb2.DiscountShare(sku=line.sku, amount=money(currency, line.refund_minor + line.credit_minor))
            for line in rma.lines
        ],
        requested_at=rfc3339(rma.requested_at),
        review_by=rfc3339(rma.review_by),
        kind=_KINDS[rma.kind],
        detail=rma.detail,
        note=rma.note,
        question=rma.question,
        wants=[returns_pb2.ReturnLine(sku=want.sku, quantity=want.quantity) for want in rma.wants],
        goods_back=rma.goods_back,
        freight_payer=rma.freight_payer,
        way_back=_way_back(rma.way_back, currency) if rma.way_back else None,
        grades=_grades(rma.lines),
        steps=[_step(step) for step in rma.steps],
        follow_up=rma.follow_up,
        difference=money(currency, rma.difference_minor),
        unsendable=rma.unsendable,
        version=rma.version,
    )


def _step(step: Step) -> returns_pb2.ReturnStep:
    who = step.by if step.by in ("", "customer") else "staff"  # customers need not know who
    return returns_pb2.ReturnStep(state=step.state, at=rfc3339(step.at), by=who, text=step.text)


def _way_back(way: WayBack, currency: str) -> returns_pb2.WayBack:
    return returns_pb2.WayBack(
        waybill=way.waybill,
        carrier=way.carrier,
        kind=way.kind,
        warehouse=way.warehouse,
        freight=money(currency, way.freight_minor),
        window=way.window,
        state=way.state,
        booked_at=rfc3339(way.booked_at),
    )


def _grades(lines: Iterable[ReturnLine]) -> list[returns_pb2.ReturnGrade]:
    return [
        returns_pb2.ReturnGrade(sku=line.sku, grade=grade, units=units)
        for line in lines
        for grade, units in sorted(line.grades.items())
    ]


def return_requested(order: Order, rma: Return, at: datetime) -> events_pb2.ReturnRequested:
    """Asked for, and why: whoever is to blame hears of it."""
    reason = REASONS[rma.reason]
    skus = {line.sku for line in rma.lines}
    sent = [one for one in order.shipments.values() if any(part.sku in skus for part in one.lines)]
    return events_pb2.ReturnRequested(
        return_id=rma.id,
        order_id=order.id,
        reason=rma.reason,
        lines=some_lines(order, _units(rma)),
        at=rfc3339(at),
        region=region_message(order.region),
        kind=rma.kind.value,
        group=reason.group.value,
        blames=reason.blames,
        detail=rma.detail,
        warehouses=sorted({one.warehouse for one in sent if one.warehouse}),
        carriers=sorted({one.carrier for one in sent if one.carrier}),
        review_by=rfc3339(rma.review_by),
    )


def return_changed(rma: Return, state: ReturnState, at: datetime) -> events_pb2.ReturnChanged:
    """It is somewhere else in its life."""
    return events_pb2.ReturnChanged(
        return_id=rma.id,
        order_id=rma.order_id,
        customer_id=rma.customer_id,
        state=state.value,
        was=rma.state.value if rma.state is not state else "",
        kind=rma.kind.value,
        reason=rma.reason,
        review_by=rfc3339(rma.review_by),
        at=rfc3339(at),
    )


def return_received(order: Order, rma: Return, at: datetime) -> events_pb2.ReturnReceived:
    """The goods are back, each as good as it was found."""
    return events_pb2.ReturnReceived(
        return_id=rma.id,
        order_id=order.id,
        lines=some_lines(order, _units(rma)),
        sound=rma.sound,
        warehouse=rma.warehouse,
        at=rfc3339(at),
        grades=_grades(rma.lines),
    )


def _units(rma: Return) -> list[tuple[str, int, int]]:
    return [(line.sku, line.quantity, line.refund_minor) for line in rma.lines]


def freight_paid_in_points(rma: Return, points: int, at: datetime) -> list[events_pb2.CompensationGranted]:
    """What of the way back is paid in points, if anything."""
    if not points:
        return []
    return [
        events_pb2.CompensationGranted(
            compensation_id=f"cmp_{rma.id.removeprefix('ret_')}",
            order_id=rma.order_id,
            customer_id=rma.customer_id,
            reason="return_freight_insurance",
            amount=money(rma.currency, 0),
            points=points,
            at=rfc3339(at),
            by="policy",
        )
    ]


def compensation_granted(kept: Compensations, grant: Grant, at: datetime) -> events_pb2.CompensationGranted:
    """It was given."""
    return events_pb2.CompensationGranted(
        compensation_id=grant.id,
        order_id=kept.id,
        customer_id=kept.customer_id,
        reason=grant.reason,
        amount=money(kept.currency, grant.cash_minor),
        points=grant.points,
        coupon=grant.rule.coupon if grant.voucher else "",
        tier=grant.rule.tier if grant.rule.kind == "tier" else "",
        tier_days=grant.rule.tier_days,
        at=rfc3339(at),
        by=grant.by,
    )
