"""This is where points add up, close shops, and are taken back."""

from datetime import timedelta

import pytest
from shop.catalog.v1 import merchants_pb2 as pb

from services.kit.errors import Invalid, NotFound, Refused, WrongState
from services.kit.rpc import call
from tests.catalog.counter import all_at_once
from tests.catalog.merchants.office import Office

ACTIVE, WARNED = pb.MERCHANT_STANDING_ACTIVE, pb.MERCHANT_STANDING_WARNED
SUSPENDED, CLOSED = pb.MERCHANT_STANDING_SUSPENDED, pb.MERCHANT_STANDING_CLOSED


async def _decide(office: Office, merchant_id: str, penalty_id: str, *, revoke: bool) -> pb.Penalty:
    request = pb.DecidePenaltyRequest(
        id=merchant_id, penalty_id=penalty_id, revoke=revoke, reason="checked", by="stf_owner"
    )
    answered: pb.DecidePenaltyResponse = await call(office.merchants.DecidePenalty, request)
    return answered.penalty


async def test_points_warn_suspend_and_close_and_what_is_on_sale_comes_down(office: Office) -> None:
    merchant_id = await office.merchant()
    toy = await office.live(merchant_id, "A", "toys")
    await office.penalise(merchant_id, 12, "r1", product_id=toy)
    await office.attended()
    assert ((await office.get(merchant_id)).standing, await office.state(toy)) == (WARNED, "live")
    second = await office.penalise(merchant_id, 12, "r2")
    await office.attended()
    assert ((await office.get(merchant_id)).standing, await office.state(toy)) == (SUSPENDED, "delisted")
    assert await office.taken_down(toy) == "MERCHANT_SUSPENDED"
    for kind, count in (("penalty", 2), ("merchant_warned", 1), ("merchant_suspended", 1)):
        assert len(await office.notices(kind, merchant_id)) == count
    assert len(await office.notices("merchant_suspended")) == 1
    with pytest.raises(WrongState):
        await office.publish(toy, from_delisted=True)
    appeal = pb.AppealPenaltyRequest(id=merchant_id, penalty_id=second.id, text="正品", merchant_id=merchant_id)
    await call(office.merchants.AppealPenalty, appeal)
    with pytest.raises(WrongState):
        await call(office.merchants.AppealPenalty, appeal)
    await office.attended()
    assert len(await office.notices("penalty_appealed")) == 1
    revoked = await _decide(office, merchant_id, second.id, revoke=True)
    assert (revoked.state, revoked.decision, revoked.decided_by) == (pb.PENALTY_STATE_REVOKED, "checked", "stf_owner")
    await office.attended()
    merchant = await office.get(merchant_id)
    assert (merchant.standing, merchant.points) == (WARNED, 12)
    await office.publish(toy, from_delisted=True)
    with pytest.raises(WrongState):
        await _decide(office, merchant_id, second.id, revoke=True)


async def test_at_48_it_is_closed_until_the_points_are_taken_back(office: Office) -> None:
    merchant_id = await office.merchant()
    worst = await office.penalise(merchant_id, 48, "r1")
    merchant = await office.get(merchant_id)
    assert (merchant.standing, merchant.closed_reason) == (CLOSED, "48 penalty points")
    with pytest.raises(WrongState) as refused:
        await office.penalise(merchant_id, 1, "r2")
    assert refused.value.reason == "MERCHANT_CLOSED"
    assert (await office.penalise(merchant_id, 48, "r1")).id == worst.id  # the same request once more
    office.clock.advance(days=400)
    assert (await office.get(merchant_id)).standing == CLOSED  # time does not open it
    await _decide(office, merchant_id, worst.id, revoke=True)
    assert (await office.get(merchant_id)).standing == ACTIVE


async def test_points_run_out_after_a_year_and_what_they_suspended_may_sell(office: Office) -> None:
    merchant_id = await office.merchant()
    toy = await office.live(merchant_id, "A", "toys")
    await office.penalise(merchant_id, 24, "r1")
    await office.attended()
    office.clock.at += timedelta(days=366)
    await office.attended()
    merchant = await office.get(merchant_id)
    assert (merchant.standing, merchant.penalties[0].state) == (ACTIVE, pb.PENALTY_STATE_EXPIRED)
    assert len(await office.notices("merchant_active", merchant_id)) == 1
    await office.publish(toy, from_delisted=True)


