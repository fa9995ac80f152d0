"""This is where prices and stock meet protobuf."""

from collections.abc import Iterable, Sequence

from shop.catalog.v1 import prices_pb2, stock_pb2
from shop.type.v1 import money_pb2

from services.catalog.holds import Line
from services.catalog.skus import Movement, PriceEntry
from services.catalog.taking import Allocation
from services.kit.clock import rfc3339
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


def stock(document: Document) -> stock_pb2.SkuStock:
    """What there is of a SKU."""
    return stock_pb2.SkuStock(
        sku=document["_id"],
        warehouses=[
            stock_pb2.WarehouseStock(warehouse=code, on_hand=units)
            for code, units in sorted(document["on_hand"].items())
        ],
        held=document["held"],
        available=document["available"],
    )


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
    )


def lines(messages: Iterable[stock_pb2.HoldLine]) -> list[Line]:
    """What an order wants."""
    return [Line(each.sku, each.quantity, amount(each.unit_price)) for each in messages]


def allocations(messages: Iterable[stock_pb2.Allocation]) -> list[Allocation]:
    """From where an order is taken."""
    return [Allocation(each.sku, each.warehouse, each.quantity) for each in messages]


def taken(kept: Sequence[Allocation]) -> stock_pb2.ConfirmHoldResponse:
    """From where an order was taken."""
    return stock_pb2.ConfirmHoldResponse(
        allocations=[
            stock_pb2.Allocation(sku=each.sku, warehouse=each.warehouse, quantity=each.quantity) for each in kept
        ]
    )
