"""This is where the pricing wing is put together: what it answers, hears and does by itself."""

from shop.catalog.v1 import competitors_pb2_grpc, price_proposals_pb2_grpc, price_rules_pb2_grpc, trends_pb2_grpc
from shop.catalog.v1.events_pb2 import PriceChanged, ProductChanged

from services.catalog.core import Core
from services.catalog.price_history import PriceHistory
from services.catalog.store import keep
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings

from . import store
from .api import CompetitorsApi, PriceProposalsApi, PriceRulesApi, TrendsApi
from .competition import Campaign, Competition, MarketShare
from .competitors import CompetitorItem, CompetitorPrice, Competitors
from .elasticities import Elasticities, Elasticity, ElasticityRun
from .formulas import Formula
from .heard import Heard
from .matching import Matching
from .proposals import Proposal, Proposals
from .rows import Ruled
from .rules import PriceRule
from .ruling import Ruling
from .scheduling import Scheduling
from .selections import Selecting
from .tags import PriceTags
from .trends import Assortment

_RULE_S = 0.4
_WEEK_S = 300.0  # how often it is looked whether a new week has begun


def build(ground: Ground[Settings], core: Core) -> Service:
    """Prices, thought about."""
    selecting = Selecting(core.products, core.skus, core.categories)
    rules, market = _rules(ground, core, selecting), _market(ground, core, selecting)
    return Service(answers=[*rules.answers, *market.answers], hears=rules.hears, chores=[*rules.chores, *market.chores])


def _market(ground: Ground[Settings], core: Core, selecting: Selecting) -> Service:
    clock, products, skus = core.clock, core.products, core.skus
    items = keep(ground, "competitor_items", CompetitorItem, store.COMPETITOR_ITEMS, tells=False)
    seen = keep(ground, "competitor_prices", CompetitorPrice, store.COMPETITOR_PRICES, tells=False)
    campaigns = keep(ground, "competitor_campaigns", Campaign, store.CAMPAIGNS, tells=False)
    shares = keep(ground, "market_shares", MarketShare, store.SHARES, tells=False)
    formulas = keep(ground, "price_formulas", Formula, store.FORMULAS, tells=False)
    proposed = keep(ground, "price_proposals", Proposal, store.PROPOSALS, tells=False)
    known = keep(ground, "elasticities", Elasticity, store.ELASTICITIES, tells=False)
    runs = keep(ground, "elasticity_runs", ElasticityRun, tells=False)
    history = PriceHistory(products, skus, core.price_entries, clock)
    competitors = Competitors(items, seen, skus, clock)
    proposals = Proposals(formulas, proposed, skus, history, competitors, core.pricing, selecting, core.jobs, clock)
    elasticities = Elasticities(known, runs, skus, core.days, core.price_entries, history, proposals, core.jobs, clock)
    competition = Competition(items, seen, campaigns, shares, products, skus, clock)
    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.PriceProposalsService",
                price_proposals_pb2_grpc.add_PriceProposalsServiceServicer_to_server,
                PriceProposalsApi(proposals, elasticities),
            ),
            Answers(
                "shop.catalog.v1.CompetitorsService",
                competitors_pb2_grpc.add_CompetitorsServiceServicer_to_server,
                CompetitorsApi(competitors, Matching(items, products, skus), competition),
            ),
            Answers(
                "shop.catalog.v1.TrendsService",
                trends_pb2_grpc.add_TrendsServiceServicer_to_server,
                TrendsApi(Assortment(core.days, skus, clock)),
            ),
        ],
        chores=[Chore(_WEEK_S, elasticities.weekly)],
    )


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
