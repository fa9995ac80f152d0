"""This is where vouchers are made in batches, claimed, granted and used: each once, never more than there may be."""

import asyncio
import csv
import itertools
from typing import Any

import pytest
from shop.marketing.v1 import coupons_pb2 as cp
from shop.marketing.v1 import promotions_pb2 as pp
from shop.marketing.v1 import wallets_pb2 as pb
from shop.marketing.v1.events_pb2 import VoucherGranted
from shop.marketing.v1.wallets_pb2_grpc import WalletsServiceStub

from services.kit.clock import parse_time
from services.kit.errors import Exhausted, Refused, WrongState
from services.kit.rpc import call
from services.marketing.wallets.issuing import code_of
from tests.house import House
from tests.marketing.shop import Marketing, cny, open_marketing
from tests.marketing.test_takings import refusal

_requests = itertools.count()


class Counter:
    """Marketing, asked about vouchers."""

    def __init__(self, shop: Marketing) -> None:
        self.shop = shop
        self.stub: Any = WalletsServiceStub(shop.started.channel)

    async def claim(self, customer: str, request: str = "", code: str = "GIFT", **who: Any) -> pb.Voucher:
        asked = pb.ClaimVoucherRequest(
            coupon=code, customer_id=customer, request_id=request or f"request-{next(_requests)}", **who
        )
        voucher: pb.Voucher = (await call(self.stub.ClaimVoucher, asked, timeout_s=20)).voucher
        return voucher

    async def grant(self, customer: str, by: str = "stf_1", request: str = "", code: str = "SORRY") -> pb.Voucher:
        asked = pb.GrantVoucherRequest(
            coupon=code,
            customer_id=customer,
            by=by,
            reason="The parcel came late.",
            request_id=request or f"request-{next(_requests)}",
        )
        voucher: pb.Voucher = (await call(self.stub.GrantVoucher, asked, timeout_s=20)).voucher
        return voucher

    async def wallet(self, customer: str) -> list[tuple[str, str]]:
        held = (await call(self.stub.ListVouchers, pb.ListVouchersRequest(customer_id=customer))).vouchers
        return [(each.coupon.code, each.state) for each in held]

    async def batch(self, code: str, count: int, request: str = "request-batch") -> pb.Batch:
        asked = pb.IssueBatchRequest(coupon=code, count=count, by="stf_1", request_id=request)
        batch: pb.Batch = (await call(self.stub.IssueBatch, asked)).batch
        async with asyncio.timeout(20):
            while batch.state in ("waiting", "running"):
                await asyncio.sleep(0.05)
                batch = (await call(self.stub.GetBatch, pb.GetBatchRequest(id=batch.id))).batch
        return batch

    async def codes(self, batch: str) -> list[str]:
        found, cursor = list[str](), ""
        while True:
            asked = pb.ListBatchCodesRequest(id=batch, cursor=cursor)
            page = await call(self.stub.ListBatchCodes, asked, timeout_s=20)
            found += [each.code for each in page.codes]
            if not (cursor := page.next_cursor):
                return found


async def opened(house: House, **settings: Any) -> Counter:
    counter = Counter(await open_marketing(house))
    if settings:
        await counter.shop.started.stop()
        counter = Counter(Marketing(house, await house.start("marketing", **settings)))
    return counter


async def test_a_batch_is_made_once_and_each_code_is_good_once(house: House) -> None:
    counter = await opened(house)
    await counter.shop.coupon("PAPER", vouchers_only=True, limit_per_customer=1)
    batch = await counter.batch("PAPER", 2_500)
    assert (batch.state, batch.made) == ("done", 2_500)
    assert (await counter.batch("PAPER", 2_500)).id == batch.id
    codes = await counter.codes(batch.id)
    assert len(set(codes)) == 2_500
    assert {len(code) for code in codes} == {19}
    one, two, *_ = codes
    got = await counter.shop.evaluate(one.lower(), two, customer="cus_1")
    assert [(each.id, each.code) for each in got.applied] == [("PAPER", one)]
    assert [(each.code, each.problem) for each in got.problems] == [(two, "discount_code_combination_disallowed")]
    assert [each.problem for each in (await counter.shop.evaluate("PAPER")).problems] == ["discount_code_invalid"]
    await counter.shop.take("ord_1", one, customer="cus_1")
    assert (await refusal(counter.shop.take("ord_2", one, customer="cus_2"))).reason == "COUPON_USED_UP"
    assert (await refusal(counter.shop.take("ord_3", two, customer="cus_1"))).meta["limit"] == "customer"
    assert await counter.shop.uses("PAPER") == 1
    await counter.shop.release("ord_1", one, customer="cus_1")
    await counter.shop.take("ord_4", one, customer="cus_2")


