"""This is where invoices are issued, raced for, cut off in the middle, reversed in red and printed."""

import asyncio
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from shop.orders.v1 import invoices_pb2 as pb
from shop.orders.v1 import invoices_pb2_grpc
from shop.orders.v1.events_pb2 import InvoiceIssued
from shop.type.v1.page_pb2 import Page

from services.kit.errors import AlreadyExists, Invalid, NotFound, WrongState
from services.kit.rpc import NeighbourFailed, call
from services.orders.invoices.invoices import Invoice, digest
from tests.orders.protection.shop import Writes, falls, swept
from tests.orders.protection.test_sweeps import give_back
from tests.orders.world import World, settles
from tests.papers import text_of

from .desk import COMPANY, PERSON, SELLER, books, issue, papers, reverse, sells, stub, without_gaps


async def test_an_invoice_says_what_was_really_paid_and_the_tax_in_it(world: World) -> None:
    world.marketing.promotion = 100
    await sells(world, rates_bp={"cat_1": 600})
    order = await world.bought({"A": 2, "B.2": 1}, customer_id="cus_1", points=100)
    made = await issue(world, order.id, COMPANY)
    assert made.total.minor == order.totals[-1].amount.minor == 4_500 - 200 + 600
    assert [(line.key, line.quantity, line.rate_bp) for line in made.lines] == [
        ("A", 2, 600),
        ("B.2", 1, 600),
        ("freight", 1, 900),
    ]
    assert all(line.net.minor + line.tax.minor == line.amount.minor for line in made.lines)
    assert made.lines[2].tax.minor == 50  # 600 × 9 ÷ 109 = 49.54
    assert (made.number[0], made.number[5:], made.in_words) == ("S", "00000001", "肆拾玖圆整")
    assert await issue(world, order.id, COMPANY) == made
    with pytest.raises(AlreadyExists) as other:
        await issue(world, order.id, PERSON)
    assert (other.value.reason, other.value.meta["invoice_id"]) == ("INVOICE_EXISTS", made.id)
    await world.house.settled()
    (told,) = world.house.told(InvoiceIssued)
    assert (told.digest, told.amount.minor) == (made.digest, made.total.minor)

    asked = pb.PrintInvoiceRequest(order_id=order.id, invoice_id=made.id, customer_id="cus_1")
    document = (await call(stub(world).PrintInvoice, asked)).content
    assert document == (await call(stub(world).PrintInvoice, asked)).content
    words = text_of(document)
    for said in (SELLER.name, SELLER.tax_id, COMPANY.title, COMPANY.tax_id, made.number, "发票专用章", "肆拾玖圆整"):
        assert said in words
    assert "¥49.00" in words and "6%" in words and made.digest in words


async def test_who_may_have_which_invoice(world: World) -> None:
    order = await world.bought({"A": 1}, customer_id="cus_1")
    with pytest.raises(WrongState) as nobody:
        await issue(world, order.id)
    assert nobody.value.reason == "NO_INVOICE_PROFILE"
    await sells(world)
    with pytest.raises(NotFound):
        await issue(world, order.id, PERSON, "cus_2")
    with pytest.raises(Invalid) as refused:
        await issue(world, order.id, pb.Buyer(kind="company", title="X", tax_id="12"))
    assert [error.pointer for error in refused.value.errors] == ["/tax_id"]
    made = await issue(world, order.id)
    another = await world.bought({"A": 1}, customer_id="cus_1")
    asked = pb.PrintInvoiceRequest(order_id=another.id, invoice_id=made.id, customer_id="cus_1")
    with pytest.raises(NotFound) as elsewhere:
        await call(stub(world).PrintInvoice, asked)
    assert elsewhere.value.reason == "INVOICE_NOT_FOUND"
    await world.cancel(another.id, "cus_1")
    with pytest.raises(WrongState) as gone:
        await issue(world, another.id)
    assert gone.value.reason == "NOT_INVOICEABLE"
    kept = await world.service.ground.database["invoices"].find_one({"_id": made.id})
    assert "王小明" not in str(kept)


