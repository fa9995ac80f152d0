"""This is where carts are filled, priced, kept apart and merged."""

import asyncio

import pytest
from shop.catalog.v1.events_pb2 import PriceChanged
from shop.marketing.v1.events_pb2 import PromotionChanged
from shop.orders.v1 import carts_pb2
from shop.type.v1.address_pb2 import Address

from services.kit.errors import Conflict, Invalid, NotFound, Refused, WrongState
from services.kit.rpc import call
from services.orders.carts import CartIds

from .neighbours import Sku
from .world import ADDRESS, World


def _lines(cart: carts_pb2.Cart) -> dict[str, int]:
    return {line.sku: line.quantity for line in cart.lines}


async def test_an_empty_guest_cart_costs_no_write_and_is_known_all_the_same(world: World) -> None:
    cart = await world.new_cart()
    assert (await world.show(cart)).state == "open"
    assert await world.service.ground.database["carts"].count_documents({"_id": {"$gt": ""}}) == 0
    with pytest.raises(NotFound) as refused:
        await world.show(cart[:-1] + ("0" if cart[-1] != "0" else "1"))
    assert refused.value.reason == "CART_NOT_FOUND"


def test_an_id_proves_itself_only_to_who_made_it() -> None:
    ours, theirs = CartIds("one key"), CartIds("another key")
    fresh = ours.new()
    assert ours.genuine(fresh)
    assert not theirs.genuine(fresh)
    assert not any(ours.genuine(bad) for bad in ("", "crt_", "crt_abc", "ord_" + fresh[4:], fresh + "0", "crt_\x00"))


async def test_lines_are_set_in_order_and_removed(world: World) -> None:
    cart = await world.new_cart()
    await world.put(cart, "B.2", 1)
    shown = await world.put(cart, "A", 2)
    assert list(_lines(shown).items()) == [("B.2", 1), ("A", 2)]
    assert [total.amount.minor for total in shown.totals] == [4500, 4500]
    assert shown.lines[0].title == "Title of B.2"
    assert _lines(await world.put(cart, "B.2", 0)) == {"A": 2}
    empty = await world.put(cart, "A", 0)
    assert (_lines(empty), list(empty.totals), empty.currency) == ({}, [], "")


async def test_what_cannot_be_in_a_cart_is_refused(world: World) -> None:
    cart = await world.new_cart()
    world.catalog.skus |= {"EUR": Sku(currency="EUR"), "OFF": Sku(live=False)}
    await world.put(cart, "A", 1)

    async def refusal(sku: str, quantity: int) -> str:
        with pytest.raises(Refused) as refused:
            await world.put(cart, sku, quantity)
        return refused.value.reason

    assert await refusal("NONE", 1) == "SKU_NOT_FOUND"
    assert await refusal("OFF", 1) == "NOT_ON_SALE"
    assert await refusal("EUR", 1) == "OTHER_CURRENCY"
    assert await refusal("A", -1) == "INVALID_QUANTITY"
    assert await refusal("A", 100_000) == "INVALID_QUANTITY"
    for bad in ("", "$where", "a b", "x" * 65, "ä", ".a", "a\x00"):
        assert await refusal(bad, 1) == "INVALID"
    await world.put(cart, "A", 0)
    assert _lines(await world.put(cart, "EUR", 1)) == {"EUR": 1}


async def test_a_full_cart_stays_as_it_is(world: World) -> None:
    world.catalog.skus |= {f"S{number}": Sku() for number in range(1001)}
    cart = await world.new_cart()
    await world.put(cart, "S0", 1)
    lines = {f"lines.S{number}": {"quantity": 1, "price_minor": 1000} for number in range(1, 1000)}
    await world.service.ground.database["carts"].update_one({"_id": cart}, {"$set": lines})
    with pytest.raises(WrongState) as refused:
        await world.put(cart, "S1000", 1)
    assert refused.value.reason == "CART_FULL"
    assert len((await world.put(cart, "S0", 5)).lines) == 1000


async def test_a_change_of_what_was_not_seen_is_refused(world: World) -> None:
    cart = await world.new_cart()
    seen = await world.put(cart, "A", 1)
    await world.put(cart, "A", 2)
    key = carts_pb2.CartKey(cart_id=cart, if_version=seen.version)
    with pytest.raises(Conflict) as refused:
        await call(world.carts.SetLine, carts_pb2.SetLineRequest(key=key, sku="A", quantity=3))
    assert refused.value.reason == "VERSION_MISMATCH"


