"""This is where taking coupons proves that a crash at any write neither loses nor doubles a use."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from services.kit.errors import NotFound, WrongState
from services.kit.store import Change, Store
from services.marketing import store as indexes
from services.marketing.counting import Counting
from services.marketing.coupons import Coupon, Coupons, CustomerUses
from services.marketing.messages.events import coupon_changed
from services.marketing.takings import Taking, Takings
from services.marketing.vouchers import Voucher, Vouchers
from tests.house import House


class Crash(Exception):
    """The process is gone."""


class Power:
    """Goes out at the n-th write, before it (`after=False`) or just after it."""

    def __init__(self) -> None:
        self.left, self.after = 10**9, False

    def spend(self, after: bool) -> None:
        if after == self.after:
            self.left -= 1
            if self.left == 0:
                raise Crash


class Fragile(Store[Any]):
    """A store whose process may die at a write."""

    power: Power

    async def insert(self, thing: Any, *events: Any, session: Any = None) -> Any:
        self.power.spend(after=False)
        done = await super().insert(thing, *events, session=session)
        self.power.spend(after=True)
        return done

    async def change(
        self, where: Mapping[str, Any], update: Mapping[str, Any], *events: Any, session: Any = None
    ) -> Any:
        self.power.spend(after=False)
        done = await super().change(where, update, *events, session=session)
        self.power.spend(after=True)
        return done

    async def change_many(self, changes: Sequence[Change]) -> bool:
        self.power.spend(after=False)
        done = await super().change_many(changes)
        self.power.spend(after=True)
        return done


class NoFloor:
    """Nothing sells too cheaply, and nobody else makes a rule."""

    def alone(self) -> contextlib.AbstractAsyncContextManager[None]:
        return contextlib.nullcontext()

    async def admit_coupon(self, _coupon: Coupon, _reason: str) -> str:
        return ""


class NoHints:
    """Nobody publishes."""

    def hint(self, collection: str, key: str, rows: object) -> None:
        """Nothing."""

    def look_into(self, collection: str) -> None:
        """Nothing."""


class Desk:
    """Takings on a real database, with the power in the test's hand."""

    def __init__(self, house: House) -> None:
        self.clock, self.power = house.clock, Power()
        client: AsyncMongoClient[dict[str, Any]] = house.mongo
        self.database = client[f"{house.settings['database_prefix']}marketing"]
        house.started.setdefault("marketing", None)  # type: ignore[arg-type]
        self.counts = self._store("coupons", Coupon, indexes.COUPONS)
        self.customer_uses = self._store("customer_uses", CustomerUses, [])
        self.asked = self._store("takings", Taking, indexes.TAKINGS)
        self.issued = self._store("vouchers", Voucher, indexes.VOUCHERS)

    def _store(self, name: str, kept: type[Any], wanted: Any) -> Any:
        store = Fragile(self.database, name, kept, NoHints(), wanted)
        store.power = self.power
        return store

    def takings(self) -> Takings:
        vouchers = Vouchers(self.issued)
        coupons = Coupons(self.counts, self.customer_uses, vouchers, NoFloor(), self.clock, coupon_changed)
        counting = Counting(self.counts, self.customer_uses, self.clock, coupon_changed)
        return Takings(self.asked, self.counts, counting, coupons, vouchers, self.clock)

    async def open(self) -> None:
        for store in (self.counts, self.customer_uses, self.asked, self.issued):
            await store.prepare()

    async def coupon(self, code: str = "C", limit: int = 2, limit_per_customer: int = 1) -> None:
        start = self.clock.now()
        coupon = Coupon(code, "", start, limit=limit, limit_per_customer=limit_per_customer, made=code)
        coupon.budget_minor = coupon.limit * 500
        await self.counts.insert(coupon)

    async def voucher(self) -> None:
        """One of the coupon K, for customer 1."""
        start = self.clock.now()
        await self.counts.insert(Coupon("K", "", start, limit=2, limit_per_customer=1, made="K", vouchers_only=True))
        voucher = Voucher("vch_1", "V", "K", "claim", start, start + timedelta(days=7), "cus_1")
        await self.issued.insert(voucher)

    async def user(self) -> str:
        """Whose the voucher is now."""
        return str((await self.issued.get("vch_1")).order_id)

    async def crashes(self, work: Any, at: int, after: bool) -> bool:
        """Runs until the power goes at write number `at`; False when there were fewer."""
        self.power.left, self.power.after = at, after
        try:
            await work
        except Crash:
            return True
        finally:
            self.power.left = 10**9
        return False

    async def state(self, code: str = "C") -> tuple[int, int, int]:
        """Uses; orders of customer 1; takings that still need care."""
        coupon = await self.counts.get(code)
        uses = await self.customer_uses.get(f"{code}|cus_1")
        waiting = await self.asked.find({"tidy_at": {"$gt": self.clock.at.min.replace(tzinfo=self.clock.at.tzinfo)}})
        assert coupon.given_minor == 500 * coupon.uses
        return coupon.uses, len(uses.orders) if uses else 0, len(waiting)

    async def tidied(self) -> None:
        for _ in range(3):
            self.clock.advance(hours=1, minutes=1)
            await self.takings().tidy()