async def test_what_goes_back_is_taken_off_in_red_to_the_fen(world: World) -> None:
    await sells(world)
    order = await world.delivered({"A": 3}, customer_id="cus_1")
    await swept(world, await falls(world, 999))  # before the invoice: 3 fen less
    made = await issue(world, order.id)
    assert made.lines[0].amount.minor == 2_997
    assert await give_back(world, order.id, 1) == 999
    await swept(world, await falls(world, 900))
    assert await give_back(world, order.id, 2) == 1_800
    await world.house.settled()
    first, *red = await papers(world, order.id)
    assert (first.id, first.left.minor, first.in_force) == (made.id, 600, True)  # the freight
    assert [(each.kind, each.total.minor, each.reverses) for each in red] == [
        ("red", -999, made.id),
        ("red", -198, made.id),
        ("red", -1_800, made.id),
    ]
    assert [each.lines[0].quantity for each in red] == [-1, 0, -2]
    assert sum(each.lines[0].tax.minor for each in red) == -made.lines[0].tax.minor
    assert without_gaps(await books(world))
    words = text_of(
        (
            await call(
                stub(world).PrintInvoice, pb.PrintInvoiceRequest(order_id=order.id, invoice_id=red[0].id, staff=True)
            )
        ).content
    )
    assert "红字发票" in words and made.number in words and "（负数）玖圆玖角玖分" in words


async def test_a_cancelled_orders_invoice_is_taken_back_whole_and_all_papers_are_kept(world: World) -> None:
    await sells(world)
    order = await world.bought({"A": 1}, customer_id="cus_1")
    made = await issue(world, order.id)
    kept: Any = world.service.ground.database["invoices"]
    before: Any = await kept.find_one({"_id": made.id})
    await world.cancel(order.id, "cus_1")
    await world.house.settled()
    first, red = await papers(world, order.id)
    assert (first.left.minor, first.in_force, red.total.minor) == (0, False, -1_600)
    vouchers = (await call(stub(world).ListVouchers, pb.ListVouchersRequest(order_id=order.id, staff=True))).vouchers
    assert sorted((each.kind, each.amount.minor) for each in vouchers) == [
        ("invoice", 1_600),
        ("payment", 1_600),
        ("red_invoice", -1_600),
        ("refund", -1_600),
    ]
    after: Any = await kept.find_one({"_id": made.id})
    changed = {name for name in after if after[name] != before.get(name)} - {"outbox"}
    assert changed == {"taken_back", "red", "order_claim", "version"}  # and nothing it says
    after["id"] = after.pop("_id")
    whole = msgspec.convert(after, Invoice, builtin_types=(bytes, type(after["issued_at"])))
    assert digest(whole) == made.digest


async def test_an_invoice_is_made_out_anew_to_somebody_else(world: World) -> None:
    await sells(world)
    order = await world.bought({"A": 1}, customer_id="cus_1")
    made = await issue(world, order.id)
    asked = pb.ReissueInvoiceRequest(order_id=order.id, invoice_id=made.id, customer_id="cus_1", buyer=COMPANY)
    anew = (await call(stub(world).ReissueInvoice, asked)).invoice
    again = (await call(stub(world).ReissueInvoice, asked)).invoice
    assert anew == again and anew.buyer.title == COMPANY.title and anew.total == made.total
    assert sorted(each.total.minor for each in await papers(world, order.id)) == [-1_600, 1_600, 1_600]
    done = [await reverse(world, anew.id) for _ in range(2)]
    assert [each.left.minor for each in done] == [0, 0]
    assert len(await papers(world, order.id)) == 4
    assert await books(world) == {made.number[:5]: [1, 2], "R" + made.number[1:5]: [1, 2]}


async def _raced(world: World, orders: list[Any]) -> None:
    """Each asked for twice, all at once."""
    gate = asyncio.Barrier(2 * len(orders))

    async def one(order_id: str) -> Any:
        await gate.wait()
        return await settles(lambda: issue(world, order_id))

    made = await asyncio.gather(*(one(order.id) for order in orders for _ in range(2)))
    assert len({each.id for each in made}) == len(orders)
    assert without_gaps(await books(world))


