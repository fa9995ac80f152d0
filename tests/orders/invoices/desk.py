"""This is where a world of orders gets a desk that issues invoices, and a reader of what they say."""

import base64
import re
import zlib
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


def text_of(document: bytes) -> str:
    """What a PDF of ours says: its streams unpacked, its strings in UTF-16."""
    words = []
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", document, re.S):
        plain = zlib.decompress(base64.a85decode(packed.strip().removesuffix(b"~>")))
        for string in re.findall(rb"\(((?:\\.|[^\\)])*)\)\s*Tj", plain, re.S):
            raw = re.sub(
                rb"\\([0-7]{3}|.)",
                lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3 else _ESCAPED.get(m[1], m[1]),
                string,
            )
            words.append(raw.decode("utf-16-be", "ignore"))
    return "".join(words)


_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
