"""This is where the dashboard is made: `python -m deploy.grafana.dashboard` writes dashboards/shop.json.

A panel is one line of the table below. Tests hold the file to this code, and every query to declared metrics.
"""

import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DataSourceRef

FILE = Path(__file__).parent / "dashboards" / "shop.json"
_SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
_WHOLE = "max without (instance, pod)"  # two replicas of metrics each show the whole shop
_HEIGHT = 7


@dataclass(frozen=True)
class Panel:
    """One panel: title, query, unit of Grafana, how a line is named, what it says beyond its title."""

    title: str
    expr: str
    unit: str = "short"
    legend: str = ""
    text: str = ""
    kind: Literal["line", "number"] = "line"
    span: int = 8


def number(title: str, expr: str, unit: str = "short", legend: str = "", text: str = "") -> Panel:
    """A figure of this moment."""
    return Panel(title, expr, unit, legend, text, "number", 4)


def per_minute(metric: str, by: str = "") -> str:
    """How fast a counter of the metrics service grows."""
    return f"sum by ({by}) ({_WHOLE} (rate({metric}[5m]))) * 60"


def grown(metric: str, by: str = "") -> str:
    """How much a counter of the metrics service grew in a day."""
    return f"sum by ({by}) ({_WHOLE} (increase({metric}[1d])))"


