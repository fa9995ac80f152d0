"""This is where the pricing wing is put together: what it answers, hears and does by itself."""

from shop.catalog.v1 import price_rules_pb2_grpc
from shop.catalog.v1.events_pb2 import PriceChanged, ProductChanged

from services.catalog.core import Core
from services.catalog.price_history import PriceHistory
from services.catalog.store import keep
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings

from . import store
from .api import PriceRulesApi
from .heard import Heard
from .rules import PriceRule, Ruled
from .ruling import Ruling
from .scheduling import Scheduling
from .selections import Selecting
from .tags import PriceTags

_RULE_S = 0.4


def build(ground: Ground[Settings], core: Core) -> Service:
    """Prices, thought about."""
    return _rules(ground, core, Selecting(core.products, core.skus, core.categories))


def _rules(ground: Ground[Settings], core: Core, selecting: Selecting) -> Service:
    clock = core.clock
    rules = keep(ground, "price_rules", PriceRule, store.RULES, tells=False)
    rows = keep(ground, "price_rule_skus", Ruled, store.ROWS, tells=False)
    scheduling = Scheduling(rules, rows, core.skus, selecting, clock)
    ruling = Ruling(rules, rows, core.skus, core.price_entries, core.pricing, selecting, core.notices, clock)
    history = PriceHistory(core.products, core.skus, core.price_entries, clock)
    heard = Heard(scheduling)
    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.PriceRulesService",
                price_rules_pb2_grpc.add_PriceRulesServiceServicer_to_server,
                PriceRulesApi(scheduling, PriceTags(rules, rows, core.skus, history, ruling, clock), clock),
            )
        ],
        hears=Hears(own={PriceChanged: heard.on_price_changed, ProductChanged: heard.on_product_changed}),
        chores=[
            Chore(_RULE_S, scheduling.spread),
            Chore(_RULE_S, ruling.set_due),
            Chore(_RULE_S, ruling.count_units),
        ],
    )