async def test_a_step_done_again_makes_no_other_codes(house: House) -> None:
    counter = await opened(house)
    await counter.shop.coupon("PAPER", vouchers_only=True)
    batch = await counter.batch("PAPER", 1_200)
    codes = await counter.codes(batch.id)
    again = {"$set": {"state": "running", "done": 0, "lease_until": parse_time("2000-01-01T00:00:00Z")}}
    await counter.shop.started.ground.database["jobs"].update_one({"_id": batch.id}, again)
    async with asyncio.timeout(20):
        while (await counter.batch("PAPER", 1_200)).made < 1_200:
            await asyncio.sleep(0.05)
    assert await counter.codes(batch.id) == codes


def test_codes_of_a_batch_do_not_give_each_other_away() -> None:
    codes = {code_of(b"seed", number) for number in range(10_000)}
    assert len(codes) == 10_000
    letters = "".join(codes).replace("-", "")
    assert len(set(letters)) == 32
    assert max(letters.count(each) for each in set(letters)) < 1.1 * len(letters) / 32
    [row] = list(csv.reader([min(codes)]))
    assert row == [min(codes)]


@pytest.mark.parametrize("count", [0, 100_001])
async def test_a_batch_has_its_bounds(house: House, count: int) -> None:
    counter = await opened(house)
    await counter.shop.coupon("PAPER", vouchers_only=True)
    asked = pb.IssueBatchRequest(coupon="PAPER", count=count, by="stf_1", request_id="request-1")
    assert (await refusal(call(counter.stub.IssueBatch, asked))).reason == "INVALID_BATCH"


async def test_a_customer_claims_what_is_theirs_for_seven_days_and_nobody_else_can_use_it(house: House) -> None:
    counter = await opened(house)
    await counter.shop.coupon("GIFT", vouchers_only=True, claims_per_customer=1, valid_days=7)
    voucher = await counter.claim("cus_1", "request-a")
    assert (await counter.claim("cus_1", "request-a")).id == voucher.id
    assert (await refusal(counter.claim("cus_1"))).reason == "CLAIMED_ALREADY"
    assert (await refusal(counter.claim("cus_2", "request-a"))).reason == "KEY_REUSED"
    assert await counter.wallet("cus_1") == [("GIFT", "usable")]
    other = await counter.shop.evaluate(voucher.code, customer="cus_2")
    assert [each.problem for each in other.problems] == ["discount_code_invalid"]
    assert [each.problem for each in (await counter.shop.evaluate(voucher.code)).problems] == [
        "discount_code_not_signed_in"
    ]
    house.clock.advance(days=7)
    late = await counter.shop.evaluate(voucher.code, customer="cus_1")
    assert [each.problem for each in late.problems] == ["discount_code_expired"]
    assert await counter.wallet("cus_1") == [("GIFT", "expired")]
    await house.settled()
    assert [(each.customer_id, each.source) for each in house.told(VoucherGranted)] == [("cus_1", "claim")]


async def test_only_whom_it_is_for_may_claim_it_and_only_what_runs(house: House) -> None:
    counter = await opened(house)
    club = pp.Audience(groups=["tea-club"])
    await counter.shop.coupon("GIFT", vouchers_only=True, claims_per_customer=1, audience=club)
    assert (await refusal(counter.claim("cus_1"))).reason == "NOT_FOR_YOU"
    await counter.claim("cus_1", groups=["tea-club"])
    await call(counter.shop.coupons.PauseCoupon, cp.PauseCouponRequest(code="GIFT", paused=True, by="stf_1"))
    assert (await refusal(counter.claim("cus_2", groups=["tea-club"]))).reason == "NOT_ISSUING"
    assert await counter.wallet("cus_1") == [("GIFT", "suspended")]
    await counter.shop.coupon("PLAIN")
    assert (await refusal(counter.claim("cus_2", code="PLAIN"))).reason == "NOT_ISSUING"


