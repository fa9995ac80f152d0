"""This is where the wing of bundles is put together."""

from collections.abc import Sequence
from typing import Any

from shop.catalog.v1 import affinity_pb2_grpc, bundles_pb2_grpc, lifecycle_pb2_grpc
from shop.catalog.v1.events_pb2 import ProductChanged

from services.catalog.availability import Availability
from services.catalog.core import Core
from services.catalog.reviews.ratings import Rating
from services.catalog.settings import CatalogSettings
from services.catalog.store import keep
from services.kit.computing import apart
from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service

from . import store
from .affinity import Affinity, AffinityPair, AffinityRule
from .api import AffinityApi, BundlesApi, LifecycleApi
from .bundles import Bundles
from .lifecycle import Lifecycle, LifecycleProposal, Tables
from .proposals import BundleProposals

_NIGHT_S = 60.0


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    settings: CatalogSettings = ground.settings
    clock, jobs, days = core.clock, core.jobs, settings.affinity_days
    availability = Availability(core.skus, clock)
    bundles = Bundles(core.skus, core.products, core.writing, core.gates, core.costs, availability, clock)
    pairs = keep(ground, "affinity_pairs", AffinityPair, store.PAIRS, tells=False)
    rules = keep(ground, "affinity_rules", AffinityRule, store.RULES, tells=False)
    affinity = Affinity(pairs, rules, core.baskets, core.products, core.writing, jobs, days, clock, apart)
    proposals = BundleProposals(rules, core.products, core.skus, core.gates)
    # What reviews come to is read here; its indexes are theirs.
    ratings = keep(ground, "ratings", Rating, tells=False)
    kept = keep(ground, "lifecycle_proposals", LifecycleProposal, store.LIFECYCLE, tells=False)
    read = Tables(core.products, core.skus, core.days, core.movements, ratings)
    lifecycle = Lifecycle(kept, read, affinity, jobs, clock)

    async def on_product_changed(events: Sequence[tuple[ProductChanged, Told]]) -> None:
        """A part may cost something else now."""
        await bundles.follow_costs(sorted({sku for event, _ in events for sku in event.skus}))

    return Service(
        answers=[
            _door("Bundles", bundles_pb2_grpc, BundlesApi(bundles)),
            _door("Affinity", affinity_pb2_grpc, AffinityApi(affinity, proposals)),
            _door("Lifecycle", lifecycle_pb2_grpc, LifecycleApi(lifecycle)),
        ],
        hears=Hears(own={ProductChanged: on_product_changed}),
        chores=[Chore(_NIGHT_S, affinity.nightly), Chore(_NIGHT_S, lifecycle.nightly)],
    )


def _door(name: str, stubs: Any, servicer: object) -> Answers:
    return Answers(f"shop.catalog.v1.{name}Service", getattr(stubs, f"add_{name}ServiceServicer_to_server"), servicer)
