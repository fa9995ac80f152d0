"""This is where the compliance gate is put together: THE MAP of this wing."""

from shop.catalog.v1 import compliance_pb2_grpc, policies_pb2_grpc, spec_tables_pb2_grpc

from services.catalog.core import Core
from services.catalog.store import keep
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings

from . import store
from .api import ComplianceApi, PoliciesApi, SpecTablesApi
from .completeness import Completeness
from .lists import Lists, WordList
from .prereview import Prereview
from .rescans import Rescans
from .shops import ShopPromises
from .spec_tables import Schema, Schemas
from .wording import Wording
from .words import Word

_ASK_S = 1.0


def build(ground: Ground[Settings], core: Core) -> Service:
    """The wing, on its ground."""
    lists = Lists(
        keep(ground, "word_lists", WordList, tells=False),
        keep(ground, "words", Word, store.WORDS, tells=False),
        core.categories,
        core.clock,
    )
    schemas = Schemas(keep(ground, "category_schemas", Schema, tells=False), core.categories, core.clock)
    rescans = Rescans(lists, core)
    core.gates.of_listings += [
        Wording(lists, core.categories),
        Completeness(schemas, core.policies, development=core.development),
    ]
    prereview = Prereview(lists, core.categories, core.writing, core.gates)
    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.ComplianceService",
                compliance_pb2_grpc.add_ComplianceServiceServicer_to_server,
                ComplianceApi(lists, prereview, rescans, core.jobs),
            ),
            Answers(
                "shop.catalog.v1.SpecTablesService",
                spec_tables_pb2_grpc.add_SpecTablesServiceServicer_to_server,
                SpecTablesApi(schemas),
            ),
            Answers(
                "shop.catalog.v1.PoliciesService",
                policies_pb2_grpc.add_PoliciesServiceServicer_to_server,
                PoliciesApi(ShopPromises(core.policies, rescans)),
            ),
        ],
        chores=[Chore(_ASK_S, rescans.begin_when_asked)],
        before=[lists.begin],
    )
