"""This is where purchase orders, receipts and lots meet protobuf."""

from collections.abc import Mapping
from datetime import datetime

from shop.catalog.v1 import purchase_orders_pb2 as pb
from shop.catalog.v1 import traces_pb2

from services.catalog.messages.events import money
from services.catalog.purchasing.drafts import DraftLine
from services.catalog.purchasing.inspections import plan
from services.catalog.purchasing.lots import Lot
from services.catalog.purchasing.orders import (
    InvalidPurchaseOrder,
    OrderLine,
    OrderState,
    PurchaseOrder,
    Receipt,
    ReceiptLine,
    Why,
)
from services.catalog.purchasing.receipts import lot_id
from services.catalog.purchasing.traces import Origin
from services.kit.clock import parse_time, rfc3339
from services.kit.errors import FieldError
from services.kit.money import Money

_STATES = {state: pb.PurchaseOrderState.Value(f"PURCHASE_ORDER_STATE_{state.name}") for state in OrderState}
_STATES_BACK = {value: state for state, value in _STATES.items()}


def moment(pointer: str, text: str) -> datetime | None:
    """A time, or None for an empty one. Refuses with INVALID_PURCHASE_ORDER."""
    try:
        return parse_time(text)
    except (ValueError, OverflowError) as wrong:
        message = "must be an RFC 3339 time with a zone"
        raise InvalidPurchaseOrder(message, errors=[FieldError(pointer, message)]) from wrong


def state_word(state: int) -> str:
    """The state a list is asked for; empty for any."""
    return _STATES_BACK[state].value if state in _STATES_BACK else ""  # type: ignore[index]


def need(message: pb.PurchaseNeed) -> DraftLine:
    """What is needed."""
    return DraftLine(
        message.sku, message.quantity, message.stock_class, message.supplier_id, message.warehouse or "main"
    )


def why(message: pb.PurchaseReason) -> Why:
    """A sentence for people."""
    return Why(message.en, message.zh)


def receipt_line(i: int, message: pb.ReceiptLine) -> ReceiptLine:
    """What came of a SKU."""
    expires_at = moment(f"/lines/{i}/expires_at", message.expires_at)
    return ReceiptLine(
        message.sku, message.received, message.rejected, message.reason, message.batch, expires_at=expires_at
    )


def order(kept: PurchaseOrder) -> pb.PurchaseOrder:
    """A purchase order."""
    return pb.PurchaseOrder(
        id=kept.id,
        number=kept.number,
        supplier_id=kept.supplier_id,
        supplier_name=kept.supplier_name,
        warehouse=kept.warehouse,
        state=_STATES[kept.state],
        lines=[_line(each, kept.currency) for each in kept.lines],
        value=money(Money(kept.currency, kept.value_minor)),
        why=[_reason(each) for each in kept.why],
        warnings=[_reason(each) for each in kept.warnings],
        receipts=[receipt(each) for each in kept.receipts],
        steps=[pb.PurchaseOrderStep(state=_STATES[s.state], at=rfc3339(s.at), by=s.by) for s in kept.steps],
        pool_until=rfc3339(kept.pool_until),
        promised_at=rfc3339(kept.promised_at),
        cancel_reason=kept.cancel_reason,
        created_at=rfc3339(kept.created_at),
        by=kept.by,
        version=kept.version,
    )


def _reason(kept: Why) -> pb.PurchaseReason:
    return pb.PurchaseReason(en=kept.en, zh=kept.zh)


def _line(kept: OrderLine, currency: str) -> pb.PurchaseOrderLine:
    sample, accept = plan(kept.outstanding)
    return pb.PurchaseOrderLine(
        sku=kept.sku,
        supplier_sku=kept.supplier_sku,
        stock_class=kept.stock_class,
        asked=kept.asked,
        ordered=kept.ordered,
        unit_cost=money(Money(currency, kept.unit_cost_minor)),
        received=kept.received,
        rejected=kept.rejected,
        outstanding=kept.outstanding,
        sample=sample,
        accept=accept,
    )


def receipt(kept: Receipt) -> pb.Receipt:
    """A delivery."""
    return pb.Receipt(
        id=kept.id,
        warehouse=kept.warehouse,
        lines=[
            pb.ReceiptLine(
                sku=line.sku,
                received=line.received,
                rejected=line.rejected,
                reason=line.reason,
                batch=line.batch,
                expires_at=rfc3339(line.expires_at),
                lot_id=lot_id(kept.id, line),
                sample=line.sample,
                accept=line.accept,
            )
            for line in kept.lines
        ],
        at=rfc3339(kept.at),
        by=kept.by,
    )


def lot(kept: Lot, names: Mapping[str, str]) -> traces_pb2.Lot:
    """The units of one receipt line; `names` are the suppliers'."""
    return traces_pb2.Lot(
        id=kept.id,
        sku=kept.sku,
        warehouse=kept.warehouse,
        supplier_id=kept.supplier_id,
        supplier_name=names.get(kept.supplier_id, ""),
        purchase_order_id=kept.order_id,
        receipt_id=kept.receipt_id,
        batch=kept.batch,
        units=kept.units,
        rejected=kept.rejected,
        remaining=kept.remaining,
        unit_cost=money(kept.unit_cost),
        received_at=rfc3339(kept.at),
        expires_at=rfc3339(kept.expires_at),
    )


def origin(kept: Origin, names: Mapping[str, str]) -> traces_pb2.Origin:
    """Units of a SKU and where they came from."""
    known = lot(kept.lot, names) if kept.lot else None
    return traces_pb2.Origin(sku=kept.sku, units=kept.units, lot=known)
