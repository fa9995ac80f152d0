"""This is where it is said how goods are replenished: by class, and for a SKU apart."""

import pytest
from shop.catalog.v1 import replenishment_pb2, replenishment_pb2_grpc

from services.catalog.skus import SkuNotFound
from services.catalog.supply.policies import (
    InvalidReplenishmentPolicy,
    Mode,
    ReplenishmentPolicy,
    ReplenishmentPolicyNotFound,
)
from services.kit.errors import Invalid, VersionMismatch
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once
from tests.catalog.supply.replicas import Replica


async def test_classes_have_one_from_the_start_and_a_sku_may_have_its_own(counter: Counter, replica: Replica) -> None:
    await counter.sell("A", "B")
    policies = replica.wing.policies
    assert [(each.id, each.review_days) for each in await policies.of_classes()] == [
        ("class:A", 1),
        ("class:B", 7),
        ("class:C", 28),
    ]
    await policies.put(ReplenishmentPolicy("class:A", Mode.SUGGEST, 9_900, 2))
    await policies.put(ReplenishmentPolicy("sku:A", Mode.OFF, 9_000, 14))
    chosen = await policies.of(["A", "B"])
    assert (chosen.of("A", "A").review_days, chosen.of("B", "A").review_days) == (14, 2)
    assert [each.id for each in (await policies.page(10, ""))[0]] == ["class:A", "class:B", "class:C", "sku:A"]
    await policies.drop("A")
    assert (await policies.of(["A"])).of("A", "B").review_days == 7
    with pytest.raises(ReplenishmentPolicyNotFound):
        await policies.drop("A")


async def test_what_cannot_be_is_refused(replica: Replica) -> None:
    with pytest.raises(InvalidReplenishmentPolicy) as refused:
        await replica.wing.policies.put(ReplenishmentPolicy("class:A", Mode.OFF, 10_000, 0, min_units=5, max_units=4))
    assert [error.pointer for error in refused.value.errors] == ["/service_bp", "/review_days", "/max_units"]
    with pytest.raises(InvalidReplenishmentPolicy):
        await replica.wing.policies.put(ReplenishmentPolicy("class:D", Mode.OFF, 9_700, 1))
    with pytest.raises(SkuNotFound):
        await replica.wing.policies.put(ReplenishmentPolicy("sku:NONE", Mode.OFF, 9_700, 1))


async def test_of_two_editors_who_saw_the_same_one_is_refused(replica: Replica) -> None:
    first = await replica.wing.policies.put(ReplenishmentPolicy("class:A", Mode.SUGGEST, 9_700, 1))
    tries = [
        replica.wing.policies.put(ReplenishmentPolicy("class:A", Mode.DRAFT, 9_700, n), first.version) for n in (2, 3)
    ]
    answers = await all_at_once(*tries)
    assert sorted(isinstance(each, VersionMismatch) for each in answers) == [False, True]


async def test_they_are_asked_for_over_grpc(counter: Counter) -> None:
    await counter.sell("A")
    stub = replenishment_pb2_grpc.ReplenishmentServiceStub(counter.started.channel)
    policy = replenishment_pb2.ReplenishmentPolicy(
        scope="A", mode=replenishment_pb2.REPLENISHMENT_MODE_OFF, service_bp=9_500, review_days=3, lead_days=5
    )
    asked = replenishment_pb2.PutReplenishmentPolicyRequest(policy=policy)
    kept = (await call(stub.PutReplenishmentPolicy, asked)).policy
    assert (kept.scope, kept.mode, kept.review_days, kept.version) == ("A", policy.mode, 3, 1)
    assert not kept.HasField("max_units")
    policy.mode = replenishment_pb2.REPLENISHMENT_MODE_UNSPECIFIED
    with pytest.raises(Invalid):
        await call(stub.PutReplenishmentPolicy, replenishment_pb2.PutReplenishmentPolicyRequest(policy=policy))
    listed = await call(stub.ListReplenishmentPolicies, replenishment_pb2.ListReplenishmentPoliciesRequest())
    assert [each.scope for each in listed.policies] == ["class:A", "class:B", "class:C", "A"]
    await call(stub.DropReplenishmentPolicy, replenishment_pb2.DropReplenishmentPolicyRequest(sku="A"))
