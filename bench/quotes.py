"""This is where it is weighed what it takes to quote freight, to compare carriers and to route an order, without wires."""

import random
import time
from collections.abc import Callable

from bench.report import Report
from services.kit.money import Money
from services.logistics.allocation import choose
from services.logistics.rates import shop
from services.logistics.regions import PROVINCES, Region
from services.logistics.shipments import Line
from services.logistics.tariffs import Consignment, FreeRule, Tariff, Template, Zone
from services.logistics.warehouses import Warehouse

_TEMPLATES, _ZONES, _WAREHOUSES, _SKUS, _ROUNDS = 20, 15, 12, 8, 300


def _template(number: int, chance: random.Random) -> Template:
    """Fifteen zones of two provinces and the rest of the world, five rules, and by volume weight."""
    zones = [
        Zone(["CN"], chance.sample(PROVINCES, 2), 1000, chance.randrange(600, 2000), 1000, 200, 0, 1, 4)
        for _ in range(_ZONES)
    ]
    zones.append(Zone([], [], 500, 6000, 500, 3000, 0, 7, 15))
    rules = [FreeRule(f"r{n}", 50_000 + n, except_provinces=["新疆", "西藏"]) for n in range(5)]
    return Template(f"t{number}", "", "weight", "CNY", zones, f"c{number % 4}", 6000, rules)


def _spent(act: Callable[[], object]) -> float:
    started = time.process_time()
    for _ in range(_ROUNDS):
        act()
    return (time.process_time() - started) * 1000 / _ROUNDS


def measure(report: Report) -> None:
    """CPU milliseconds a quote among twenty templates, and a choice among twelve warehouses."""
    chance = random.Random(5)
    tariffs = [Tariff(_template(number, chance)) for number in range(_TEMPLATES)]
    to = Region("CN", "貴州省", "貴陽市")
    sent = Consignment(to, 1500, 3, Money("CNY", 20_000), 24_000_000, ("kitchen",))
    report.row("quoting freight", f"{_TEMPLATES} templates of {_ZONES + 1} zones and 5 rules")
    report.figure("CPU a quote", _spent(lambda: [tariff.quote(sent) for tariff in tariffs]), "ms", at_most=2)
    report.figure("CPU to compare carriers", _spent(lambda: shop(tariffs, sent)), "ms", at_most=2)
    houses = {f"w{n:02}": Warehouse(f"w{n:02}", "", Region("CN", PROVINCES[n])) for n in range(_WAREHOUSES)}
    skus = [f"S{n}" for n in range(_SKUS)]
    stock = {code: {sku: chance.choice([0, 0, 1, 4]) for sku in skus} for code in houses}
    lines = [Line(sku, "", 2, 300) for sku in skus]
    report.row("routing an order", f"{_SKUS} lines, {_WAREHOUSES} warehouses, none of which has all")
    report.figure("CPU an order", _spent(lambda: choose(lines, to, houses, stock)), "ms", at_most=20)
