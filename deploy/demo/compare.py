"""This is where the shop's own KPIs stand beside the figures computed straight from the file."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.table import Table

from deploy.demo.catalogue import CURRENCY
from deploy.demo.day import Figures, Invoice
from deploy.local.client import Staff

_TOP = 10


async def skus_of_products(staff: Staff) -> dict[str, str]:
    """Product id → SKU, of everything on the storefront."""
    found: dict[str, str] = {}
    cursor = ""
    while True:
        page = await staff.get(f"/v1/products?limit=100&sort=newest&cursor={cursor}")
        found |= {item["id"]: item["sku"] for item in page["items"]}
        if not (cursor := page["next_cursor"] or ""):
            return found


async def read_figures(staff: Staff, skus: Mapping[str, str]) -> Figures:
    """What the shop's KPIs say of today, through the gateway; `skus` names each product's article."""
    return Figures(
        orders=_sum(await _kpi(staff, "orders")),
        units=_sum(await _kpi(staff, "units")),
        gmv=_sum(await _kpi(staff, "gmv"), CURRENCY),
        refunds=_sum(await _kpi(staff, "refunds"), CURRENCY),
        by_sku={skus.get(point["key"], ""): int(point["value"]) for point in await _kpi(staff, "gmv", "product")},
    )


async def _kpi(staff: Staff, name: str, by: str = "") -> list[dict[str, Any]]:
    # A day on either side: the shop's day need not be the clock's.
    today = datetime.now(UTC).date()
    days = f"from={today - timedelta(days=1)}&to={today + timedelta(days=1)}"
    found = await staff.get(f"/v1/kpis/{name}?grain=total&{days}" + (f"&by={by}" if by else ""))
    points: list[dict[str, Any]] = found["points"]
    return points


def _sum(points: list[dict[str, Any]], currency: str = "") -> int:
    return sum(int(point["value"]) for point in points if point["value"] and (point["currency"] or "") == currency)


def lived(before: Figures, after: Figures) -> Figures:
    """What happened between two readings."""
    by_sku = {sku: after.by_sku[sku] - before.by_sku.get(sku, 0) for sku in after.by_sku}
    return Figures(
        after.orders - before.orders,
        after.units - before.units,
        after.gmv - before.gmv,
        after.refunds - before.refunds,
        by_sku,
    )


def differences(day: Sequence[Invoice], shop: Figures, file: Figures) -> list[str]:
    """Each difference with its reason; one that has none says so."""
    found: list[str] = []
    split = [invoice for invoice in day if not invoice.cancels and len(invoice.baskets) > 1]
    more = sum(len(invoice.baskets) - 1 for invoice in split)
    if more:
        numbers = ", ".join(invoice.number for invoice in split)
        found.append(
            f"orders: {more} more in the shop. Invoices {numbers} sell one article at two prices; "
            "a cart has one price an article, so each took a second order. AOV differs by the same."
        )
    unexplained = {
        "orders": shop.orders - more - file.orders,
        "units": shop.units - file.units,
        "GMV": shop.gmv - file.gmv,
        "refunds": shop.refunds - file.refunds,
        "products": sum(shop.by_sku.get(sku, 0) != minor for sku, minor in file.by_sku.items()),
    }
    found += [f"{name}: {difference:+} WITHOUT A REASON" for name, difference in unexplained.items() if difference]
    return found


def table(shop: Figures, file: Figures, titles: dict[str, str]) -> Table:
    """The two columns."""
    shown = Table("figure", "shop's KPIs", "the file", "", title="2011-09-20, lived again")
    for name, ours, theirs in (
        ("orders", f"{shop.orders:,}", f"{file.orders:,}"),
        ("units", f"{shop.units:,}", f"{file.units:,}"),
        ("GMV", _pounds(shop.gmv), _pounds(file.gmv)),
        ("refunds", _pounds(shop.refunds), _pounds(file.refunds)),
        ("AOV", _pounds(shop.aov), _pounds(file.aov)),
    ):
        shown.add_row(name, ours, theirs, "=" if ours == theirs else "≠")
    shown.add_section()
    for sku, minor in sorted(file.by_sku.items(), key=lambda item: -item[1])[:_TOP]:
        ours, theirs = _pounds(shop.by_sku.get(sku, 0)), _pounds(minor)
        shown.add_row(f"{sku} {titles[sku].title()}", ours, theirs, "=" if ours == theirs else "≠")
    return shown


def _pounds(pence: float) -> str:
    return f"£{pence / 100:,.2f}"