async def test_what_can_be_claimed_says_how_many_are_left(house: House) -> None:
    counter = await opened(house)
    await counter.shop.coupon("GIFT", vouchers_only=True, claims_per_customer=1, claim_limit=2)
    await counter.shop.coupon("PLAIN")
    listed = (await call(counter.stub.ListClaimable, pb.ListClaimableRequest())).coupons
    assert [(each.code, each.claims) for each in listed] == [("GIFT", 0)]
    await counter.claim("cus_1")
    await counter.claim("cus_2")
    assert (await refusal(counter.claim("cus_3"))).reason == "CLAIMED_OUT"
    assert not (await call(counter.stub.ListClaimable, pb.ListClaimableRequest())).coupons


async def claim_race(counter: Counter, run: int, most: int = 20, people: int = 30) -> None:
    code, barrier = f"RACE{run}", asyncio.Barrier(people * 2)
    await counter.shop.coupon(code, vouchers_only=True, claims_per_customer=1, claim_limit=most)

    async def grab(number: int) -> str:
        await barrier.wait()
        try:
            return (await counter.claim(f"cus_{run}_{number % people}", code=code)).customer_id
        except WrongState:
            return ""

    got = [each for each in await asyncio.gather(*(grab(number) for number in range(people * 2))) if each]
    assert len(got) == len(set(got)) <= most  # nobody twice
    coupon = await counter.shop.started.ground.database["coupons"].find_one({"_id": code})
    assert coupon is not None
    assert coupon["claims"] == len(got)
    for number in range(people):  # what two of one customer held up for a moment is there for the next
        if f"cus_{run}_{number}" not in got and len(got) < most:
            got.append((await counter.claim(f"cus_{run}_{number}", code=code)).customer_id)
    assert len(got) == most


async def test_as_many_are_claimed_as_there_are_however_many_grab_at_once(house: House) -> None:
    counter = await opened(house)
    for run in range(2):
        await claim_race(counter, run)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_as_many_are_claimed_as_there_are_fifty_times(house: House) -> None:
    counter = await opened(house)
    for run in range(50):
        await claim_race(counter, run)


async def test_support_grants_within_what_one_may_a_day_and_it_is_kept_who_why(house: House) -> None:
    counter = await opened(house, grants_a_day=3, granted_minor_a_day=10_000)
    fields = {"vouchers_only": True, "valid_days": 30, "amount_off": cny(4_000), "threshold": cny(9_000)}
    await counter.shop.coupon("SORRY", grantable=True, **fields)
    await counter.shop.coupon("OTHER", **fields)
    assert (await refusal(counter.grant("cus_1", code="OTHER"))).reason == "NOT_ISSUING"
    first = await counter.grant("cus_1", request="request-g")
    assert (await counter.grant("cus_1", request="request-g")).id == first.id
    outcomes = await asyncio.gather(*(counter.grant(f"cus_{n}") for n in range(5)), return_exceptions=True)
    granted = [each for each in outcomes if not isinstance(each, BaseException)]
    assert len(granted) == 1  # with the first 8,000 of 10,000
    assert all(isinstance(each, Exhausted) for each in outcomes if isinstance(each, BaseException))
    await counter.grant("cus_9", by="stf_2")
    house.clock.advance(days=1)
    await counter.grant("cus_9")
    grants = (await call(counter.stub.ListGrants, pb.ListGrantsRequest())).grants
    assert len(grants) == 4
    assert {(each.by, each.reason) for each in grants} == {(by, "The parcel came late.") for by in ("stf_1", "stf_2")}


@pytest.mark.parametrize("fields", [{"reason": "hm"}, {"by": "somebody"}, {"customer_id": "x"}, {"request_id": ""}])
async def test_a_grant_without_its_parts_is_refused(house: House, fields: dict[str, str]) -> None:
    counter = await opened(house)
    await counter.shop.coupon("SORRY", vouchers_only=True, grantable=True)
    whole = {
        "coupon": "SORRY",
        "customer_id": "cus_1",
        "by": "stf_1",
        "reason": "It came late.",
        "request_id": "req-12345",
    }
    with pytest.raises(Refused):
        await call(counter.stub.GrantVoucher, pb.GrantVoucherRequest(**{**whole, **fields}))