async def test_twenty_lines_set_at_once_are_all_there(world: World) -> None:
    world.catalog.skus |= {f"S{number}": Sku() for number in range(20)}
    for _ in range(3):
        cart = await world.new_cart()
        await asyncio.gather(*(world.put(cart, f"S{number}", number + 1) for number in range(20)))
        assert _lines(await world.show(cart)) == {f"S{number}": number + 1 for number in range(20)}


async def test_a_price_change_is_seen_at_once(world: World) -> None:
    cart = await world.new_cart()
    await world.put(cart, "A", 1)
    asked = world.catalog.quoted
    await world.show(cart)
    assert world.catalog.quoted == asked  # remembered
    world.catalog.skus["A"].price = 1200
    await world.house.tell(PriceChanged(sku="A"))
    async with asyncio.timeout(1):
        while (await world.show(cart)).totals[-1].amount.minor != 1200:
            await asyncio.sleep(0.005)


async def test_a_promotion_that_begins_is_seen_at_once(world: World) -> None:
    cart = await world.new_cart()
    await world.put(cart, "A", 2)
    world.marketing.promotion = 500
    await world.house.tell(PromotionChanged(promotion_id="prm_1"))
    async with asyncio.timeout(1):
        while (await world.show(cart)).totals[-1].amount.minor != 1500:
            await asyncio.sleep(0.005)
    shown = await world.show(cart)
    assert [(d.id, d.scope, d.reason, d.amount.minor) for d in shown.discounts] == [
        ("prm_1", "order", "prm_1 off", 500)
    ]
    assert [share.amount.minor for share in shown.discounts[0].allocation] == [500]
    assert (shown.lines[0].discount.minor, shown.lines[0].total.minor) == (500, 1500)


async def test_coupons_say_why_they_give_nothing(world: World) -> None:
    world.marketing.coupons["SAVE"] = 100
    cart = await world.new_cart()
    await world.put(cart, "A", 1)
    assert [m.code for m in (await world.add_coupon(cart, "NOPE")).messages] == ["discount_code_invalid"]
    shown = await world.add_coupon(cart, "ｓave")
    assert (list(shown.coupons), shown.totals[-1].amount.minor) == (["NOPE", "SAVE"], 900)
    again = await world.add_coupon(cart, "SAVE")
    assert "discount_code_already_applied" in [m.code for m in again.messages]
    strange = await world.add_coupon(cart, "é 100 %")
    assert ([m.code for m in strange.messages].count("discount_code_invalid"), len(strange.coupons)) == (2, 2)
    key = carts_pb2.CartKey(cart_id=cart)
    removed = await call(world.carts.RemoveCoupon, carts_pb2.RemoveCouponRequest(key=key, code="save"))
    assert (list(removed.cart.coupons), removed.cart.totals[-1].amount.minor) == (["NOPE"], 1000)
    with pytest.raises(Invalid):
        await world.add_coupon(cart, "a\u202eb")


async def test_what_is_short_or_gone_is_said_in_the_cart(world: World) -> None:
    cart = await world.new_cart()
    world.catalog.skus["A"].available = 1
    shown = await world.put(cart, "A", 2)
    assert [(m.code, m.severity, m.about) for m in shown.messages] == [("out_of_stock", "error", "A")]
    del world.catalog.skus["A"]
    await world.house.tell(PriceChanged(sku="A"))
    await world.house.settled()
    shown = await world.show(cart)
    assert ([m.code for m in shown.messages], shown.lines[0].available) == (["not_on_sale"], 0)