@pytest.fixture
async def desk(house: House) -> Desk:
    made = Desk(house)
    await made.open()
    return made


CRASHES = [(at, after) for at in range(1, 4) for after in (False, True)]


@pytest.mark.parametrize(("at", "after"), CRASHES)
async def test_a_take_that_crashed_is_finished_by_its_retry(desk: Desk, at: int, after: bool) -> None:
    await desk.coupon()
    assert await desk.crashes(desk.takings().take("ord_1", "cus_1", {"C": 500}), at, after)
    for _ in range(2):
        await desk.takings().take("ord_1", "cus_1", {"C": 500})
        assert (await desk.state())[:2] == (1, 1)
    await desk.tidied()
    await desk.takings().take("ord_1", "cus_1", {"C": 500})  # long after the coupon has forgotten the order
    assert await desk.state() == (1, 1, 0)


@pytest.mark.parametrize(("at", "after"), CRASHES)
async def test_a_take_that_crashed_is_given_back_whole(desk: Desk, at: int, after: bool) -> None:
    await desk.coupon()
    assert await desk.crashes(desk.takings().take("ord_1", "cus_1", {"C": 500}), at, after)
    await desk.takings().release("ord_1", "cus_1", ["C"])
    with pytest.raises(WrongState):
        await desk.takings().take("ord_1", "cus_1", {"C": 500})
    assert (await desk.state())[:2] == (0, 0)
    await desk.takings().take("ord_2", "cus_1", {"C": 500})
    assert (await desk.state())[:2] == (1, 1)


@pytest.mark.parametrize(("at", "after"), CRASHES)
async def test_a_take_nobody_retries_leaves_no_half_use(desk: Desk, at: int, after: bool) -> None:
    await desk.coupon()
    assert await desk.crashes(desk.takings().take("ord_1", "cus_1", {"C": 500}), at, after)
    await desk.tidied()
    uses, of_customer, waiting = await desk.state()
    assert uses == of_customer  # taken whole, or not at all
    assert waiting == 0


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize(("at", "after"), [(at, after) for at in range(1, 5) for after in (False, True)])
async def test_a_release_that_crashed_gives_back_exactly_once(desk: Desk, at: int, after: bool, settled: bool) -> None:
    await desk.coupon(limit=3)
    await desk.takings().take("ord_1", "cus_1", {"C": 500})
    await desk.takings().take("ord_2", "cus_2", {"C": 500})
    if settled:
        desk.clock.advance(minutes=2)
        await desk.takings().tidy()
        assert (await desk.counts.get("C")).counted == []
    await desk.crashes(desk.takings().release("ord_1", "cus_1", ["C"]), at, after)
    for _ in range(2):
        await desk.takings().release("ord_1", "cus_1", ["C"])
        assert (await desk.state())[:2] == (1, 0)
    await desk.tidied()
    await desk.takings().release("ord_1", "cus_1", ["C"])
    assert await desk.state() == (1, 0, 0)
    coupon = await desk.counts.get("C")
    assert (coupon.counted, coupon.returned) == ([], [])


