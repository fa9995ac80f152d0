"""This is where orders is killed at every step of a checkout, a refund, a return, a price protection: each is done once."""

import asyncio
import logging
import os
import signal
import uuid
from functools import partial
from typing import Any

import pytest

from deploy.local.client import Customer, Staff
from tests.faults import books
from tests.faults.load import Journal, PatientCustomer, Persistent
from tests.faults.mortal import MortalOrders, leases_run_out, through_death
from tests.shop import Shop, now

log = logging.getLogger(__name__)
_STOCK, _UNITS, _PRICE = 1_000, 90, 5_000


class People:
    """Who goes on asking whatever dies: a member with points and a delivered order, a guest, staff."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.journal = shop, Journal()
        self.persistent = Persistent(self.journal)

    async def arrive(self) -> None:
        """Fills the shelves; the member buys, and has it at the door."""
        self.staff, self.sku = await self.shop.owner(), await self.shop.product(stock=_STOCK, price=_PRICE)
        self.member = await self.shop.customer()
        self.code = f"K{uuid.uuid4().hex[:10]}".upper()
        off = {"currency": "CNY", "minor": 500}
        coupon = {"code": self.code, "title": "少五元", "amount_off": off, "skus": [self.sku]}
        (await self.staff.call("POST", "/v1/coupons", coupon)).expect(201)
        self.order = await self.member.buy({self.sku: _UNITS})
        (parcel,) = await self.shop.eventually(self._parcels, bool)
        (await self.staff.call("POST", f"/v1/shipments/{parcel['id']}/pack")).expect(200)
        (await self.staff.call("POST", f"/v1/shipments/{parcel['id']}/ship")).expect(200)
        await self.shop.carrier().scan(parcel["waybill"], "picked_up", "delivered", at=now())
        await self.shop.eventually(lambda: self.member.get(self._path()), lambda order: order["state"] == "delivered")
        await self.shop.eventually(lambda: self.member.get("/v1/customers/me"), lambda me: me["points"] > 100)

    async def insist(self, who: Customer | Staff, path: str, body: Any = None, method: str = "POST") -> Any:
        """The same request with the same key until it is answered, and well."""
        ask = partial(who.call, method, path, body, key=uuid.uuid4().hex)
        return (await self.persistent.insist(ask)).expect(200, 201)

    def guest(self) -> Customer:
        """Somebody else, as persistent."""
        guest = PatientCustomer(self.shop.base, self.shop.session)
        guest.persistent = self.persistent
        return guest

    async def _parcels(self) -> Any:
        return (await self.staff.get(f"/v1/shipments?order_id={self.order['id']}"))["items"]

    def _path(self) -> str:
        return f"/v1/orders/{self.order['id']}"


class Checkouts:
    """A member's checkout with a coupon and points."""

    def __init__(self, people: People) -> None:
        self.people, self.sold = people, 0

    async def ready(self) -> None:
        """A cart."""
        member = self.people.member
        self.cart = await member.filled_cart({self.people.sku: 2})
        (await member.call("POST", f"/v1/carts/{self.cart}/coupons", {"code": self.people.code})).expect(200)

    async def go(self) -> None:
        """Ordered, once."""
        key, member = uuid.uuid4().hex, self.people.member
        bought = await self.people.persistent.insist(lambda: member.check_out(self.cart, key=key, points=10))
        self.order = bought.expect(201)

    async def hold(self) -> None:
        """One order, paid and counted once; what it took is taken once."""
        shop, self.sold = self.people.shop, self.sold + 1
        kept = await books.agree(shop, self.order["id"], captured=_total(self.order), refunds=[])
        assert (kept["state"], kept["coupons"], kept["points"]) == ("paid", [self.people.code], 10)
        assert await books.orders_of(shop, self.cart) == [self.order["id"]]
        coupon = await self.people.staff.get(f"/v1/coupons/{self.people.code}")
        assert coupon["uses"] == self.sold
        assert await books.shelf(shop, self.people.sku) == (_STOCK - _UNITS - 2 * self.sold, 0)
        moves = (await self.people.member.get("/v1/customers/me/points"))["entries"]
        assert [move["points"] for move in moves if move["reference"] == self.order["id"]] == [-10]


class Refunds:
    """Staff give something back of an order."""

    def __init__(self, people: People) -> None:
        self.people, self.given = people, list[int]()

    async def ready(self) -> None:
        """Another amount each time."""
        self.given.append(100 + len(self.given))

    async def go(self) -> None:
        """Given, once."""
        body = {"amount": {"currency": "CNY", "minor": self.given[-1]}, "reason": "goodwill"}
        await self.people.insist(self.people.staff, f"/v1/orders/{self.people.order['id']}/refunds", body)

    async def hold(self) -> None:
        """Each once."""
        order = self.people.order
        await books.agree(self.people.shop, order["id"], captured=_total(order), refunds=self.given)


