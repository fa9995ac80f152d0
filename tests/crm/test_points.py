"""This is where points come, go and are raced for, on the real database."""

import random

import pytest
from shop.crm.v1.events_pb2 import PointsMoved
from shop.crm.v1.points_pb2 import GetPointsRequest, SpendPointsRequest
from shop.orders.v1.events_pb2 import CompensationGranted

from services.crm.points import Points
from services.crm.tiers import Tiers
from services.crm.wallet import Earning
from services.kit.clock import rfc3339
from services.kit.errors import Invalid, NotFound, WrongState
from tests.crm.desk import DAY, Desk, delivered, paid, refunded, together


async def rich(desk: Desk, points: int = 100) -> str:
    """A customer with points."""
    customer = await desk.register()
    await desk.deliver(customer.id, "ord_first", points * 100)
    return customer.id


async def check_adds_up(desk: Desk, customer_id: str) -> int:
    """Balance = lots = ledger = what was told; answers the balance."""
    await desk.house.settled()
    wallet = await desk.wallet(customer_id)
    told = {(event.reason, event.reference, event.points) for event in desk.house.told(PointsMoved)}
    assert wallet.balance == sum(lot.points for lot in wallet.lots) == sum(entry.points for entry in wallet.entries)
    assert wallet.balance == sum(points for _, _, points in told) >= 0
    return wallet.balance


async def test_a_delivered_order_is_credited_and_told(desk: Desk) -> None:
    customer_id = await rich(desk, 123)
    wallet = await desk.wallet(customer_id)
    assert (wallet.balance, len(wallet.lots), wallet.entries[0].reason) == (123, 1, "delivered")
    assert (await desk.look(customer_id)).points == 123
    [event] = desk.house.told(PointsMoved)
    assert (event.customer_id, event.points, event.balance, event.reference) == (customer_id, 123, 123, "ord_first")


async def test_points_are_spent_once_and_given_back_once(desk: Desk) -> None:
    customer_id = await rich(desk)
    assert [await desk.spend(customer_id, "ord_2", 60) for _ in range(3)] == [40, 40, 40]
    assert [await desk.give_back(customer_id, "ord_2") for _ in range(3)] == [100, 100, 100]
    assert await check_adds_up(desk, customer_id) == 100
    request = SpendPointsRequest(customer_id=customer_id, order_id="ord_2", points=60)
    assert (await desk.refusal(desk.points.SpendPoints, request)).reason == "POINTS_RETURNED"


async def test_giving_back_what_was_never_spent_changes_nothing(desk: Desk) -> None:
    customer_id = await rich(desk)
    assert await desk.give_back(customer_id, "ord_2") == 100
    assert await check_adds_up(desk, customer_id) == 100


@pytest.mark.parametrize("points", [0, -1, -(2**63), 2**63 - 1])
async def test_only_a_number_of_points_can_be_spent(desk: Desk, points: int) -> None:
    customer_id = await rich(desk)
    request = SpendPointsRequest(customer_id=customer_id, order_id="ord_2", points=points)
    refused = await desk.refusal(desk.points.SpendPoints, request)
    assert isinstance(refused, Invalid)
    assert await check_adds_up(desk, customer_id) == 100


async def test_strangers_have_no_points(desk: Desk) -> None:
    for method, request in [
        (desk.points.GetPoints, GetPointsRequest(customer_id="cus_stranger")),
        (desk.points.SpendPoints, SpendPointsRequest(customer_id="cus_stranger", order_id="ord_1", points=1)),
    ]:
        refused = await desk.refusal(method, request)
        assert isinstance(refused, NotFound)
        assert refused.reason == "CUSTOMER_NOT_FOUND"


async def test_a_customer_without_points_is_short_of_them(desk: Desk) -> None:
    customer = await desk.register()
    assert (await desk.wallet(customer.id)).balance == 0
    request = SpendPointsRequest(customer_id=customer.id, order_id="ord_1", points=1)
    refused = await desk.refusal(desk.points.SpendPoints, request)
    assert isinstance(refused, WrongState)
    assert (refused.reason, refused.meta["balance"]) == ("POINTS_SHORT", "0")


async def two_spend_all(desk: Desk, run: int) -> None:
    customer = await desk.register(f"mei{run}@example.com")
    await desk.deliver(customer.id, f"ord_{run}", 10_000)
    answers = await together(*(desk.spend(customer.id, f"ord_{run}_{n}", 100) for n in range(2)))
    assert sorted(map(repr, answers), key=len)[0] == "0"
    assert [answer.reason for answer in answers if isinstance(answer, WrongState)] == ["POINTS_SHORT"]
    assert (await desk.wallet(customer.id)).balance == 0


async def test_of_two_who_spend_all_the_points_one_wins(desk: Desk) -> None:
    for run in range(5):
        await two_spend_all(desk, run)


@pytest.mark.long
async def test_of_two_who_spend_all_the_points_one_wins_fifty_times(desk: Desk) -> None:
    for run in range(50):
        await two_spend_all(desk, run)