@pytest.mark.parametrize(("at", "after"), [(at, after) for at in range(1, 4) for after in (False, True)])
async def test_a_release_nobody_retries_is_finished_by_tidying(desk: Desk, at: int, after: bool) -> None:
    await desk.coupon()
    await desk.takings().take("ord_1", "cus_1", {"C": 500})
    assert await desk.crashes(desk.takings().release("ord_1", "cus_1", ["C"]), at, after)
    begun = (await desk.asked.get("ord_1|C")).state != "asked"
    await desk.tidied()
    assert await desk.state() == ((0, 0, 0) if begun else (1, 1, 0))


@pytest.mark.parametrize(("at", "after"), [(at, after) for at in range(1, 4) for after in (False, True)])
async def test_tidying_that_crashed_is_done_again_without_harm(desk: Desk, at: int, after: bool) -> None:
    await desk.coupon(limit=9)
    for order in ("1", "2", "3"):
        await desk.takings().take(f"ord_{order}", f"cus_{order}", {"C": 500})
    await desk.takings().release("ord_3", "cus_3", ["C"])
    desk.clock.advance(minutes=2)
    await desk.crashes(desk.takings().tidy(), at, after)
    await desk.takings().release("ord_2", "cus_2", ["C"])
    await desk.takings().take("ord_1", "cus_1", {"C": 500})
    assert (await desk.state())[:2] == (1, 1)
    await desk.tidied()
    assert await desk.state() == (1, 1, 0)


async def test_the_coupons_memory_stays_short(desk: Desk) -> None:
    await desk.coupon(limit=0, limit_per_customer=0)
    for order in range(30):
        await desk.takings().take(f"ord_{order}", "", {"C": 500})
    desk.clock.advance(minutes=2)
    await desk.takings().tidy()
    coupon = await desk.counts.get("C")
    assert (coupon.uses, coupon.counted) == (30, [])


@pytest.mark.parametrize(("at", "after"), [(at, after) for at in range(1, 5) for after in (False, True)])
async def test_a_voucher_taken_in_a_crash_is_taken_once_or_given_back_whole(desk: Desk, at: int, after: bool) -> None:
    await desk.voucher()
    assert await desk.crashes(desk.takings().take("ord_1", "cus_1", {"V": 500}), at, after)
    for _ in range(2):
        await desk.takings().take("ord_1", "cus_1", {"V": 500})
        assert ((await desk.state("K"))[:2], await desk.user()) == ((1, 1), "ord_1")
    await desk.crashes(desk.takings().release("ord_1", "cus_1", ["V"]), at, after)
    await desk.takings().release("ord_1", "cus_1", ["V"])
    with pytest.raises(WrongState):
        await desk.takings().take("ord_1", "cus_1", {"V": 500})
    assert ((await desk.state("K"))[:2], await desk.user()) == ((0, 0), "")
    await desk.tidied()
    await desk.takings().take("ord_2", "cus_1", {"V": 500})
    assert ((await desk.state("K"))[:2], await desk.user()) == ((1, 1), "ord_2")


async def test_a_voucher_given_back_before_it_was_taken_is_free_for_others(desk: Desk) -> None:
    await desk.voucher()
    await desk.takings().release("ord_1", "cus_1", ["V"])
    with pytest.raises(WrongState):
        await desk.takings().take("ord_1", "cus_1", {"V": 500})
    await desk.takings().take("ord_2", "cus_1", {"V": 500})
    assert await desk.user() == "ord_2"
    with pytest.raises(WrongState):
        await desk.takings().take("ord_3", "cus_1", {"V": 500})
    assert ((await desk.state("K"))[:2], await desk.user()) == ((1, 1), "ord_2")


async def test_anothers_voucher_is_taken_by_nobody_else(desk: Desk) -> None:
    await desk.voucher()
    with pytest.raises(WrongState):
        await desk.takings().take("ord_1", "cus_2", {"V": 500})
    assert ((await desk.state("K"))[0], await desk.user()) == (0, "")


async def test_the_code_of_what_takes_vouchers_opens_nothing_itself(desk: Desk) -> None:
    await desk.voucher()
    with pytest.raises(NotFound):
        await desk.takings().take("ord_1", "cus_1", {"K": 500})
