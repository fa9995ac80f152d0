"""This is where suppliers are kept: edited by one at a time, their people named to nobody who reads the database."""

import json

import pytest
from shop.catalog.v1 import purchase_orders_pb2, suppliers_pb2

from services.catalog.purchasing.amendments import Amendments
from services.catalog.purchasing.drafts import DraftLine
from services.catalog.purchasing.orders import InvalidPurchaseOrder, OrderState
from services.kit.errors import Conflict, Invalid, NotFound
from services.kit.rpc import call
from tests.catalog.counter import CNY, all_at_once, cny, reasons
from tests.catalog.purchasing.buyer import Buyer

CONTACT = suppliers_pb2.SupplierContact(name="陈师傅特别", phone="+8613800000000", email="chen@kiln.example")


async def taken_in(buyer: Buyer) -> suppliers_pb2.Supplier:
    wanted = suppliers_pb2.Supplier(name="Kiln", currency=CNY, contacts=[CONTACT])
    asked = suppliers_pb2.CreateSupplierRequest(supplier=wanted, by="staff")
    return (await call(buyer.suppliers.CreateSupplier, asked)).supplier


async def patched(buyer: Buyer, supplier: suppliers_pb2.Supplier, **patch: object) -> suppliers_pb2.Supplier:
    asked = suppliers_pb2.UpdateSupplierRequest(
        id=supplier.id, if_version=supplier.version, patch=json.dumps(patch).encode(), by="staff"
    )
    return (await call(buyer.suppliers.UpdateSupplier, asked)).supplier


async def test_people_are_sealed_at_rest_and_shown_to_who_asks_for_the_supplier(buyer: Buyer) -> None:
    supplier = await taken_in(buyer)
    kept = await buyer.counter.database["suppliers"].find_one({"_id": supplier.id})
    assert "陈师傅特别" not in str(kept)
    assert "13800000000" not in str(kept)
    got = await call(buyer.suppliers.GetSupplier, suppliers_pb2.GetSupplierRequest(id=supplier.id))
    assert list(got.supplier.contacts) == [CONTACT]
    listed = await call(buyer.suppliers.ListSuppliers, suppliers_pb2.ListSuppliersRequest())
    assert [list(each.contacts) for each in listed.suppliers] == [[]]


async def test_of_two_editors_who_saw_the_same_one_is_told_to_look_again(buyer: Buyer) -> None:
    supplier = await taken_in(buyer)
    answers = await all_at_once(*(patched(buyer, supplier, payment_terms=f"net {n}") for n in (30, 60)))
    assert reasons(answers) == ["VERSION_MISMATCH"]
    (won,) = [answer for answer in answers if not isinstance(answer, Conflict)]
    assert (won.version, won.payment_terms[:3], won.contacts[0].name) == (2, "net", "陈师傅特别")


async def test_a_patch_changes_what_it_names_and_null_sets_it_back(buyer: Buyer) -> None:
    supplier = await patched(buyer, await taken_in(buyer), state="approved", capacity_units=500, contacts=[])
    assert (supplier.state, supplier.capacity_units) == (suppliers_pb2.SUPPLIER_STATE_APPROVED, 500)
    assert list(supplier.contacts) == []
    assert (await patched(buyer, supplier, capacity_units=None)).capacity_units == 0
    supplier.version = 0
    for wrong in ({"currency": "USD"}, {"name": ""}, {"state": "famous"}, {"capacity_units": -1}, {"pool_weekday": 8}):
        with pytest.raises(Invalid) as refused:
            await patched(buyer, supplier, **wrong)
        assert refused.value.errors[0].pointer == f"/{next(iter(wrong))}"


async def test_suppliers_are_listed_by_page(buyer: Buyer) -> None:
    made = [(await buyer.supplier(f"s{n}")).id for n in range(3)]
    first, cursor = await buyer.purchasing.suppliers.page("approved", False, 2, "")
    second, end = await buyer.purchasing.suppliers.page("approved", False, 2, cursor)
    assert [each.id for each in first + second] == sorted(made, reverse=True)
    assert end == ""
    best, more = await buyer.purchasing.suppliers.page("", True, 2, "")
    rest, _ = await buyer.purchasing.suppliers.page("", True, 2, more)
    assert len({each.id for each in best + rest}) == 3