_MAJOR = "In units of a hundred minor ones."
ROWS: dict[str, list[Panel]] = {
    "Sales": [
        number("GMV, 24 h", "shop:gmv_minor:increase1d / 100", "short", "{{currency}}", f"K12. {_MAJOR}"),
        number("Orders, 24 h", "sum(shop:orders:increase1d)", text="K13."),
        number("Average order value", "shop:aov_minor:ratio1d / 100", "short", "{{currency}}", f"K14. {_MAJOR}"),
        number("Gross margin", "shop:gross_margin:ratio1d", "percentunit", "{{currency}}", "K26, at least 30 %."),
        number("Refunds of GMV", "shop:refunds:ratio1d", "percentunit", "{{currency}}", "K31."),
        number("Member share", "shop:member_share:ratio1d", "percentunit", "{{currency}}", "K18."),
        Panel("Orders a minute", per_minute("shop_orders_paid_total", "channel"), legend="{{channel}}"),
        Panel("GMV a minute", per_minute("shop_gmv_minor_total", "currency") + " / 100", legend="{{currency}}", text=_MAJOR),
        Panel("Checkouts refused by reason", per_minute("shop_checkouts_refused_total", "reason"), legend="{{reason}}"),
    ],
    "Visits": [
        number("Visitors today", 'max(shop_visitors_today{stage="any"})', text="K02."),
        number("Sessions today", 'max(shop_sessions_today{did="any"})', text="K05."),
        number("Payment conversion", "shop:payment_conversion:today", "percentunit", text="K09, paying visitors of all."),
        number("Add-to-cart rate", "shop:add_to_cart_rate:today", "percentunit", text="K08."),
        number("Visit conversion", "shop:visit_conversion:today", "percentunit", text="K07, sessions with an order."),
        number("Cart abandonment", "shop:cart_abandonment:today", "percentunit", text="K45."),
        Panel("Funnel today", "max by (stage) (shop_visitors_today)", legend="{{stage}}", text="K10."),
        Panel("Page views a minute", per_minute('shop_behaviour_events_total{name="page_view"}', "channel"),
              legend="{{channel}}", text="K01 by channel (K05)."),
        Panel("Behaviour events a minute", per_minute("shop_behaviour_events_total", "name"), legend="{{name}}"),
    ],
    "Shelf": [
        number("SKUs on sale", "max(shop_skus_on_sale)", text="K23."),
        number("Stock-out rate", "shop:stock_out:ratio", "percentunit", text="K24, below 3 %."),
        number("Units on hand", "max(shop_stock_units)"),
        Panel("Units moved a minute", per_minute("shop_stock_moved_units_total", "reason"), legend="{{reason}}", span=12),
    ],
    "Fulfilment and after-sales": [
        number("Paid to shipped", "shop:fulfilment_seconds:mean1d", "s", text="K29, 24 hours."),
        number("Shipped as promised", "shop:shipped_in_time:ratio1d", "percentunit", text="K29."),
        number("On time at the door", "shop:on_time_delivery:ratio1d", "percentunit", text="K30."),
        number("Units asked back, 30 d", "shop:return_units:ratio30d", "percentunit", text="K31."),
        Panel("On time by carrier", "shop:on_time_delivery_by_carrier:ratio1d", "percentunit", "{{carrier}}"),
        Panel("On time by carrier, 28 d", "max by (carrier) (shop_carrier_on_time_ratio)", "percentunit", "{{carrier}}"),
        Panel("Warehouse to door, mean 1 d", "shop:delivery_seconds_by_carrier:mean1d", "s", "{{carrier}}"),
        Panel("Parcels shipped a minute", per_minute("shop_shipments_shipped_total", "carrier"), legend="{{carrier}}"),
        Panel("Parcels by state, a minute", per_minute("shop_parcels_moved_total", "state"), legend="{{state}}"),
        Panel("Returns by reason, a minute", per_minute("shop_returns_requested_total", "reason"), legend="{{reason}}"),
        Panel("Delivery windows asked for", per_minute("shop_delivery_slots_total", "outcome"), legend="{{outcome}}"),
    ],
    "Floor": [
        number("Picked, 1 d", grown("shop_units_picked_total"), text="Units."),
        number("Not on the shelf, 1 d", "shop:short_picks:ratio1d", "percentunit", text="Of the units to be picked."),
        number("A unit's picking", "shop:picking_seconds:mean1d", "s", text="From claim to end of its list."),
        number("Parcels by manifest, 1 d", grown("shop_manifest_parcels_total")),
        Panel("Units picked a minute", per_minute("shop_units_picked_total", "warehouse"), legend="{{warehouse}}"),
        Panel("Waves a minute", per_minute("shop_waves_released_total", "warehouse"), legend="{{warehouse}}"),
        Panel("Parcels set aside a minute", per_minute("shop_shipments_troubled_total", "reason"), legend="{{reason}}",
              text="`qc_hold` waits to be looked at (L13)."),
        Panel("Handed over by manifest, a minute", per_minute("shop_manifest_parcels_total", "carrier"),
              legend="{{carrier}}"),
        Panel("Parcels stuck, a minute", per_minute("shop_parcels_stuck_total", "carrier"), legend="{{carrier}}",
              text="Without a word for longer than the carrier has."),
        Panel("Parcels lost, 1 d", grown("shop_parcels_lost_total", "carrier"), legend="{{carrier}}"),
    ],
    "Settlement": [
        number("Paid out, 1 d", grown("shop_payouts_net_minor_total", "currency") + " / 100", "short", "{{currency}}",
               _MAJOR),
        number("Fees of payouts", "shop:payout_fees:ratio1d", "percentunit", "{{currency}}",
               "Of what was paid out and kept."),
        number("Differences, 1 d", grown("shop_settlement_difference_minor_total", "currency") + " / 100", "short",
               "{{currency}}", f"What settlement files and our books differ by. {_MAJOR}"),
        number("Capture to payout", "shop:payout_wait_seconds:mean1d", "s", "{{provider}}",
               "Mean of a day's payouts (O12)."),
        Panel("Paid out a minute", per_minute("shop_payouts_net_minor_total", "provider, currency") + " / 100",
              legend="{{provider}} {{currency}}", text=_MAJOR),
        Panel("Differences a minute", per_minute("shop_settlement_difference_minor_total", "provider, currency") + " / 100",
              legend="{{provider}} {{currency}}", text=f"GET /v1/settlements lists them. {_MAJOR}"),
        Panel("Captured after checkout, a minute", per_minute("shop_payments_captured_minor_total", "method") + " / 100",
              legend="{{method}}", text=_MAJOR),
    ],
    "Promises and exceptions": [
        number("Promises broken, 1 d", grown('shop_sla_breaches_total{policy="ship_by",level="1"}'),
               text="Orders not sent within the promised day (O29)."),
        number("Without a word, 1 d", grown('shop_sla_breaches_total{policy="exception_contact",level="1"}'),
               text="Customers not contacted within a day (O16)."),
        Panel("Clocks that ran out, a minute", per_minute("shop_sla_breaches_total", "policy"), legend="{{policy}}"),
        Panel("Exceptions opened a minute", per_minute("shop_exceptions_opened_total", "reason"), legend="{{reason}}"),
        Panel("Exceptions by outcome, a minute", per_minute("shop_exceptions_resolved_total", "outcome"),
              legend="{{outcome}}"),
        Panel("Orders held a minute", per_minute("shop_orders_held_total", "reason"), legend="{{reason}}"),
    ],
    "Fraud": [
        number("Fraud loss, 30 d", "shop:fraud_loss:ratio30d", "percentunit", "{{currency}}", "K36, below 0.1 %."),
        Panel("Fraud cases by outcome", per_minute("shop_fraud_cases_total", "outcome"), legend="{{outcome}}",
              text="`held` and `blocked` as it happens; `cleared`, `confirmed`, `cancelled` as they end."),
        Panel("Lost to fraud a minute", per_minute("shop_fraud_loss_minor_total", "currency") + " / 100",
              legend="{{currency}}", text=_MAJOR),
    ],
    "Service": [
        Panel("Requests by code", "sum by (code) (rate(shop_http_requests_total[1m]))", "reqps", "{{code}}"),
        Panel("Errors by route", 'sum by (route) (rate(shop_http_requests_total{code=~"5.."}[1m]))', "reqps", "{{route}}"),
        Panel("Requests, 99th percentile", "shop:gateway_seconds:p99_5m", "s", "{{route}}"),
        Panel("Calls by code", "sum by (process, code) (rate(shop_rpc_total[1m]))", "reqps", "{{process}} {{code}}"),
        Panel("Calls, 99th percentile", "shop:rpc_seconds:p99_5m", "s", "{{method}}"),
        Panel("Error budget burn", "shop:gateway_errors:ratio_rate1h / 0.001", "short", "1 h",
              "1 spends a month's budget of 0.1 % in a month."),
        Panel("Events heard", "sum by (process, outcome) (rate(shop_events_heard_total[1m]))", "ops",
              "{{process}} {{outcome}}"),
        Panel("Events, commit to effect, 99th percentile", "shop:event_lag_seconds:p99_5m", "s", "{{process}}"),
        Panel("Oldest unpublished event", "max by (process) (shop_outbox_oldest_seconds)", "s", "{{process}}"),
        Panel("Parked events", "max by (process) (shop_events_parked)", "short", "{{process}}"),
        Panel("Webhook attempts by outcome, a minute", "sum by (outcome) (rate(shop_webhook_attempts_total[5m])) * 60",
              legend="{{outcome}}", text="To partner carriers. docs/runbooks/webhooks-late.md."),
        Panel("Webhooks, oldest that waits", "max(shop_webhook_oldest_waiting_seconds)", "s"),
        Panel("Processes up", "sum by (process) (up{job=\"shop\"})", "short", "{{process}}"),
    ],
}  # fmt: skip


