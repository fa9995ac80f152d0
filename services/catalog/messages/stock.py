"""This is where prices and stock meet protobuf."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from shop.catalog.v1 import prices_pb2, stock_pb2
from shop.type.v1 import money_pb2

from services.catalog.fields import Faults
from services.catalog.price_history import OMNIBUS_DAYS, Lowest
from services.catalog.prices import InvalidPrice
from services.catalog.retaking import Retake
from services.catalog.skus import Movement, PriceEntry
from services.catalog.stock import Asked
from services.catalog.taking import Allocation
from services.catalog.wants import Line
from services.kit.clock import parse_time, rfc3339
from services.kit.errors import FieldError, Invalid
from services.kit.store import Document

from .events import money
from .products import amount


def quote(document: Document) -> prices_pb2.SkuQuote:
    """What a cart needs to know of one SKU; straight from the document, for this is asked most."""
    return prices_pb2.SkuQuote(
        sku=document["_id"],
        product_id=document["product_id"],
        merchant_id=document["merchant_id"],
        title=document["title"],
        price=money_pb2.Money(**document["price"]),
        cost=money_pb2.Money(**document["cost"]),
        weight_g=document["weight_g"],
        available=document["available"],
        live=document["live"],
        category=document["category"],
        tags=document["tags"],
        return_days=document.get("return_days"),
        freight_insurance=document.get("freight_insurance", False),
        volume_mm3=document.get("volume_mm3", 0),
    )


def entry(kept: PriceEntry) -> prices_pb2.PriceEntry:
    """One entry of a price's history."""
    return prices_pb2.PriceEntry(
        sku=kept.sku,
        price=money(kept.price),
        at=rfc3339(kept.at),
        reason=kept.reason,
        by=kept.by,
        version=kept.number,
    )


def history(request: prices_pb2.GetPriceHistoryRequest) -> tuple[datetime | None, int] | None:
    """Before when, and of how many days, the lowest price is asked for; None when it is not. Refuses with INVALID_PRICE."""
    if not request.HasField("lowest"):
        return None
    faults, before = Faults(), None
    days = faults.number("/days", request.lowest.days or OMNIBUS_DAYS, 1, 3_650)
    try:
        before = parse_time(request.lowest.before)
    except ValueError:
        faults.add("/before", "must be an RFC 3339 time")
    faults.refuse(InvalidPrice)
    return before, days


def told_history(entries: Sequence[PriceEntry], more: str, lowest: Lowest | None) -> prices_pb2.GetPriceHistoryResponse:
    """A page of a history."""
    told = prices_pb2.GetPriceHistoryResponse(entries=[entry(each) for each in entries], next_cursor=more)
    if lowest:
        price = money(lowest.price) if lowest.price else None
        told.lowest.CopyFrom(prices_pb2.LowestPrice(price=price, before=rfc3339(lowest.before), days=lowest.days))
    return told


def stock(document: Document, stock_class: str = "") -> stock_pb2.SkuStock:
    """What there is of a SKU."""
    return stock_pb2.SkuStock(
        sku=document["_id"],
        warehouses=[_warehouse(document, code) for code in sorted({*document["on_hand"], *document.get("graded", ())})],
        held=document["held"],
        available=document["available"],
        in_transit=document.get("in_transit", 0),
        stock_class=stock_class,
    )


def _warehouse(document: Document, code: str) -> stock_pb2.WarehouseStock:
    graded = document.get("graded", {}).get(code, {})
    return stock_pb2.WarehouseStock(
        warehouse=code,
        on_hand=document["on_hand"].get(code, 0),
        graded=[stock_pb2.GradedUnits(grade=grade, units=units) for grade, units in sorted(graded.items()) if units],
    )


def asked(request: stock_pb2.ListMovementsRequest) -> Asked:
    """Which entries of the ledger. Refuses with INVALID what is no time."""
    return Asked(
        sku=request.sku,
        merchant_id=request.merchant_id,
        warehouse=request.warehouse,
        reason=request.reason,
        grade=request.grade,
        since=_moment("/from", getattr(request, "from")),
        until=_moment("/to", request.to),
    )


def _moment(pointer: str, text: str) -> datetime | None:
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        raise Invalid("that is no time", errors=[FieldError(pointer, "must be an RFC 3339 time with a zone")]) from None


def movement(kept: Movement) -> stock_pb2.Movement:
    """An entry of the stock ledger."""
    return stock_pb2.Movement(
        sku=kept.sku,
        warehouse=kept.warehouse,
        quantity=kept.quantity,
        reason=kept.reason,
        reference=kept.reference,
        at=rfc3339(kept.at),
        by=kept.by,
        grade=kept.grade,
        note=kept.note,
    )


def lines(messages: Iterable[stock_pb2.HoldLine]) -> list[Line]:
    """What an order wants."""
    return [Line(each.sku, each.quantity, amount(each.unit_price)) for each in messages]


def allocations(messages: Iterable[stock_pb2.Allocation]) -> list[Allocation]:
    """From where an order is taken."""
    return [Allocation(each.sku, each.warehouse, each.quantity) for each in messages]


def retake(request: stock_pb2.MoveTakenRequest) -> Retake:
    """What is to be taken from elsewhere."""
    units = [(line.sku, line.quantity) for line in request.lines]
    return Retake(request.request_id, request.order_id, units, request.warehouse, request.found, request.to, request.by)


def taken(kept: Sequence[Allocation]) -> stock_pb2.ConfirmHoldResponse:
    """From where an order was taken."""
    return stock_pb2.ConfirmHoldResponse(
        allocations=[
            stock_pb2.Allocation(sku=each.sku, warehouse=each.warehouse, quantity=each.quantity) for each in kept
        ]
    )
