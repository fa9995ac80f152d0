"""This is where it is tried that an account never owes more than it may, whoever orders for it at the same time."""

import asyncio
from typing import Any

import pytest
from shop.orders.v1 import accounts_pb2, accounts_pb2_grpc, intake_pb2, orders_pb2
from shop.type.v1 import money_pb2

from services.kit.errors import Conflict, Invalid, NotFound, WrongState
from services.kit.rpc import call
from tests.orders.intake.desk import EXCEPTION, ORDERED, Desk, line
from tests.orders.world import ADDRESS, World

TOTAL = 1600  # a cup and its freight


def cny(minor: int) -> money_pb2.Money:
    """So many fen."""
    return money_pb2.Money(currency="CNY", minor=minor)


class Office:
    """Who looks after accounts."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.accounts = accounts_pb2_grpc.AccountsServiceStub(world.service.channel)

    async def opened(self, limit: int = 10_000, **more: Any) -> accounts_pb2.Account:
        """An account."""
        account = accounts_pb2.Account(
            credit_limit=cny(limit), contacts=["cus_1"], terms_days=30, open=True, company="Tea", tax_id="91-X", **more
        )
        return (await call(self.accounts.PutAccount, accounts_pb2.PutAccountRequest(account=account))).account

    async def order(self, account: str, number: str, quantity: int = 1, who: str = "cus_1") -> Any:
        """Orders so many cups."""
        total = cny(1000 * quantity + 600)
        draft = intake_pb2.ChannelOrderDraft(
            channel_order_id=number, lines=[line("A", quantity)], address=ADDRESS, total=total
        )
        asked = accounts_pb2.PlaceAccountOrderRequest(account_id=account, customer_id=who, order=draft)
        return (await call(self.accounts.PlaceAccountOrder, asked, timeout_s=20)).order

    async def used(self, account: str) -> int:
        """What it owes."""
        asked = accounts_pb2.GetAccountRequest(id=account, staff=True)
        return int((await call(self.accounts.GetAccount, asked)).account.used_minor)

    async def settle(self, order: str, minor: int, reference: str) -> accounts_pb2.Receivable:
        """Money comes in."""
        asked = accounts_pb2.SettleReceivableRequest(order_id=order, minor=minor, reference=reference)
        return (await call(self.accounts.SettleReceivable, asked)).receivable

    async def owed(self, **which: Any) -> list[accounts_pb2.Receivable]:
        """What is owed."""
        return list(
            (await call(self.accounts.ListReceivables, accounts_pb2.ListReceivablesRequest(**which))).receivables
        )


async def test_an_account_orders_on_its_terms_and_pays_later(world: World) -> None:
    office = Office(world)
    account = await office.opened()
    taken = await office.order(account.id, "PO-1")
    assert taken.state == ORDERED
    assert (await office.order(account.id, "PO-1")).order_id == taken.order_id
    order = await world.order(taken.order_id, "cus_1")
    assert (order.state, order.customer_type, order.channel) == (orders_pb2.ORDER_STATE_PAID, "b2b", "b2b")
    assert (order.purchase_order, order.account_id) == ("PO-1", account.id)
    assert await world.psp.payments(order.id) == []
    assert await office.used(account.id) == TOTAL
    assert await office.owed(overdue=True) == []
    world.house.clock.advance(days=31)
    (late,) = await office.owed(overdue=True, account_id=account.id)
    assert (late.open_minor, late.overdue) == (TOTAL, True)
    with pytest.raises(WrongState):
        await office.settle(order.id, TOTAL + 1, "B-1")
    for _ in range(2):
        assert (await office.settle(order.id, 1000, "B-1")).open_minor == 600
    assert (await office.settle(order.id, 600, "B-2")).open_minor == 0
    assert await office.used(account.id) == 0
    assert await office.owed() == []
    assert [each.order_id for each in await office.owed(settled=True)] == [order.id]


async def race(world: World, buyers: int) -> None:
    """A limit of three orders, many at once: exactly three are taken, the others wait for staff."""
    office = Office(world)
    account = await office.opened(limit=3 * TOTAL + 1)
    start = asyncio.Barrier(buyers)

    async def buy(number: int) -> Any:
        await start.wait()
        for _ in range(100):
            try:
                taken = await office.order(account.id, f"PO-{number}")
            except Conflict:
                await asyncio.sleep(0.05)
                continue
            return taken
        raise AssertionError("never settled")

    taken = await asyncio.gather(*(buy(number) for number in range(buyers)))
    states = [each.state for each in taken]
    assert states.count(ORDERED) == 3
    assert {each.reason for each in taken if each.state == EXCEPTION} == {"credit_exceeded"}
    assert await office.used(account.id) == 3 * TOTAL
    assert len(await office.owed(account_id=account.id)) == 3


async def test_ten_who_order_at_once_do_not_pass_the_limit(world: World) -> None:
    await race(world, 10)


@pytest.mark.long
@pytest.mark.parametrize("run", range(50))
async def test_the_limit_holds_in_fifty_runs(world: World, run: int) -> None:
    await race(world, 12)


async def test_what_waits_for_credit_goes_on_once_the_limit_is_raised_or_money_comes_in(world: World) -> None:
    office, desk = Office(world), Desk(world)
    account = await office.opened(limit=TOTAL)
    first = await office.order(account.id, "PO-1")
    waits = await office.order(account.id, "PO-2")
    assert (waits.state, waits.reason) == (EXCEPTION, "credit_exceeded")
    assert world.catalog.holds.keys() == {first.order_id}
    await office.settle(first.order_id, TOTAL, "B-1")
    assert (await desk.retry(waits.id)).state == ORDERED
    assert (
        await world.cancel((await desk.record(waits.id)).order_id, "cus_1")
    ).state == orders_pb2.ORDER_STATE_CANCELLED
    assert await office.used(account.id) == 0


async def test_only_its_contacts_order_and_not_less_than_the_least(world: World) -> None:
    office = Office(world)
    account = await office.opened(min_order_minor=2000, min_quantity=2)
    with pytest.raises(NotFound):
        await office.order(account.id, "PO-1", who="cus_2")
    with pytest.raises(NotFound):
        await office.order(account.id, "PO-1", who="")
    assert (await office.order(account.id, "PO-1", 1)).reason == "below_minimum"
    assert (await office.order(account.id, "PO-2", 2)).state == ORDERED
    closed = accounts_pb2.Account()
    closed.CopyFrom(account)
    closed.open = False
    await call(
        office.accounts.PutAccount, accounts_pb2.PutAccountRequest(account=closed, if_version=account.version + 1)
    )
    with pytest.raises(WrongState):
        await office.order(account.id, "PO-3", 2)
    cart = await world.filled_cart({"A": 1})
    with pytest.raises(Invalid):
        await world.check_out(world.request(cart, f"terms|{account.id}|PO-9"))