def _query(panel: Panel) -> prometheus.Dataquery:
    query = prometheus.Dataquery().expr(panel.expr).ref_id("A").datasource(_SOURCE)
    if panel.legend:
        query = query.legend_format(panel.legend)
    return query.instant() if panel.kind == "number" else query.range()


def _drawn(panel: Panel) -> timeseries.Panel | stat.Panel:
    if panel.kind == "number":
        return (
            stat.Panel()
            .title(panel.title)
            .description(panel.text)
            .datasource(_SOURCE)
            .unit(panel.unit)
            .height(4)
            .span(panel.span)
            .no_value("–")
            .with_target(_query(panel))
        )
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    return (
        timeseries.Panel()
        .title(panel.title)
        .description(panel.text)
        .datasource(_SOURCE)
        .unit(panel.unit)
        .min(0)
        .height(_HEIGHT)
        .span(panel.span)
        .legend(legend.show_legend(True))
        .with_target(_query(panel))
    )


def made() -> str:
    """The dashboard as JSON."""
    board = (
        dashboard.Dashboard("Shop")
        .uid("shop")
        .description("The shop in numbers, and how its processes fare.")
        .tags(["shop"])
        .time("now-6h", "now")
        .refresh("5s")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .readonly()
    )
    ids = itertools.count(1)
    for title, panels in ROWS.items():
        board = board.with_row(dashboard.Row(title).id(next(ids)))
        for panel in panels:
            board = board.with_panel(_drawn(panel).id(next(ids)))
    return json.dumps(board.build(), cls=JSONEncoder, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes the file."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(made())
    print(f"{FILE} is written")


if __name__ == "__main__":
    main()