async def test_the_way_to_send_it_is_chosen_from_what_is_on_offer(world: World) -> None:
    cart = await world.new_cart()
    key = carts_pb2.CartKey(cart_id=cart)
    with pytest.raises(WrongState) as refused:
        await call(world.carts.ListDeliveryOptions, carts_pb2.ListDeliveryOptionsRequest(key=key))
    assert refused.value.reason == "ADDRESS_MISSING"
    await world.put(cart, "A", 1)
    await call(world.carts.SetAddress, carts_pb2.SetAddressRequest(key=key, address=ADDRESS))
    ways = await call(world.carts.ListDeliveryOptions, carts_pb2.ListDeliveryOptionsRequest(key=key))
    assert [(way.id, way.price.minor) for way in ways.options] == [("standard", 600)]
    assert world.logistics.quoted_room == (2_000_000, ("cat_1",))
    with pytest.raises(Invalid) as unknown:
        await call(world.carts.ChooseDelivery, carts_pb2.ChooseDeliveryRequest(key=key, option="rocket"))
    assert unknown.value.reason == "UNKNOWN_DELIVERY_OPTION"
    chosen = await call(world.carts.ChooseDelivery, carts_pb2.ChooseDeliveryRequest(key=key, option="standard"))
    assert {total.type: total.amount.minor for total in chosen.cart.totals} == {
        "subtotal": 1000,
        "fulfillment": 600,
        "total": 1600,
    }
    assert chosen.cart.address.street == "文三路 90 号"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"country": "cn"}, "/country"),
        ({"city": " "}, "/city"),
        ({"street": "a\nb"}, "/street"),
        ({"name": "x" * 101}, "/name"),
        ({"phone": "0571"}, "/phone"),
        ({"phone": "١٢٣٤٥٦٧٨٩"}, "/phone"),
        ({"district": "\u202e"}, "/district"),
    ],
)
async def test_a_bad_address_says_which_field(world: World, change: dict[str, str], pointer: str) -> None:
    address = Address()
    address.CopyFrom(ADDRESS)
    for name, value in change.items():
        setattr(address, name, value)
    key = carts_pb2.CartKey(cart_id=await world.new_cart())
    with pytest.raises(Invalid) as refused:
        await call(world.carts.SetAddress, carts_pb2.SetAddressRequest(key=key, address=address))
    assert (refused.value.reason, refused.value.errors[0].pointer) == ("INVALID_ADDRESS", pointer)


async def test_a_customers_cart_is_one_and_theirs_alone(world: World) -> None:
    carts = await asyncio.gather(*(world.new_cart("cus_1") for _ in range(10)))
    assert len(set(carts)) == 1
    await world.put(carts[0], "A", 1, "cus_1")
    for stranger in ("", "cus_2"):
        with pytest.raises(NotFound):
            await world.show(carts[0], stranger)
        with pytest.raises(NotFound):
            await world.put(carts[0], "A", 5, stranger)


async def _merge(world: World, guest: str, customer: str) -> carts_pb2.Cart:
    request = carts_pb2.MergeCartsRequest(guest_cart_id=guest, customer_id=customer)
    return (await call(world.carts.MergeCarts, request)).cart


async def test_signing_in_adds_the_guests_cart_once(world: World) -> None:
    own = await world.new_cart("cus_1")
    await world.put(own, "A", 1, "cus_1")
    guest = await world.filled_cart({"A": 2, "B.2": 3})
    await world.add_coupon(guest, "SAVE")
    answers = await asyncio.gather(*(_merge(world, guest, "cus_1") for _ in range(5)))
    assert {cart.id for cart in answers} == {own}
    merged = await world.show(own, "cus_1")
    assert (_lines(merged), list(merged.coupons)) == ({"A": 3, "B.2": 3}, ["SAVE"])
    assert merged.address.name == "王小明"
    assert (await world.show(guest)).state == "merged"
    with pytest.raises(WrongState) as refused:
        await world.put(guest, "A", 1)
    assert refused.value.reason == "CART_CLOSED"


async def test_a_merge_that_was_cut_short_is_finished_by_the_next(world: World) -> None:
    guest = await world.filled_cart({"A": 2})
    closed = {"$set": {"state": "merged", "merged_into": "cus_1"}}
    await world.service.ground.database["carts"].update_one({"_id": guest}, closed)
    assert _lines(await _merge(world, guest, "cus_1")) == {"A": 2}
    assert _lines(await _merge(world, guest, "cus_2")) == {}


async def test_anothers_cart_is_not_merged(world: World) -> None:
    theirs = await world.new_cart("cus_2")
    await world.put(theirs, "A", 1, "cus_2")
    with pytest.raises(NotFound):
        await _merge(world, theirs, "cus_1")