async def test_twenty_at_once_get_each_a_number_and_leave_no_gap(world: World) -> None:
    await sells(world)
    orders = [await world.bought({"A": 1}, customer_id="cus_1") for _ in range(10)]
    await _raced(world, orders)
    await asyncio.gather(*(world.cancel(order.id, "cus_1") for order in orders))
    await world.house.settled()
    numbers = await books(world)
    assert without_gaps(numbers) and {len(of_book) for of_book in numbers.values()} == {10}


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_numbers_have_no_gap_in_fifty_races_of_two_replicas(world: World) -> None:
    await sells(world)
    first = world.service
    await world.another_instance()
    for run in range(50):
        world.catalog.skus["A"].available = 100
        orders = [await world.bought({"A": 1}, customer_id="cus_1") for _ in range(4)]
        stubs = [invoices_pb2_grpc.InvoicesServiceStub(each.channel) for each in (first, world.service)]
        gate = asyncio.Barrier(8)

        async def one(order_id: str, at: Any, gate: asyncio.Barrier = gate) -> Any:
            await gate.wait()
            asked = pb.IssueInvoiceRequest(order_id=order_id, customer_id="cus_1", buyer=PERSON)
            return (await call(at.IssueInvoice, asked)).invoice

        made = await asyncio.gather(*(one(order.id, at) for order in orders for at in stubs))
        assert len({each.id for each in made}) == 4
        assert {name[0]: len(of) for name, of in (await books(world)).items()} == {"S": 4 * (run + 1)}
        assert without_gaps(await books(world))


async def test_who_dies_at_any_write_leaves_no_gap(world: World) -> None:
    await sells(world)
    writes = Writes(world, "invoices")
    for number in (1, 2):  # of an invoice, and of a red one with what it takes off: the second dies in the transaction
        for after in (False, True):
            order = await world.bought({"A": 1}, customer_id="cus_1")
            made = await issue(world, order.id) if number == 2 else None
            writes.die(number, after=after)
            with pytest.raises(NeighbourFailed):
                await (reverse(world, made.id) if made else issue(world, order.id))
            writes.live()
            assert without_gaps(await books(world))
            made = made or await issue(world, order.id)
            assert (await reverse(world, made.id)).left.minor == 0
            assert [each.total.minor for each in await papers(world, order.id)] in ([1_600, -1_600], [-1_600, 1_600])
    numbers = await books(world)
    assert without_gaps(numbers) and {len(of_book) for of_book in numbers.values()} == {4}


async def test_finance_lists_and_exports_a_period(world: World) -> None:
    await sells(world)
    made = [await issue(world, (await world.bought({"A": 1}, customer_id="cus_1")).id) for _ in range(3)]
    period = made[0].period
    page = await call(stub(world).ListInvoices, pb.ListInvoicesRequest(period=period, page=Page(limit=2)))
    rest = pb.ListInvoicesRequest(period=period, page=Page(limit=2, cursor=page.next_cursor))
    listed = [*page.invoices, *(await call(stub(world).ListInvoices, rest)).invoices]
    assert [each.number for each in listed] == [each.number for each in reversed(made)]
    assert not (await call(stub(world).ListInvoices, pb.ListInvoicesRequest(period="1999-01"))).invoices
    exported = await call(stub(world).ExportInvoices, pb.ExportInvoicesRequest(period=period, format="xml"))
    root = ElementTree.fromstring(exported.content)
    assert [each.findtext("number") for each in root] == [each.number for each in listed]
    assert root[0].findtext("buyer/title") == "王小明" and root[0].findtext("in_words") == "壹拾陆圆整"
    plain = await call(stub(world).ExportInvoices, pb.ExportInvoicesRequest(period=period, format="json"))
    rows = msgspec.json.decode(plain.content)["invoices"]
    assert [row["total_minor"] for row in rows] == [1_600] * 3 and rows[0]["lines"][0]["key"] == "A"
    with pytest.raises(Invalid):
        await call(stub(world).ExportInvoices, pb.ExportInvoicesRequest(format="csv"))
