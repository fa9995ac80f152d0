"""This is where every KPI is declared, once: its row in the capabilities, its formula, its target, what it is made of. Pure.

The definitions are those of docs: conversion by sessions (visit_conversion) or by visitors (payment_conversion),
AOV of net sales, stock-out and sell-through as SKU-days and SKUs, repurchase over 90 days. Currencies never add up.
"""

from dataclasses import dataclass
from typing import Literal

from .behaviour import BEHAVIOUR
from .measures import Buyers, Distinct, Measure, OnShelf, Sum, Visits

Unit = Literal["minor", "count", "ratio", "seconds"]


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI: (`value` − `minus`) / `over`. `per_currency` ones have a value in each currency."""

    name: str
    capability: str
    title: str
    unit: Unit
    formula: str
    value: Measure
    minus: Measure | None = None
    over: Measure | None = None
    target: str = ""
    per_currency: bool = False
    by: frozenset[str] | None = None

    def dimensions(self) -> frozenset[str]:
        """What it can be asked by: what all its parts know, unless `by` says otherwise.

        A part that does not know the dimension then stands whole beside each value of it (returns by reason / all units).
        """
        if self.by is not None:
            return self.by
        return frozenset.intersection(*(part.dimensions() for part in self.parts()))

    def parts(self) -> list[Measure]:
        """What it is made of."""
        return [part for part in (self.value, self.minus, self.over) if part is not None]


_PAID = Sum("order_paid")
_GOODS = Sum("order_paid", "goods_minor", "paid_minor")
_COST = Sum("order_paid", "cost_minor", "cost_minor")
_UNITS = Sum("order_paid", "units", "units")
_BACK = Sum("refund_issued", "goods_minor", "paid_minor")
_VISITORS = Distinct(BEHAVIOUR, "visitor")
_CARTING = Distinct(BEHAVIOUR, "visitor", ("add_to_cart",))
_PAYING = Distinct(BEHAVIOUR, "visitor", ("purchase",))
_SHIPPED = Sum("shipment_shipped", "timed")
_DELIVERED = Sum("parcel_delivered", "promised")
_LOST = Sum("fraud_loss", "loss_minor")
_RETURNS_BY = frozenset({"product", "region", "reason"})

# fmt: off
_ALL = (
    # Visits
    Kpi("pv", "K01", "Page views", "count", "page_view events", Sum(BEHAVIOUR, where={"name": "page_view"})),
    Kpi("uv", "K02", "Unique visitors", "count", "distinct visitors", _VISITORS),
    Kpi("bounce_rate", "K03", "Bounce rate", "ratio", "sessions of one page view and nothing else / sessions",
        Visits(single=True), over=Visits()),
    Kpi("dwell_time", "K04", "Dwell time per session", "seconds", "dwell of all pages / sessions", Visits(dwell=True),
        over=Visits()),
    Kpi("sessions", "K05", "Sessions (traffic by channel)", "count", "sessions begun", Visits()),
    Kpi("search_share", "K05", "Organic search share", "ratio", "sessions from search / sessions",
        Visits(channel="search"), over=Visits()),
    Kpi("ctr", "K06", "Click-through rate", "ratio", "select_item events / view_item_list events",
        Sum(BEHAVIOUR, where={"name": "select_item"}), over=Sum(BEHAVIOUR, where={"name": "view_item_list"})),
    Kpi("visit_conversion", "K07", "Visit-to-order conversion", "ratio", "sessions with a purchase / sessions",
        Visits(did="purchase"), over=Visits()),
    Kpi("add_to_cart_rate", "K08", "Add-to-cart rate", "ratio", "carting visitors / unique visitors", _CARTING,
        over=_VISITORS),
    Kpi("payment_conversion", "K09", "Payment conversion", "ratio", "paying visitors / unique visitors", _PAYING,
        over=_VISITORS),
    Kpi("funnel", "K10", "Funnel", "count", "distinct visitors by stage: impression, click, cart, checkout, pay",
        Distinct(BEHAVIOUR, "visitor", by_stage=True)),
    Kpi("cart_abandonment", "K45", "Cart-abandonment rate", "ratio",
        "sessions with add_to_cart and no purchase / sessions with add_to_cart",
        Visits(did="add_to_cart", did_not="purchase"), over=Visits(did="add_to_cart")),
    # Sales
    # Not by channel: a visit's channel and an order's are not the same thing.
    Kpi("value_per_visitor", "K11", "Value per visitor", "minor", "GMV / unique visitors", _GOODS, over=_VISITORS,
        per_currency=True, by=frozenset()),
    Kpi("gmv", "K12", "GMV", "minor", "goods of paid orders, after discounts, without freight; whole from the deposit on",
        _GOODS, per_currency=True),
    Kpi("orders", "K13", "Paid orders", "count", "orders paid", _PAID),
    Kpi("units", "K13", "Units sold", "count", "units in paid orders", _UNITS),
    Kpi("net_sales", "K14", "Net sales", "minor", "GMV - goods refunded", _GOODS, minus=_BACK, per_currency=True),
    Kpi("aov", "K14", "Average order value", "minor", "(GMV - goods refunded) / paid orders", _GOODS, minus=_BACK,
        over=_PAID, per_currency=True),
    Kpi("gross_margin", "K26", "Gross margin", "ratio", "(GMV - cost of goods) / GMV", _GOODS, minus=_COST,
        over=_GOODS, target=">= 0.3", per_currency=True),
    Kpi("member_share", "K18", "Member penetration", "ratio", "GMV of signed-in customers / GMV",
        Sum("order_paid", "member_minor"), over=_GOODS, per_currency=True),
    Kpi("checkout_refusals", "K09", "Checkouts refused", "count", "order attempts without an order",
        Sum("checkout_refused")),
    # Customers
    Kpi("repurchase_rate", "K15", "Repurchase rate", "ratio",
        "customers with 2 or more paid orders in 90 days / customers with 1 or more", Buyers(2), over=Buyers(1)),
    Kpi("repurchase_interval", "K16", "Repurchase interval", "seconds",
        "time between two paid orders of a customer, mean; gaps up to 365 days", Buyers(what="gaps", window_days=365),
        over=Buyers(what="pairs", window_days=365)),
    Kpi("new_customers", "K17", "New customers", "count", "customers registered", Sum("customer_registered")),
    Kpi("active_customers", "K17", "Active customers", "count", "distinct customers with a paid order",
        Distinct("order_paid", "customer")),
    # Shelf
    Kpi("sell_through", "K22", "Sell-through (active-SKU) rate", "ratio", "SKUs sold / SKUs on sale",
        Distinct("order_paid", "lines.sku"), over=OnShelf("skus")),
    Kpi("skus_on_sale", "K23", "SKUs on sale", "count", "distinct SKUs on sale at any time", OnShelf("skus")),
    Kpi("stock_out_rate", "K24", "Stock-out rate", "ratio", "SKU-days with nothing available / SKU-days on sale",
        OnShelf("sku_days_out"), over=OnShelf("sku_days"), target="< 0.03"),
    Kpi("stock_turnover", "K25", "Inventory turnover", "ratio", "units sold / mean units on hand", _UNITS,
        over=OnShelf("units")),
    # Fulfilment
    Kpi("fulfilment_time", "K29", "Fulfilment time", "seconds", "paid to shipped, mean over shipments",
        Sum("shipment_shipped", "seconds"), over=_SHIPPED, target="<= 86400"),
    Kpi("shipped_in_time", "K29", "Shipped as promised", "ratio", "shipments shipped by ship_by / shipments",
        Sum("shipment_shipped", "on_time"), over=Sum("shipment_shipped", "promised"), target=">= 0.95"),
    Kpi("delivery_time", "K30", "Delivery time", "seconds", "shipped to delivered, mean over parcels",
        Sum("parcel_delivered", "seconds"), over=Sum("parcel_delivered", "timed")),
    Kpi("on_time_delivery", "K30", "On-time delivery", "ratio", "parcels delivered by deliver_by / parcels delivered",
        Sum("parcel_delivered", "on_time"), over=_DELIVERED, target=">= 0.95"),
    # After-sales
    Kpi("refunds", "K31", "Refunds", "minor", "money given back", Sum("refund_issued", "amount_minor", "paid_minor"),
        per_currency=True),
    Kpi("refund_rate", "K31", "Refund rate", "ratio", "goods refunded / GMV", _BACK, over=_GOODS, per_currency=True,
        by=_RETURNS_BY),
    Kpi("returned_units", "K31", "Units asked to be returned", "count", "units in return requests",
        Sum("return_requested", "units", "units")),
    Kpi("return_rate", "K31", "Return rate", "ratio", "units in return requests / units sold",
        Sum("return_requested", "units", "units"), over=_UNITS, by=_RETURNS_BY),
    # Fraud
    Kpi("fraud_loss", "K36", "Lost to fraud", "minor", "chargebacks and fraud found after the charge", _LOST,
        per_currency=True),
    Kpi("fraud_loss_rate", "K36", "Fraud loss rate", "ratio", "lost to fraud / charged", _LOST,
        over=Sum("order_paid", "total_minor"), target="< 0.001", per_currency=True, by=frozenset()),
)
# fmt: on
KPIS: dict[str, Kpi] = {kpi.name: kpi for kpi in sorted(_ALL, key=lambda kpi: kpi.name)}
