"""This is where a test of crm gets its doors: one stub a service, and the few calls nearly every test begins with."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shop.crm.v1.customers_pb2 import Customer, GetCustomerRequest, RegisterRequest
from shop.crm.v1.customers_pb2_grpc import CustomersServiceStub
from shop.crm.v1.points_pb2 import GetPointsRequest, GetPointsResponse, ReturnPointsRequest, SpendPointsRequest
from shop.crm.v1.points_pb2_grpc import PointsServiceStub
from shop.crm.v1.sessions_pb2 import RefreshRequest, SignInRequest, Tokens
from shop.crm.v1.sessions_pb2_grpc import SessionsServiceStub
from shop.crm.v1.staff_pb2 import SignInStaffRequest
from shop.crm.v1.staff_pb2_grpc import StaffServiceStub
from shop.orders.v1.events_pb2 import OrderDelivered, OrderPaid, RefundIssued
from shop.type.v1.money_pb2 import Money

from services.kit.clock import rfc3339
from services.kit.errors import Refused
from services.kit.rpc import call
from tests.house import House, Started

R = TypeVar("R")
PASSWORD = "correct horse battery"
OWNER, OWNER_PASSWORD = "owner@example.com", "open-sesame-dev"
TIMEOUT_S = 20.0


@dataclass
class Desk:
    """A running crm and its stubs."""

    house: House
    crm: Started

    def __post_init__(self) -> None:
        """Opens the stubs."""
        channel: Any = self.crm.channel
        self.customers = CustomersServiceStub(channel)
        self.sessions = SessionsServiceStub(channel)
        self.points = PointsServiceStub(channel)
        self.staff = StaffServiceStub(channel)

    async def ask(self, method: Callable[..., Awaitable[Any]], request: object) -> Any:
        """A call with time enough for a machine that is busy."""
        return await call(method, request, timeout_s=TIMEOUT_S)

    async def refusal(self, method: Callable[..., Awaitable[object]], request: object) -> Refused:
        """The refusal a call must end with."""
        try:
            answer = await self.ask(method, request)
        except Refused as refused:
            return refused
        raise AssertionError(f"not refused, but answered {answer}")

    async def register(self, email: str = "mei@example.com", name: str = "李梅") -> Customer:
        """A customer."""
        request = RegisterRequest(email=email, password=PASSWORD, name=name)
        customer: Customer = (await self.ask(self.customers.Register, request)).customer
        return customer

    async def look(self, customer_id: str) -> Customer:
        """A customer as they are now."""
        customer: Customer = (await self.ask(self.customers.GetCustomer, GetCustomerRequest(id=customer_id))).customer
        return customer

    async def sign_in(self, email: str = "mei@example.com", password: str = PASSWORD) -> Tokens:
        """A customer's tokens."""
        tokens: Tokens = (await self.ask(self.sessions.SignIn, SignInRequest(email=email, password=password))).tokens
        return tokens

    async def sign_in_owner(self, totp: str = "") -> Tokens:
        """The owner's tokens."""
        request = SignInStaffRequest(email=OWNER, password=OWNER_PASSWORD, totp=totp)
        tokens: Tokens = (await self.ask(self.staff.SignInStaff, request)).tokens
        return tokens

    async def refresh(self, token: str) -> Tokens:
        """A new pair."""
        tokens: Tokens = (await self.ask(self.sessions.Refresh, RefreshRequest(refresh_token=token))).tokens
        return tokens

    async def wallet(self, customer_id: str) -> GetPointsResponse:
        """A customer's points."""
        points: GetPointsResponse = await self.ask(self.points.GetPoints, GetPointsRequest(customer_id=customer_id))
        return points

    async def spend(self, customer_id: str, order_id: str, points: int) -> int:
        """Spends; answers what is left."""
        request = SpendPointsRequest(customer_id=customer_id, order_id=order_id, points=points)
        return int((await self.ask(self.points.SpendPoints, request)).balance)

    async def give_back(self, customer_id: str, order_id: str) -> int:
        """Gives back; answers what there is."""
        request = ReturnPointsRequest(customer_id=customer_id, order_id=order_id)
        return int((await self.ask(self.points.ReturnPoints, request)).balance)

    async def deliver(self, customer_id: str, order_id: str, goods_minor: int) -> None:
        """An order is at the door, and crm has heard of it."""
        await self.house.tell(delivered(customer_id, order_id, goods_minor, self.house.clock.now()))
        await self.house.settled()


async def together(*calls: Awaitable[R]) -> list[R | BaseException]:
    """All at the same moment: each waits at the barrier until all are there. Answers or what they raised."""
    barrier = asyncio.Barrier(len(calls))

    async def one(work: Awaitable[R]) -> R:
        await barrier.wait()
        return await work

    return await asyncio.gather(*map(one, calls), return_exceptions=True)


def cny(minor: int) -> Money:
    """An amount."""
    return Money(currency="CNY", minor=minor)


def paid(customer_id: str, order_id: str, goods_minor: int) -> OrderPaid:
    """An order is paid."""
    return OrderPaid(order_id=order_id, customer_id=customer_id, goods=cny(goods_minor), total=cny(goods_minor))


def delivered(customer_id: str, order_id: str, goods_minor: int, at: datetime) -> OrderDelivered:
    """An order is at the door."""
    return OrderDelivered(
        order_id=order_id,
        customer_id=customer_id,
        goods=cny(goods_minor),
        delivered_at=rfc3339(at),
        paid_at=rfc3339(at),
    )


def refunded(customer_id: str, order_id: str, refund_id: str, goods_minor: int, at: datetime) -> RefundIssued:
    """Money went back."""
    return RefundIssued(
        refund_id=refund_id,
        order_id=order_id,
        customer_id=customer_id,
        amount=cny(goods_minor),
        goods=cny(goods_minor),
        at=rfc3339(at),
    )


DAY = timedelta(days=1)