async def test_what_a_supplier_asks_is_in_its_currency_and_of_a_sku_there_is(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    supplier = await buyer.supplier()

    async def put(sku: str, currency: str = CNY) -> suppliers_pb2.SupplierItem:
        cost = cny(500)
        cost.currency = currency
        item = suppliers_pb2.SupplierItem(supplier_id=supplier.id, sku=sku, cost=cost)
        return (await call(buyer.suppliers.PutSupplierItem, suppliers_pb2.PutSupplierItemRequest(item=item))).item

    assert ((await put("A")).moq, (await put("A")).version) == (1, 2)
    with pytest.raises(Invalid) as refused:
        await put("A", "USD")
    assert refused.value.errors[0].pointer == "/cost/currency"
    with pytest.raises(NotFound):
        await put("NONE")
    offers = await call(buyer.suppliers.ListOffers, suppliers_pb2.ListOffersRequest(sku="A"))
    assert [(each.supplier_name, each.measured) for each in offers.offers] == [("Jingdezhen Kiln", False)]


async def test_the_policy_is_the_usual_one_until_somebody_sets_another(buyer: Buyer) -> None:
    usual = (await call(buyer.suppliers.GetPurchasePolicy, suppliers_pb2.GetPurchasePolicyRequest())).policy
    assert (usual.version, usual.over_receipt_bp, usual.weights.on_time) == (0, 500, 30)
    usual.over_receipt_bp = 0
    asked = suppliers_pb2.PutPurchasePolicyRequest(policy=usual, by="owner")
    assert (await call(buyer.suppliers.PutPurchasePolicy, asked)).policy.version == 1
    asked.if_version = 7
    with pytest.raises(Conflict):
        await call(buyer.suppliers.PutPurchasePolicy, asked)
    asked.policy.weights.Clear()
    with pytest.raises(Invalid) as refused:
        await call(buyer.suppliers.PutPurchasePolicy, asked)
    assert refused.value.reason == "INVALID_PURCHASE_POLICY"


async def test_a_draft_is_changed_until_it_is_approved(buyer: Buyer) -> None:
    await buyer.counter.sell("A", "B")
    supplier = await buyer.supplier()
    await buyer.quotes(supplier, "A", pack_size=6)
    await buyer.quotes(supplier, "B")
    (order,) = await buyer.draft(DraftLine("A", 6))
    amendments = Amendments(buyer.purchasing.tables.orders, buyer.purchasing.orders, buyer.purchasing.items)
    changed = await amendments.change(order.id, 1, {"A": 7, "B": 2}, "staff")
    assert [(line.sku, line.ordered) for line in changed.lines] == [("A", 12), ("B", 2)]
    with pytest.raises(Conflict):
        await amendments.change(order.id, 1, {"A": 8}, "staff")
    with pytest.raises(InvalidPurchaseOrder):
        await amendments.change(order.id, 2, {"A": 0, "B": 0}, "staff")
    taken_out = await amendments.change(order.id, 2, {"B": 0}, "staff")
    assert [line.sku for line in taken_out.lines] == ["A"]
    assert taken_out.state is OrderState.DRAFT


async def test_an_order_is_printed_for_people_and_for_software(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    await buyer.quotes(await buyer.supplier("=景德镇"), "A")
    (order,) = await buyer.draft(DraftLine("A", 6))
    asked = purchase_orders_pb2.PrintPurchaseOrderRequest(id=order.id, format="csv")
    rows = (await call(buyer.orders.PrintPurchaseOrder, asked)).content.decode("utf-8-sig").splitlines()
    assert rows[1].split(",")[:5] == [order.number, "A", "K-A", "6", "400"]
    asked.format = "pdf"
    printed = await call(buyer.orders.PrintPurchaseOrder, asked, timeout_s=10)
    assert printed.content.startswith(b"%PDF")
    assert (printed.media_type, printed.name) == ("application/pdf", f"{order.number}.pdf")
