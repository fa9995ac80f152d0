"""This is where it is computed and shown what is bought together, and what is past its best."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from shop.catalog.v1 import affinity_pb2 as pb
from shop.catalog.v1 import affinity_pb2_grpc, jobs_pb2, jobs_pb2_grpc, lifecycle_pb2, lifecycle_pb2_grpc, products_pb2
from shop.orders.v1.events_pb2 import OrderedLine, OrderPaid

from services.kit.clock import rfc3339
from services.kit.errors import NotFound
from services.kit.ids import new_id
from services.kit.rpc import call
from tests.catalog.bundles.sets import bundle, sell
from tests.catalog.counter import Counter, cny


async def ids(counter: Counter, *skus: str) -> list[str]:
    found = [await call(counter.products.GetProduct, products_pb2.GetProductRequest(id=sku)) for sku in skus]
    return [each.product.id for each in found]


async def paid(counter: Counter, baskets: Sequence[Sequence[str]], days_ago: int = 1, units: int = 1) -> None:
    """Orders of these SKUs, so many days ago."""
    skus = sorted({sku for basket in baskets for sku in basket})
    products = dict(zip(skus, await ids(counter, *skus), strict=True))
    at = rfc3339(counter.house.clock.now() - timedelta(days=days_ago))
    for basket in baskets:
        lines = [
            OrderedLine(sku=sku, product_id=products[sku], quantity=units, unit_price=cny(900), paid=cny(900))
            for sku in basket
        ]
        await counter.house.tell(OrderPaid(order_id=new_id("ord"), lines=lines, goods=cny(1), paid_at=at))
    await counter.house.settled()


async def done(counter: Counter, job: jobs_pb2.Job) -> dict[str, int]:
    stub = jobs_pb2_grpc.JobsServiceStub(counter.started.channel)

    async def look() -> jobs_pb2.Job:
        return (await call(stub.GetJob, jobs_pb2.GetJobRequest(id=job.id))).job

    ended = await counter.until(look, lambda it: it.state == jobs_pb2.JOB_STATE_DONE)
    return {each.name: each.count for each in ended.counts}


async def computed(counter: Counter) -> dict[str, int]:
    answered: Any = await call(affinity(counter).ComputeAffinity, pb.ComputeAffinityRequest(by="staff"))
    return await done(counter, answered.job)


def affinity(counter: Counter) -> Any:
    return affinity_pb2_grpc.AffinityServiceStub(counter.started.channel)


async def related(counter: Counter, sku: str) -> list[pb.RelatedProduct]:
    answered: Any = await call(affinity(counter).ListRelated, pb.ListRelatedRequest(product_id=sku))
    return list(answered.related)


async def test_what_is_bought_with_it_is_shown_while_it_can_be_had(counter: Counter) -> None:
    await sell(counter, "TEA", "POT", "CUP", "RARE")
    await sell(counter, "GONE", stock=0)
    baskets = (
        [["TEA", "POT"]] * 12 + [["TEA", "CUP"]] * 4 + [["TEA"]] * 14 + [["TEA", "GONE"]] * 5 + [["RARE", "CUP"]] * 2
    )
    await paid(counter, baskets)
    await paid(counter, [["CUP", "POT"]] * 9, days_ago=200)  # too long ago
    assert await computed(counter) == {"baskets": 37, "pairs": 3, "rules": 1}
    pot, cup = await related(counter, "TEA")
    assert (pot.sku, pot.together, pot.confidence_bp) == ("POT", 12, 10_000 * 12 // 35)
    assert pot.en == "34 % who bought this also bought Thing POT"
    assert pot.zh == "购买此商品的顾客中有 34% 还购买了 Thing POT"
    assert (cup.sku, cup.en) == ("CUP", "")  # four baskets are too few to say so
    (back,) = await related(counter, "POT")
    assert (back.sku, back.confidence_bp, back.en) == ("TEA", 10_000, "")
    with pytest.raises(NotFound):
        await related(counter, "NOWHERE")
    await counter.receive("GONE", 3)
    await counter.house.settled()
    assert [each.sku for each in await related(counter, "TEA")] == ["POT", "GONE", "CUP"]


async def test_pairs_are_paged_by_likeness_and_forgotten_with_their_baskets(counter: Counter) -> None:
    await sell(counter, "A", "B")
    await sell(counter, "C", category="Garden")
    await paid(counter, [["A", "B"]] * 8 + [["A", "C"]] * 4 + [["B", "C"]] * 3, days_ago=100)
    await computed(counter)
    a, b, c = await ids(counter, "A", "B", "C")

    async def pairs(**more: Any) -> pb.ListPairsResponse:
        answered: pb.ListPairsResponse = await call(affinity(counter).ListPairs, pb.ListPairsRequest(**more))
        return answered

    seen, cursor = list[pb.AffinityPair](), ""
    while True:
        page = await pairs(page={"limit": 1, "cursor": cursor})
        seen += page.pairs
        if not (cursor := page.next_cursor):
            break
    assert [{each.first, each.second} for each in seen] == [{a, b}, {a, c}, {b, c}]
    best = seen[0]
    assert (best.together, best.first_baskets + best.second_baskets) == (8, 23)
    assert best.support_ppm == 1_000_000 * 8 // 15
    assert {best.confidence_bp, best.backwards_bp} == {10_000 * 8 // 12, 10_000 * 8 // 11}
    assert best.lift_milli == 1_000 * 8 * 15 // (12 * 11)
    assert [{each.first, each.second} for each in (await pairs(product_id=b)).pairs] == [{a, b}, {b, c}]
    assert [{each.first, each.second} for each in (await pairs(category="garden")).pairs] == [{a, c}, {b, c}]
    counter.house.clock.advance(days=100)
    await computed(counter)
    assert not (await pairs()).pairs


async def test_sets_are_proposed_at_a_price_that_keeps_the_floor_until_they_are_bundles(counter: Counter) -> None:
    await sell(counter, "A", "B")
    await counter.sell("DEAR", "DEARER", cost_minor=620)  # 900 keeps the floor by little
    await sell(counter, "GONE")
    await paid(counter, [["A", "B"]] * 30 + [["DEAR", "DEARER"]] * 20 + [["A", "GONE"]] * 12 + [["B"]] * 10)
    await computed(counter)
    await call(
        counter.products.MoveListing,
        products_pb2.MoveListingRequest(
            id=(await ids(counter, "GONE"))[0], move=products_pb2.LISTING_MOVE_DELIST, by="staff"
        ),
    )

    async def proposals() -> list[pb.BundleProposal]:
        answered: Any = await call(affinity(counter).ListBundleProposals, pb.ListBundleProposalsRequest())
        return list(answered.proposals)

    dear, cheap = sorted(await proposals(), key=lambda each: -each.cost.minor)
    assert (dear.apart.minor, dear.cost.minor) == (1800, 1240)
    assert dear.price.minor == 1772  # the lowest that keeps 30 %, not the tenth off
    assert 1_000 * (dear.price.minor - dear.cost.minor) >= 300 * dear.price.minor
    assert {part.sku for part in cheap.parts} == {"A", "B"}
    assert (cheap.price.minor, cheap.together, cheap.confidence_bp) == (1620, 30, 7_500)
    assert cheap.en == "75 % who bought Thing B also bought Thing A, in 30 baskets"
    await bundle(counter, "AB", {"A": 1, "B": 1})
    assert [each.cost.minor for each in await proposals()] == [1240]


async def test_products_past_their_best_are_named_with_what_might_be_done(counter: Counter) -> None:
    await sell(counter, "OLD", "FINE", category="Kitchen")
    await sell(counter, "PARTNER", category="Dining")
    await sell(counter, "DULL", category="Garden")
    await sell(counter, "NEWER", category="Kitchen", price_minor=1000)
    for days_ago, baskets in (
        (60, [["OLD"]] * 20 + [["DULL"]] * 20 + [["FINE"]] * 12 + [["PARTNER", "DULL"]] * 12),
        (3, [["FINE"]] * 6 + [["NEWER"]] * 9 + [["PARTNER"]] * 12),
    ):
        await paid(counter, baskets, days_ago)
    await computed(counter)
    stub: Any = lifecycle_pb2_grpc.LifecycleServiceStub(counter.started.channel)

    async def proposals(**more: Any) -> dict[str, lifecycle_pb2.LifecycleProposal]:
        request = lifecycle_pb2.ListLifecycleProposalsRequest(**more)
        answered: Any = await call(stub.ListLifecycleProposals, request)
        return {each.title.removeprefix("Thing "): each for each in answered.proposals}

    await counter.until(lambda: counter.database["days"].count_documents({}), lambda count: count == 7)
    started: Any = await call(stub.ReviewLifecycle, lifecycle_pb2.ReviewLifecycleRequest(by="staff"))
    assert await done(counter, started.job) == {"replace": 1, "bundle": 1}
    found = await proposals()
    newer, partner = await ids(counter, "NEWER", "PARTNER")
    old, dull = found["OLD"], found["DULL"]
    assert (old.action, old.other_product_id) == (lifecycle_pb2.LIFECYCLE_ACTION_REPLACE, newer)
    assert (old.units, old.units_before, old.trend_bp) == (0, 20, -10_000)
    assert old.reasons_en == ["sells 100 % more slowly: 0 in 28 days, after 20 in the 84 before"]
    assert (dull.action, dull.other_product_id) == (lifecycle_pb2.LIFECYCLE_ACTION_BUNDLE, partner)
    assert list(await proposals(action=lifecycle_pb2.LIFECYCLE_ACTION_BUNDLE)) == ["DULL"]
    assert (await call(counter.products.GetProduct, products_pb2.GetProductRequest(id="OLD"))).product.state == (
        products_pb2.LISTING_STATE_LIVE
    )  # nothing happens by itself