class Returns:
    """A unit comes back: opened, approved, inspected, paid for."""

    def __init__(self, people: People) -> None:
        self.people, self.back = people, list[str]()

    async def ready(self) -> None:
        """All is there already."""

    async def go(self) -> None:
        """From the first step to the last."""
        insist, staff, sku = self.people.insist, self.people.staff, self.people.sku
        body = {"lines": [{"sku": sku, "quantity": 1}], "reason": "no_reason"}
        rma = await insist(self.people.member, f"/v1/orders/{self.people.order['id']}/returns", body)
        path = f"/v1/returns/{rma['id']}"
        await insist(staff, f"{path}/approve")
        await insist(staff, f"{path}/inspect", {"grades": [{"sku": sku, "grade": "A", "units": 1}]})
        assert (await insist(staff, f"{path}/refund"))["refund"]["minor"] == _PRICE
        self.back.append(rma["id"])

    async def hold(self) -> None:
        """Each unit is back on the shelf once, and paid for once."""
        shop, order = self.people.shop, self.people.order
        kept = await books.agree(shop, order["id"], captured=_total(order), refunds=[_PRICE] * len(self.back))
        assert [line["returned"] for line in kept["lines"]] == [len(self.back)]
        assert await books.returns_of(shop, order["id"]) == dict.fromkeys(self.back, "refunded")
        assert await books.shelf(shop, self.people.sku) == (_STOCK - _UNITS + len(self.back), 0)


class Protections:
    """A price falls after a guest has paid more."""

    def __init__(self, people: People) -> None:
        self.people = people

    async def ready(self) -> None:
        """Goods of its own, bought at the old price."""
        self.sku, self.guest = await self.people.shop.product(price=_PRICE), self.people.guest()
        self.order = await self.guest.buy({self.sku: 3})

    async def go(self) -> None:
        """It falls, and the difference is paid."""
        put = {"price": {"currency": "CNY", "minor": _PRICE - 200}, "reason": "autumn"}
        (await self.people.staff.call("PUT", f"/v1/products/{self.sku}/price", put, If_Match="*")).expect(200)
        path = f"/v1/orders/{self.order['id']}/price-protection"
        await self.people.shop.eventually(
            lambda: self.guest.get(path), lambda now: [p["paid"] for p in now["payments"]] == [True], 30
        )

    async def hold(self) -> None:
        """Once."""
        shop = self.people.shop
        await books.agree(shop, self.order["id"], captured=_total(self.order), refunds=[600])
        drops = await shop.eventually(self._drops, lambda drops: [drop["state"] for drop in drops] == ["done"])
        assert [(drop["paid"], drop["amount"]["minor"]) for drop in drops] == [(1, 600)]

    async def _drops(self) -> Any:
        return (await self.people.staff.get(f"/v1/price-protection/drops?sku={self.sku}"))["items"]


Flow = Checkouts | Refunds | Returns | Protections
FLOWS: tuple[type[Flow], ...] = (Checkouts, Refunds, Returns, Protections)


def _total(order: Any) -> int:
    return int(order["totals"][-1]["amount"]["minor"])


async def _at_every_step(orders: MortalOrders, flow: Flow, *, after: bool) -> list[str]:
    """Kills at one crossing after the other, until it is through without another; the crossings."""
    shop, deadly, before = flow.people.shop, orders.toll.deadly, -1
    while len(deadly) > before:
        before = len(deadly)
        await flow.ready()
        await shop.settled(60)
        orders.toll.arm(after=after)
        await through_death(orders, asyncio.ensure_future(flow.go()))
        await through_death(orders, asyncio.ensure_future(shop.settled(60)))  # what is told crosses last
        orders.toll.rest()
        await flow.hold()
    return deadly


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("kind", FLOWS)
async def test_killed_at_every_step_each_is_done_once(shop: Shop, kind: type[Flow], after: bool) -> None:
    people = People(shop)
    await people.arrive()
    async with MortalOrders(shop) as orders:
        deadly = await _at_every_step(orders, kind(people), after=after)
    log.info("%s, killed %s each of: %s", kind.__name__, "after" if after else "before", deadly)
    assert people.journal.fives == []
    assert len(deadly) >= 4, deadly
    assert (await people.staff.get("/v1/ledger/verification"))["ok"]
    await books.nothing_is_parked(shop)


async def _wait_for_the_provider(shop: Shop, people: People, checkout: Checkouts, protection: Protections) -> None:
    """Until a checkout, a refund, a return's refund and a protection have all asked for their money."""
    orders = shop.mongo["shop_orders"]["orders"]

    async def asked() -> list[bool]:
        protected = await orders.find_one({"_id": protection.order["id"]})
        order = await orders.find_one({"_id": people.order["id"]})
        placed = await orders.find_one({"cart_claim": checkout.cart})
        assert order and protected
        return [placed is not None, order["movements"] != [], order["refunds"] != [], protected["protections"] != []]

    await shop.eventually(asked, all)


@pytest.mark.timeout(120)
async def test_killed_while_all_of_them_wait_for_the_provider_each_is_done_once(shop: Shop) -> None:
    people = People(shop)
    await people.arrive()
    checkout, refund, back, protection = Checkouts(people), Refunds(people), Returns(people), Protections(people)
    flows: list[Flow] = [checkout, refund, back, protection]
    for flow in flows:
        await flow.ready()
    provider = shop.local.pid("psp")
    os.kill(provider, signal.SIGSTOP)
    try:
        going = [asyncio.ensure_future(flow.go()) for flow in flows]
        await _wait_for_the_provider(shop, people, checkout, protection)
        await asyncio.to_thread(shop.local.kill, "orders")
    finally:
        os.kill(provider, signal.SIGCONT)
    await leases_run_out(shop)
    await asyncio.gather(*going)
    assert people.journal.fives == []
    await books.agree(shop, checkout.order["id"], captured=_total(checkout.order), refunds=[])
    await books.agree(shop, people.order["id"], captured=_total(people.order), refunds=[*refund.given, _PRICE])
    await protection.hold()
    assert await books.returns_of(shop, people.order["id"]) == dict.fromkeys(back.back, "refunded")
    assert await books.shelf(shop, people.sku) == (_STOCK - _UNITS - 2 + 1, 0)
    await books.nothing_is_parked(shop)