async def test_points_given_at_once_all_count_and_each_request_once(office: Office) -> None:
    merchant_id = await office.merchant()
    tries = [office.penalise(merchant_id, 2, f"r{n % 6}") for n in range(18)]
    answers = await all_at_once(*tries)
    for n in range(6):  # who was crowded out asks again with the same key
        if any(isinstance(answer, Refused) for answer in answers[n::6]):
            await office.penalise(merchant_id, 2, f"r{n}")
    merchant = await office.get(merchant_id)
    assert (merchant.points, len(merchant.penalties)) == (12, 6)


async def test_what_is_not_as_it_must_be_is_refused(office: Office) -> None:
    merchant_id, other = await office.merchant(1), await office.merchant(2)
    foreign = await office.draft(other, "B", "toys")
    for more in ({"reason": "mood"}, {"evidence": ""}, {"product_id": foreign}):
        with pytest.raises(Invalid):
            await office.penalise(merchant_id, 1, "r1", **more)
    for whose, points in ((merchant_id, 0), (merchant_id, 49), ("self", 1)):
        with pytest.raises(Invalid):
            await office.penalise(whose, points, "r1")
    with pytest.raises(NotFound):
        await office.penalise("mer_nobody", 1, "r1")
    await office.penalise(merchant_id, 1, "r1", fingerprint=b"1")
    with pytest.raises(Invalid) as refused:
        await office.penalise(merchant_id, 2, "r1", fingerprint=b"2")
    assert refused.value.reason == "KEY_REUSED"


async def test_points_that_are_upheld_still_count(office: Office) -> None:
    merchant_id = await office.merchant()
    given = await office.penalise(merchant_id, 3, "r1")
    upheld = await _decide(office, merchant_id, given.id, revoke=False)
    assert (upheld.state, upheld.decision) == (pb.PENALTY_STATE_COUNTS, "checked")
    with pytest.raises(WrongState):
        await _decide(office, merchant_id, given.id, revoke=False)
    assert (await office.get(merchant_id)).points == 3


async def test_a_closed_merchant_sells_nothing_until_it_is_opened_again(office: Office) -> None:
    merchant_id = await office.merchant()
    toys = [await office.live(merchant_id, f"A{n}", "toys") for n in range(3)]
    closing = pb.CloseMerchantRequest(id=merchant_id, reason="moved away", by="stf_owner")
    closed = (await call(office.merchants.CloseMerchant, closing)).merchant
    assert (closed.standing, closed.closed_reason) == (CLOSED, "moved away")
    assert (await call(office.merchants.CloseMerchant, closing)).merchant.version == closed.version
    await office.attended()
    assert {await office.taken_down(toy) for toy in toys} == {"MERCHANT_CLOSED"}
    with pytest.raises(WrongState):
        await office.publish(toys[0], from_delisted=True)
    opening = pb.ReopenMerchantRequest(id=merchant_id, reason="back", by="stf_owner")
    assert (await call(office.merchants.ReopenMerchant, opening)).merchant.standing == ACTIVE
    await office.publish(toys[0], from_delisted=True)
    with pytest.raises(Invalid):
        await call(office.merchants.CloseMerchant, pb.CloseMerchantRequest(id="self", reason="no", by="x"))


async def test_what_slipped_on_sale_while_it_was_suspended_is_found_a_minute_later(office: Office) -> None:
    merchant_id = await office.merchant()
    await office.penalise(merchant_id, 24, "r1")
    await office.attended()
    toy = await office.draft(merchant_id, "A", "toys")  # as if its publication had been under way
    await office.counter.database["products"].update_one({"_id": toy}, {"$set": {"state": "live"}})
    office.clock.advance(minutes=2)
    await office.attended()
    assert await office.state(toy) == "delisted"
