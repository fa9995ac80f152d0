"""This is where what catalog tells becomes protobuf."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from shop.catalog.v1 import events_pb2
from shop.type.v1 import money_pb2

from services.kit.clock import rfc3339
from services.kit.money import Money

if TYPE_CHECKING:  # features import this module
    from services.catalog.content import Product


def money(amount: Money) -> money_pb2.Money:
    """An amount."""
    return money_pb2.Money(currency=amount.currency, minor=amount.minor)


def product_changed(product: Product, at: datetime) -> events_pb2.ProductChanged:
    """Caches drop what they know of it."""
    return events_pb2.ProductChanged(
        product_id=product.id,
        skus=[variant.sku for variant in product.variants],
        live=product.state == "live",
        at=rfc3339(at),
        category=product.category,
    )


def price_changed(
    sku: str, product_id: str, old: Money, new: Money, at: datetime, cause: str = ""
) -> events_pb2.PriceChanged:
    """A SKU costs something else."""
    return events_pb2.PriceChanged(
        sku=sku, product_id=product_id, old_price=money(old), new_price=money(new), at=rfc3339(at), cause=cause
    )


def stock_moved(
    sku: str,
    product_id: str,
    *,
    warehouse: str,
    quantity: int,
    reason: str,
    reference: str,
    on_hand: int,
    available: int,
    at: datetime,
    by: str,
    grade: str = "A",
    note: str = "",
) -> events_pb2.StockMoved:
    """Units came or went. `on_hand` and `available` are what the teller saw: others may be moving the same SKU."""
    return events_pb2.StockMoved(
        sku=sku,
        product_id=product_id,
        warehouse=warehouse,
        quantity=quantity,
        reason=reason,
        reference=reference,
        on_hand=on_hand,
        available=available,
        at=rfc3339(at),
        by=by,
        grade=grade,
        note=note,
    )


def notice_raised(
    notice_id: str, kind: str, subject: str, en: str, zh: str, at: datetime, merchant_id: str
) -> events_pb2.NoticeRaised:
    """The shop's own people should know, or a merchant."""
    return events_pb2.NoticeRaised(
        notice_id=notice_id, kind=kind, subject=subject, en=en, zh=zh, at=rfc3339(at), merchant_id=merchant_id
    )


def availability_changed(sku: str, product_id: str, in_stock: bool, at: datetime) -> events_pb2.AvailabilityChanged:
    """The last unit is spoken for, or the first one is back."""
    return events_pb2.AvailabilityChanged(sku=sku, product_id=product_id, in_stock=in_stock, at=rfc3339(at))