async def test_twenty_at_once_spend_no_more_than_there_is(desk: Desk) -> None:
    customer_id = await rich(desk)
    answers = await together(*(desk.spend(customer_id, f"ord_x{n}", 30) for n in range(20)))
    assert sum(isinstance(answer, int) for answer in answers) == 3
    assert sum(isinstance(answer, WrongState) and answer.reason == "POINTS_SHORT" for answer in answers) == 17
    assert await check_adds_up(desk, customer_id) == 10


async def test_one_order_at_twenty_doors_spends_once(desk: Desk) -> None:
    customer_id = await rich(desk)
    answers = await together(*(desk.spend(customer_id, "ord_x", 30) for _ in range(20)))
    assert answers == [70] * 20
    assert await check_adds_up(desk, customer_id) == 70


async def test_spending_and_giving_back_at_once_leave_all_or_nothing_spent(desk: Desk) -> None:
    customer_id = await rich(desk)
    calls = [desk.spend(customer_id, f"ord_x{n}", 10) for n in range(5)]
    calls += [desk.give_back(customer_id, f"ord_x{n}") for n in range(5)]
    random.shuffle(calls)
    await together(*calls)
    assert await check_adds_up(desk, customer_id) == 100


async def test_a_refund_takes_points_and_spending_back(desk: Desk) -> None:
    customer_id = await rich(desk, 1000)
    await desk.house.tell(paid(customer_id, "ord_first", 100_000))
    await desk.house.settled()
    assert (await desk.look(customer_id)).tier == "silver"
    now = desk.house.clock.now()
    for _ in range(2):
        await desk.house.tell(refunded(customer_id, "ord_first", "adj_1", 40_000, now))
    await desk.house.settled()
    customer = await desk.look(customer_id)
    assert (customer.points, customer.tier) == (600, "basic")
    assert await check_adds_up(desk, customer_id) == 600


async def test_points_expire_and_it_is_told(desk: Desk) -> None:
    customer_id = await rich(desk)
    desk.house.clock.advance(days=100)
    await desk.deliver(customer_id, "ord_second", 5_000)
    desk.house.clock.advance(days=265)
    customer = await desk.look(customer_id)
    assert customer.points == 50  # before anybody has taken them out
    ground = desk.crm.ground
    stores = {store.name: store for store in ground.stores}
    points = Points(
        stores["wallets"],
        lambda _: _yes(),
        ground.clock,
        Earning(100, 365 * DAY),
        Tiers("CNY", 100_000, 500_000, 2_000_000),
    )
    await together(*(points.expire_due() for _ in range(3)))
    assert await points.expire_due() == 0
    assert await check_adds_up(desk, customer_id) == 50
    expired = [event for event in desk.house.told(PointsMoved) if event.reason == "expired"]
    assert [(event.points, event.reference, event.balance) for event in expired] == [(-100, "ord_first", 50)]


async def _yes() -> bool:
    return True


@pytest.mark.parametrize("seed", range(3))
async def test_events_told_again_and_shuffled_leave_the_same(desk: Desk, seed: int) -> None:
    customer = await desk.register()
    now = desk.house.clock.now()
    events = [
        paid(customer.id, "ord_1", 60_050),
        paid(customer.id, "ord_2", 50_000),
        delivered(customer.id, "ord_1", 60_050, now),
        delivered(customer.id, "ord_2", 50_000, now - DAY),
        refunded(customer.id, "ord_1", "adj_1", 10_030, now),
        refunded(customer.id, "ord_1", "adj_2", 20, now),
        refunded(customer.id, "ord_3", "adj_3", 1_000, now),  # cancelled before it was delivered
        paid(customer.id, "ord_3", 1_000),
    ] * 2
    random.Random(seed).shuffle(events)
    for event in events:
        await desk.house.tell(event, event_id="again")
    await desk.house.settled()
    looked = await desk.look(customer.id)
    assert (looked.points, looked.tier) == (1000, "silver")
    assert await check_adds_up(desk, customer.id) == 1000
    kept = await desk.crm.ground.database["wallets"].find_one({"_id": customer.id})
    assert kept is not None
    assert kept["spent"] == {"CNY": 100_000}
    assert kept["owed"] == []


async def test_a_compensation_gives_its_points_once_and_a_tier_as_long_as_it_lasts(desk: Desk) -> None:
    customer_id = await rich(desk)
    at = rfc3339(desk.house.clock.now())
    events = [
        CompensationGranted(compensation_id="cmp_1", customer_id=customer_id, points=50, at=at),
        CompensationGranted(compensation_id="cmp_2", customer_id=customer_id, tier="gold", tier_days=30, at=at),
    ]
    for event in (*events, *events):
        await desk.house.tell(event)
    assert await check_adds_up(desk, customer_id) == 150
    now = await desk.look(customer_id)
    assert (now.points, now.tier) == (150, "gold")
    desk.house.clock.advance(seconds=31 * 86_400)
    assert (await desk.look(customer_id)).tier == "basic"
