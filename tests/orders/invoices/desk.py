"""This is where a world of orders gets a desk that issues invoices, and a reader of what they say."""

from collections import defaultdict
from typing import Any

from shop.orders.v1 import invoices_pb2 as pb
from shop.orders.v1 import invoices_pb2_grpc

from services.kit.rpc import call
from tests.orders.world import World

SELLER = pb.Seller(name="杭州青瓷文化有限公司", tax_id="91330106MA2AXXXX0X", address="杭州市文三路 90 号")
PERSON = pb.Buyer(kind="individual", title="王小明")
COMPANY = pb.Buyer(kind="company", title="上海某某科技有限公司", tax_id="91310115MA1KXXXX1Y", bank="工商银行")


def stub(world: World) -> Any:
    """The wing of the instance spoken to now."""
    return invoices_pb2_grpc.InvoicesServiceStub(world.service.channel)


async def sells(world: World, **more: Any) -> Any:
    """Somebody says who sells."""
    profile = pb.InvoiceProfile(
        seller=SELLER,
        series="S",
        red_series="R",
        usual_rate_bp=1300,
        freight_rate_bp=900,
        time_zone="Asia/Shanghai",
        stamp="发票专用章",
        **more,
    )
    return (await call(stub(world).PutInvoiceProfile, pb.PutInvoiceProfileRequest(profile=profile))).profile


async def issue(world: World, order_id: str, buyer: pb.Buyer = PERSON, customer: str = "cus_1") -> Any:
    """Its customer asks for it."""
    asked = pb.IssueInvoiceRequest(order_id=order_id, customer_id=customer, buyer=buyer, by=customer)
    return (await call(stub(world).IssueInvoice, asked)).invoice


async def reverse(world: World, invoice_id: str) -> Any:
    """Finance takes it back."""
    asked = pb.ReverseInvoiceRequest(invoice_id=invoice_id, reason="wrong", by="stf_1")
    return (await call(stub(world).ReverseInvoice, asked)).invoice


async def papers(world: World, order_id: str) -> list[Any]:
    """All invoices of an order, oldest first."""
    asked = pb.ListOrderInvoicesRequest(order_id=order_id, staff=True)
    return list((await call(stub(world).ListOrderInvoices, asked)).invoices)


async def books(world: World) -> dict[str, list[int]]:
    """The numbers of each book, in order."""
    numbers: dict[str, list[int]] = defaultdict(list)
    async for row in world.service.ground.database["invoices"].find({"book": {"$gt": ""}}).sort("number", 1):
        numbers[row["book"]].append(row["number"])
    return numbers


def without_gaps(numbers: dict[str, list[int]]) -> bool:
    """From 1 on, each once."""
    return all(of_book == list(range(1, len(of_book) + 1)) for of_book in numbers.values())
