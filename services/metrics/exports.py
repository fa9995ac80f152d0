"""This is where every metric this service shows Prometheus is declared, once; dashboards and rules are held to it.

Counters are sums over facts and come back after a restart exactly as they were. Money is counted in minor units, a
currency a series; a ratio is exported as its parts and divided in the recording rules. Labels have few values: never an
order, a customer or a SKU.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from .behaviour import BEHAVIOUR


@dataclass(frozen=True, slots=True)
class Counted:
    """A counter: facts of a type, or the sum of one of their fields, by labels that are fields as well."""

    name: str
    text: str
    type: str
    field: str = ""
    labels: tuple[str, ...] = ()
    where: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """A gauge."""

    name: str
    text: str
    labels: tuple[str, ...] = ()


_CARRIAGE = ("carrier", "warehouse")
# fmt: off
COUNTERS = (
    Counted("shop_orders_paid_total", "Orders paid.", "order_paid", labels=("currency", "channel")),
    Counted("shop_gmv_minor_total", "Goods paid after discounts, minor units.", "order_paid", "goods_minor",
        ("currency", "channel")),
    Counted("shop_gmv_members_minor_total", "The part of GMV that signed-in customers paid, minor units.",
        "order_paid", "member_minor", ("currency",)),
    Counted("shop_charged_minor_total", "What paid orders cost, balances and cash to come among it, minor units.",
        "order_paid", "total_minor", ("currency",)),
    Counted("shop_freight_minor_total", "Freight paid by customers, minor units.", "order_paid", "freight_minor",
        ("currency",)),
    Counted("shop_discounts_minor_total", "Discounts given, minor units.", "order_paid", "discount_minor",
        ("currency",)),
    Counted("shop_goods_cost_minor_total", "Cost of goods sold, minor units.", "order_paid", "cost_minor",
        ("currency",)),
    Counted("shop_units_sold_total", "Units in paid orders.", "order_paid", "units"),
    Counted("shop_checkouts_refused_total", "Order attempts without an order.", "checkout_refused", labels=("reason",
        )),
    Counted("shop_orders_cancelled_total", "Orders cancelled.", "order_cancelled", labels=("reason",)),
    Counted("shop_orders_delivered_total", "Orders whose every parcel is at the door.", "order_delivered"),
    Counted("shop_orders_held_total", "Times a paid order was held.", "order_held", labels=("reason",)),
    Counted("shop_exceptions_opened_total", "Exceptions opened.", "exception_opened", labels=("reason",)),
    Counted("shop_exceptions_resolved_total", "Exceptions resolved.", "exception_resolved",
        labels=("reason", "outcome")),
    Counted("shop_exception_open_seconds_total", "How long exceptions were open, added up.", "exception_resolved",
        "seconds", ("reason",)),
    Counted("shop_shipments_troubled_total", "Parcels that could not go on in the warehouse.", "shipment_troubled",
        labels=("reason",)),
    Counted("shop_waves_released_total", "Waves made for the pickers.", "wave_released", labels=("warehouse",)),
    Counted("shop_units_picked_total", "Units picked.", "pick_list_done", "picked", ("warehouse",)),
    Counted("shop_units_short_total", "Units that were not on the shelf.", "pick_list_done", "short", ("warehouse",)),
    Counted("shop_picking_seconds_total", "From claim to end of pick lists, added up.", "pick_list_done", "seconds",
        ("warehouse",)),
    Counted("shop_manifests_closed_total", "Manifests handed over.", "manifest_closed", labels=_CARRIAGE),
    Counted("shop_manifest_parcels_total", "Parcels handed over by manifest.", "manifest_closed", "parcels",
        _CARRIAGE),
    Counted("shop_quality_flags_total", "SKUs whose parcels were begun to be looked at.", "quality_flag_raised"),
    Counted("shop_inserts_scanned_total", "Cards of parcels that were looked at.", "insert_scanned"),
    Counted("shop_inserts_redeemed_total", "Cards of parcels that were redeemed.", "insert_redeemed"),
    Counted("shop_orders_unallocated_total", "Orders no warehouse had the goods of.", "shipment_exception"),
    Counted("shop_sla_warnings_total", "Clocks that were about to run out.", "clock_warned", labels=("policy",)),
    Counted("shop_sla_breaches_total", "Clocks that ran out; levels above 1 are escalations.", "clock_breached",
        labels=("policy", "level")),
    Counted("shop_refunds_total", "Refunds issued.", "refund_issued", labels=("currency", "reason")),
    Counted("shop_refunded_minor_total", "Money given back, minor units.", "refund_issued", "amount_minor",
        ("currency", "reason")),
    Counted("shop_refunded_goods_minor_total", "Money given back for goods, minor units.", "refund_issued",
        "goods_minor", ("currency",)),
    Counted("shop_payments_captured_minor_total", "Money taken after checkout, minor units.", "payment_captured",
        "amount_minor", ("currency", "method")),
    Counted("shop_payments_voided_minor_total", "Money authorised and let go, minor units.", "payment_voided",
        "amount_minor", ("currency", "method")),
    Counted("shop_payouts_net_minor_total", "Paid out by the provider, minor units.", "payout_reconciled", "net_minor",
        ("currency", "provider")),
    Counted("shop_payouts_fees_minor_total", "Kept by the provider, minor units.", "payout_reconciled", "fees_minor",
        ("currency", "provider")),
    Counted("shop_settlement_difference_minor_total", "What settlement files and our books differ by, minor units.",
        "payout_reconciled", "difference_minor", ("currency", "provider")),
    Counted("shop_payout_captures_total", "Captures paid out.", "payout_reconciled", "captures", ("provider",)),
    Counted("shop_payout_wait_seconds_total", "Seconds from capture to payout, added up.", "payout_reconciled",
        "waited_s", ("provider",)),
    Counted("shop_returns_requested_total", "Return requests.", "return_requested", labels=("reason",)),
    Counted("shop_returned_units_total", "Units in return requests.", "return_requested", "units", ("reason",)),
    Counted("shop_returns_received_total", "Returns that came back.", "return_received", labels=("warehouse",)),
    Counted("shop_shipments_planned_total", "Waybills made.", "shipment_planned", labels=_CARRIAGE),
    Counted("shop_shipments_packed_total", "Parcels packed.", "shipment_packed"),
    Counted("shop_shipments_cancelled_total", "Parcels stopped before they left.", "shipment_cancelled"),
    Counted("shop_shipments_shipped_total", "Parcels handed to the carrier.", "shipment_shipped", labels=_CARRIAGE),
    Counted("shop_shipments_promised_total", "Of the shipped, those with a promised time.", "shipment_shipped",
        "promised", _CARRIAGE),
    Counted("shop_shipments_in_time_total", "Of the promised, those shipped by then.", "shipment_shipped", "on_time",
        _CARRIAGE),
    Counted("shop_shipments_timed_total", "Of the shipped, those whose payment time is known.", "shipment_shipped",
        "timed", _CARRIAGE),
    Counted("shop_fulfilment_seconds_total", "Seconds from paid to shipped, added up.", "shipment_shipped", "seconds",
        _CARRIAGE),
    Counted("shop_parcels_moved_total", "Parcels that reached a tracking state.", "parcel_moved", labels=("carrier",
        "state")),
    Counted("shop_parcels_stuck_total", "Parcels without a scan for too long.", "parcel_stuck", labels=("carrier",
        "state")),
    Counted("shop_parcels_lost_total", "Parcels that count as lost.", "parcel_lost", labels=("carrier",)),
    Counted("shop_parcels_restocked_total", "Parcels nobody took, whose goods are back in a warehouse.", "parcel_restocked",
        labels=_CARRIAGE),
    Counted("shop_parcels_delivered_total", "Parcels delivered.", "parcel_delivered", labels=("carrier",)),
    Counted("shop_parcels_promised_total", "Of the delivered, those with a promised time.", "parcel_delivered",
        "promised", ("carrier",)),
    Counted("shop_parcels_on_time_total", "Of the promised, those delivered by then.", "parcel_delivered", "on_time",
        ("carrier",)),
    Counted("shop_delivery_seconds_total", "Seconds from shipped to delivered, added up.", "parcel_delivered",
        "seconds", ("carrier",)),
    Counted("shop_customers_registered_total", "Customers registered.", "customer_registered"),
    Counted("shop_points_moved_total", "Points that came or went, without their sign.", "points_moved", "moved",
        ("reason",)),
    Counted("shop_stock_moved_units_total", "Units that came or went, without their sign.", "stock_moved", "moved",
        ("reason",)),
    Counted("shop_prices_changed_total", "Prices changed.", "price_changed"),
    Counted("shop_listings_changed_total", "Changes of a product's price, title or state.", "listing"),
    Counted("shop_promotions_changed_total", "Promotions made, changed or ended.", "promotion_changed"),
    Counted("shop_coupons_changed_total", "Coupons made or used up.", "coupon_changed"),
    Counted("shop_freight_changed_total", "Freight templates or warehouses changed.", "freight_changed"),
    Counted("shop_fraud_cases_total", "Orders held for fear of fraud, checkouts refused, and what came of the held.",
        "fraud_case", labels=("outcome",)),
    Counted("shop_fraud_loss_minor_total", "Lost to fraud: chargebacks and fraud found later, minor units.", "fraud_loss",
        "loss_minor", ("currency",)),
    Counted("shop_behaviour_events_total", "What visitors did, by GA4 name.", BEHAVIOUR, labels=("name", "channel")),
)
# fmt: on
GAUGES = (
    Shown("shop_visitors_today", "Distinct visitors today; by stage of the funnel, `any` for all.", ("stage",)),
    Shown("shop_sessions_today", "Sessions today; `any`, `carted`, `paid`, `abandoned` (carted, not paid).", ("did",)),
    Shown("shop_skus_on_sale", "SKUs on sale."),
    Shown("shop_skus_out_of_stock", "SKUs on sale with nothing available."),
    Shown("shop_stock_units", "Units on hand over all SKUs."),
)


class Values(Protocol):
    """What is shown."""

    def counted(self) -> Mapping[str, Mapping[tuple[str, ...], int]]:
        """Each counter's value by its labels."""
        ...

    def shown(self) -> Mapping[str, Mapping[tuple[str, ...], float]]:
        """Each gauge's value by its labels."""
        ...


class Exporter(Collector):
    """Shows the live values to whoever scrapes; runs in the scraper's thread."""

    def __init__(self, values: Values) -> None:
        self._values = values

    def collect(self) -> Iterator[Metric]:
        """All of them."""
        counted = self._values.counted()
        for counter in COUNTERS:
            counts = CounterMetricFamily(counter.name, counter.text, labels=counter.labels)
            for labels, count in counted.get(counter.name, {}).items():
                counts.add_metric(labels, count)
            yield counts
        shown = self._values.shown()
        for gauge in GAUGES:
            values = GaugeMetricFamily(gauge.name, gauge.text, labels=gauge.labels)
            for labels, value in shown.get(gauge.name, {}).items():
                values.add_metric(labels, value)
            yield values
