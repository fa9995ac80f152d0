"""This is where searching is put together: the index and its keeper, and what is learnt from what was asked."""

from pymongo import IndexModel
from shop.catalog.v1 import discovery_pb2_grpc

from services.catalog.categories import Categories
from services.catalog.content import Product
from services.catalog.core import Core
from services.catalog.skus import Sku
from services.catalog.store import Table, keep
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings

from .api import DiscoveryApi
from .finding import Finding
from .keeping import Keeper
from .keywords import Keywords
from .queries import Queries, QueryDay
from .searching import Searching
from .store import Feed
from .synonyms import Synonyms, SynonymSet
from .titles import Titles, TitleSuggestion

QUERIES = [IndexModel([("day", 1), ("q", 1)])]
SUGGESTIONS = [IndexModel([("state", 1), ("_id", -1)])]
_LOOK_S, _WRITE_S, _WEEKLY_S = 0.02, 5.0, 600.0


def searching(
    ground: Ground[Settings], products: Table[Product], skus: Table[Sku], categories: Categories
) -> Searching:
    """What searches these products; the index hears what this replica writes at once."""
    keeper = Keeper(Feed(products))
    products.noted = keeper.wrote
    ground.closing.append(keeper.close)
    synonyms = Synonyms(keep(ground, "synonyms", SynonymSet, tells=False), ground.clock)
    queries = Queries(keep(ground, "queries", QueryDay, QUERIES, tells=False), ground.clock)
    return Searching(keeper, synonyms, queries, Finding(products, skus, categories, keeper, synonyms, queries))


def build(ground: Ground[Settings], core: Core) -> Service:
    """The map."""
    found = core.searching
    keywords = Keywords(found.queries, found.keeper, core.writing, core.clock)
    suggestions = keep(ground, "title_suggestions", TitleSuggestion, SUGGESTIONS, tells=False)
    titles = Titles(suggestions, core.products, core.days, core.writing, keywords, core.jobs, core.clock)
    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.DiscoveryService",
                discovery_pb2_grpc.add_DiscoveryServiceServicer_to_server,
                DiscoveryApi(found.finding, found.synonyms, keywords, titles),
            )
        ],
        chores=[
            Chore(_LOOK_S, found.keeper.look),
            Chore(_WRITE_S, found.queries.write),
            Chore(_WEEKLY_S, titles.weekly),
        ],
    )
