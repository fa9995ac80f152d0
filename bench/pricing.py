"""This is where it is weighed what it takes to price a large cart among many promotions, without wires."""

import random
import time
from datetime import UTC, datetime
from typing import Any

from bench.report import Report
from services.marketing import promotions as kinds
from services.marketing.evaluation import evaluate
from services.marketing.promotions import GiftItem, Promotion, SetPrice, Step
from services.marketing.rules import Rules
from services.marketing.selection import Goods
from services.marketing.shoppers import Shopper

_LINES, _PROMOTIONS, _CATEGORIES, _ROUNDS = 50, 1_000, 40, 200
_NOW = datetime(2026, 11, 11, tzinfo=UTC)


def _promotion(number: int, chance: random.Random) -> Promotion:
    """Of every kind, about some SKUs, a category, or (one in twenty) everything."""
    kind = chance.choice(kinds.KINDS)
    skus = [f"S{chance.randrange(2_000)}" for _ in range(20)]
    categories = [f"c{chance.randrange(_CATEGORIES)}"]
    about: dict[str, Any] = chance.choice([{"skus": skus}] * 10 + [{"categories": categories}] * 9 + [{}])
    steps = [Step(off_minor=500, threshold_minor=10_000), Step(off_minor=2_000, threshold_minor=30_000)]
    says: dict[str, dict[str, Any]] = {
        kinds.LIMITED_TIME: {"percent_bp": chance.randrange(100, 5_000)},
        kinds.SPEND_THRESHOLD: {"steps": steps},
        kinds.GIFT: {"threshold_minor": 20_000, "gifts": [GiftItem("GIFT")]},
        kinds.ADD_ON: {"threshold_minor": 5_000, "prices": [SetPrice(skus[0], 100)], "limit_per_order": 1},
        kinds.BUNDLE: {"bundle_quantity": 3, "bundle_minor": 9_900, "skus": skus, "categories": []},
        kinds.PRICE_LIST: {"prices": [SetPrice(sku, 1_500) for sku in skus], "skus": skus, "categories": []},
        kinds.FREE_SHIPPING: {"threshold_minor": 9_900},
    }
    usual: dict[str, Any] = {
        "group": chance.choice(["", "", "members"]),
        "priority": chance.randrange(3),
        "currency": "CNY",
    }
    return Promotion(f"prm_{number:04}", kind, "", _NOW, **(usual | about | says[kind]))


def measure(report: Report) -> None:
    """CPU milliseconds a cart of fifty lines among a thousand live promotions of every kind."""
    chance = random.Random(11)
    rules = Rules([_promotion(number, chance) for number in range(_PROMOTIONS)])
    skus = chance.sample(range(2_000), _LINES)
    goods = [Goods(f"S{sku}", f"c{sku % _CATEGORIES}", 2_000 * n, n) for n, sku in enumerate(skus, 1)]
    shopper, applied = Shopper("cus_1"), 0
    started = time.process_time()
    for _ in range(_ROUNDS):
        applied = len(evaluate("CNY", goods, rules, [], shopper, _NOW).applied)
    spent = (time.process_time() - started) * 1000 / _ROUNDS
    report.row("pricing a cart", f"{_LINES} lines, {_PROMOTIONS:,} live promotions of every kind; {applied} apply")
    report.figure("CPU a cart", spent, "ms", at_most=5)
