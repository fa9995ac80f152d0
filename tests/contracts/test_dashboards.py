"""This is where dashboards, rules and runbooks are held to the metrics that are declared, and to each other."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana import dashboard
from gateway.measures import HttpMetrics
from services.kit.telemetry import Metrics
from services.logistics.partners.measures import WebhookMetrics
from services.metrics.exports import COUNTERS, GAUGES

ROOT = Path(__file__).parents[2]
RULE_FILES = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
RUNBOOKS = ROOT / "docs/runbooks"

_STRING = re.compile(r'"[^"]*"')
_SELECTOR = re.compile(r"\{([^}]*)\}")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_DURATION = re.compile(r"\[[0-9a-z:]+\]|\boffset\s+\w+")
_NAME = re.compile(r"\b[a-zA-Z_][a-zA-Z0-9_:]*\b(?!\s*\()")
_WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "sum", "max", "bool"}
_FUNCTIONS = {"sum", "max", "min", "rate", "increase", "histogram_quantile", "vector"}


def declared() -> dict[str, set[str]]:
    """Every metric a process of the shop may show, with its labels; histograms by the series they make."""
    # What logistics itself shows; tests/logistics/scorecards holds it to that.
    found: dict[str, set[str]] = {"up": {"job"}, "shop_carrier_on_time_ratio": {"carrier"}}
    found["shop_carrier_on_time_target"] = set()
    found["shop_delivery_slots_total"] = {"outcome"}  # held by tests/logistics/slots
    for one in (*COUNTERS, *GAUGES):
        found[one.name] = set(one.labels)
    logistics = Metrics("logistics")
    WebhookMetrics(logistics)
    for registry in (Metrics("any").registry, HttpMetrics().registry, logistics.registry):
        for collector in list(registry._collector_to_names):
            labels = set(getattr(collector, "_labelnames", ()))
            for name in registry._collector_to_names[collector]:
                found[name] = labels | ({"le"} if name.endswith("_bucket") else set())
    return found


def rules() -> list[dict[str, Any]]:
    """Every rule of every file."""
    groups = [group for path in RULE_FILES for group in yaml.safe_load(path.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


RECORDED = {rule["record"] for rule in rules() if "record" in rule}
ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
QUERIES = {panel.title: panel.expr for panels in dashboard.ROWS.values() for panel in panels}
EXPRESSIONS = {rule.get("record") or rule["alert"]: rule["expr"] for rule in rules()} | QUERIES


def named(expr: str) -> set[str]:
    """The metrics an expression names."""
    bare = _STRING.sub("", expr)
    for pattern in (_SELECTOR, _GROUPING, _DURATION):
        bare = pattern.sub(" ", bare)
    return set(_NAME.findall(bare)) - _WORDS


def labels_of(expr: str) -> set[str]:
    """The labels an expression selects or groups by."""
    bare = _STRING.sub("", expr)
    selected = {part.split("=")[0].strip("!~ ") for found in _SELECTOR.findall(bare) for part in found.split(",")}
    grouped = {part.strip() for found in _GROUPING.findall(bare) for part in found.split(",")}
    return (selected | grouped) - {""}


def test_the_file_is_what_the_code_makes() -> None:
    """`python -m deploy.grafana.dashboard` writes it."""
    assert dashboard.FILE.read_text() == dashboard.made()


def test_every_panel_has_a_place_of_its_own() -> None:
    panels = json.loads(dashboard.made())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [
        {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        for at in (panel["gridPos"] for panel in panels)
    ]
    assert sum(map(len, places)) == len(set().union(*places))
    assert all(x < 24 for place in places for x, _ in place)


@pytest.mark.parametrize("where", EXPRESSIONS)
def test_expressions_name_only_what_is_declared(where: str) -> None:
    expr, metrics = EXPRESSIONS[where], declared()
    names = named(expr)
    assert names
    assert names <= set(metrics) | RECORDED
    functions = set(re.findall(r"\b([a-z_]+)\s*\(", _GROUPING.sub(" ", expr))) - _WORDS
    assert functions <= _FUNCTIONS
    assert expr.count("(") == expr.count(")")
    # `process` is the scrape's, `instance` and `pod` the cluster's.
    known = {"process", "instance", "pod"}.union(*(metrics.get(name, set()) for name in names))
    if not names & RECORDED:
        assert labels_of(expr) <= known


def test_money_and_ratios_are_counted_in_parts() -> None:
    for counter in COUNTERS:
        assert counter.name.endswith("_total")
        assert "ratio" not in counter.name
        assert ("currency" in counter.labels) == counter.name.endswith("_minor_total") or not counter.field
        assert not {"customer", "order", "sku", "product", "visitor"} & set(counter.labels)
    names = [one.name for one in (*COUNTERS, *GAUGES)]
    assert len(names) == len(set(names))


def test_recorded_names_are_recorded_once_and_read() -> None:
    recorded = [rule["record"] for rule in rules() if "record" in rule]
    assert len(recorded) == len(set(recorded))
    read = set().union(*(named(expr) for expr in EXPRESSIONS.values()))
    assert RECORDED - read == set()


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_what_to_do(alert: str) -> None:
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["for"]
    annotations = rule["annotations"]
    assert annotations["summary"]
    assert annotations["description"]
    runbook = ROOT / annotations["runbook_url"]
    assert runbook.parent == RUNBOOKS
    assert runbook.exists()


def test_no_runbook_is_left_over_and_their_links_lead_somewhere() -> None:
    used = {Path(rule["annotations"]["runbook_url"]).name for rule in ALERTS.values()}
    assert {path.name for path in RUNBOOKS.glob("*.md")} - {"README.md"} == used
    for path in RUNBOOKS.glob("*.md"):
        for target in re.findall(r"\]\(([^)]+)\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} → {target}"
        for panel in re.findall(r"[Pp]anel \*([^*]+)\*", path.read_text()):
            assert panel in QUERIES, f"{path.name} speaks of a panel {panel!r}"


def test_every_kpi_of_the_dashboard_has_its_row() -> None:
    """K rows named in panels are rows of KPIs the service computes."""
    from services.metrics.kpis import KPIS

    texts = " ".join(panel.text for panels in dashboard.ROWS.values() for panel in panels)
    assert set(re.findall(r"K\d\d", texts)) <= {kpi.capability for kpi in KPIS.values()}
