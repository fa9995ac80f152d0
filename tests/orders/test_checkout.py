"""This is where a cart becomes a paid order, once, or comes to nothing without a trace."""

import asyncio

import bson
import pytest
from shop.catalog.v1.events_pb2 import PriceChanged
from shop.orders.v1 import carts_pb2, orders_pb2
from shop.orders.v1.events_pb2 import CheckoutRefused, OrderPaid
from shop.type.v1.address_pb2 import Address

from services.kit.errors import Conflict, FieldError, Invalid, Refused, Unavailable, WrongState
from services.kit.rpc import call
from services.kit.seal import Seal
from services.kit.settings import DEVELOPMENT_SEAL_KEY

from .world import World


def _total(order: orders_pb2.Order) -> int:
    return next(total.amount.minor for total in order.totals if total.type == "total")


async def test_a_cart_becomes_a_paid_order(world: World) -> None:
    world.marketing.promotion = 300
    cart = await world.filled_cart({"A": 2, "B.2": 1}, "cus_1")
    order = (await world.check_out(world.request(cart, customer_id="cus_1", points=200))).order

    assert order.state == orders_pb2.ORDER_STATE_PAID
    assert {total.type: total.amount.minor for total in order.totals} == {
        "subtotal": 4500,
        "order_discount": -300,
        "points": -200,
        "fulfillment": 600,
        "total": 4600,
    }
    assert [event.type for event in order.events] == ["placed", "paid"]
    assert order.address.name == "王小明"
    assert order.address.phone == "+8613812345678"
    assert [payment["captured_minor"] for payment in await world.psp.payments(order.id)] == [4600]
    assert world.crm.balance == 300
    assert world.catalog.holds == {order.id: {"A": 2, "B.2": 1}}
    assert (await world.show(cart, "cus_1")).state == "ordered"
    assert (await world.order(order.id, "cus_1")).version == order.version


async def test_others_hear_of_a_paid_order_with_all_they_need_and_no_name(world: World) -> None:
    world.marketing.promotion = 300
    order = await world.bought({"A": 2, "B.2": 1})
    await world.house.settled()
    [told] = world.house.told(OrderPaid)
    assert (told.order_id, told.goods.minor, told.freight.minor, told.total.minor) == (order.id, 4200, 600, 4800)
    assert sum(line.paid.minor for line in told.lines) == 4200
    assert (told.lines[0].cost.minor, told.lines[0].weight_g, told.lines[0].category) == (400, 300, "cat_1")
    assert told.promotions == ["prm_1"]
    assert told.region.city == "杭州市"
    assert "王小明".encode() not in told.SerializeToString()
    opened = Seal(DEVELOPMENT_SEAL_KEY).open(told.sealed_address, order.id)
    assert Address.FromString(opened).name == "王小明"


async def test_nothing_personal_is_kept_in_clear(world: World) -> None:
    order = await world.bought({"A": 1})
    for name in ("orders", "carts"):
        for document in await world.service.ground.database[name].find({}).sort("_id", 1).to_list():
            kept = bson.encode(document)
            assert document["_id"].encode() in kept
            for secret in ("王小明", "13812345678", "文三路", "guest@example.com", "tok_ok"):
                assert secret.encode() not in kept
    assert order.address.name == "王小明"


async def test_the_same_request_twice_places_one_order(world: World) -> None:
    request = world.request(await world.filled_cart({"A": 1}))
    first, second = await world.check_out(request), await world.check_out(request)
    assert (first.replayed, second.replayed) == (False, True)
    assert first.order.SerializeToString(deterministic=True) == second.order.SerializeToString(deterministic=True)
    assert len(await world.psp.payments(first.order.id)) == 1


async def _fifty_at_once(world: World) -> None:
    request = world.request(await world.filled_cart({"A": 1}))
    answers = await asyncio.gather(*(world.check_out(request) for _ in range(50)), return_exceptions=True)
    fine = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert {answer.order.id for answer in fine} == {fine[0].order.id}
    assert {no.reason for no in answers if isinstance(no, Refused)} <= {"KEY_IN_PROGRESS"}
    assert len(await world.psp.payments(fine[0].order.id)) == 1
    orders = world.service.ground.database["orders"]
    assert await orders.count_documents({"request_id": request.request_id}) == len(fine[:1])
    again = await world.check_out(request)
    assert (again.replayed, again.order.id) == (True, fine[0].order.id)


async def test_the_same_request_fifty_times_at_once_places_one_order(world: World) -> None:
    for runs in range(1, 4):
        await _fifty_at_once(world)
        assert len(world.catalog.holds) == len({entry["payment_id"] for entry in await world.psp.ledger()}) == runs


@pytest.mark.long
async def test_the_same_request_fifty_times_at_once_fifty_times(world: World) -> None:
    for runs in range(1, 51):
        await _fifty_at_once(world)
        assert len(world.catalog.holds) == len({entry["payment_id"] for entry in await world.psp.ledger()}) == runs


async def test_a_key_used_for_something_else_is_refused(world: World) -> None:
    cart = await world.filled_cart({"A": 1})
    await world.check_out(world.request(cart, key="k1"))
    with pytest.raises(Invalid) as refused:
        await world.check_out(world.request("crt_another", key="k1"))
    assert refused.value.reason == "KEY_REUSED"


async def test_one_cart_gives_one_order_however_many_keys(world: World) -> None:
    cart = await world.filled_cart({"A": 1})
    answers = await asyncio.gather(*(world.check_out(world.request(cart)) for _ in range(10)), return_exceptions=True)
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert {no.reason for no in answers if isinstance(no, Refused)} == {"CART_CLOSED"}
    assert len(world.catalog.holds) == 1


async def test_a_declined_card_leaves_no_trace_but_the_cart(world: World) -> None:
    world.marketing.coupons["SAVE"] = 100
    cart = await world.filled_cart({"A": 3}, "cus_1")
    await world.add_coupon(cart, " save ", "cus_1")
    request = world.request(cart, "tok_declined", customer_id="cus_1", points=50)
    for _ in range(2):  # the same answer again
        with pytest.raises(WrongState) as refused:
            await world.check_out(request)
        assert refused.value.reason == "PAYMENT_DECLINED"
        assert refused.value.meta["decline_code"] == "card_declined"
    assert (world.catalog.skus["A"].available, world.crm.balance, world.marketing.taken) == (100, 500, {})
    assert (await world.show(cart, "cus_1")).state == "open"
    order = (await world.check_out(world.request(cart, customer_id="cus_1"))).order
    assert order.state == orders_pb2.ORDER_STATE_PAID
    await world.house.settled()
    assert [told.reason for told in world.house.told(CheckoutRefused)] == ["PAYMENT_DECLINED"]


async def test_out_of_stock_charges_nothing(world: World) -> None:
    cart = await world.filled_cart({"A": 2})
    world.catalog.skus["A"].available = 1
    with pytest.raises(WrongState) as refused:
        await world.check_out(world.request(cart))
    assert refused.value.reason == "OUT_OF_STOCK"
    assert refused.value.meta["available"] == "1"
    assert await world.psp.ledger() == []


async def test_nobody_pays_a_price_they_have_not_seen(world: World) -> None:
    cart = await world.filled_cart({"A": 1})
    world.catalog.skus["A"].price = 1500
    with pytest.raises(WrongState) as refused:  # what orders remembers is old, the hold says so
        await world.check_out(world.request(cart))
    assert refused.value.reason == "PRICE_CHANGED"
    with pytest.raises(WrongState, match="costs something else"):  # and now it is known
        await world.check_out(world.request(cart))
    shown = await world.show(cart)
    assert [message.code for message in shown.messages] == ["price_changed"]
    assert (await world.show(cart)).messages == []
    assert _total((await world.check_out(world.request(cart))).order) == 2100


async def test_a_coupon_that_stopped_working_is_said_before_it_costs(world: World) -> None:
    world.marketing.coupons["SAVE"] = 300
    cart = await world.filled_cart({"A": 1})
    assert [discount.amount.minor for discount in (await world.add_coupon(cart, "SAVE")).discounts] == [300]
    world.marketing.limit = 0
    with pytest.raises(WrongState) as refused:
        await world.check_out(world.request(cart))
    assert refused.value.reason == "COUPON_USED_UP"
    assert world.catalog.skus["A"].available == 100
    with pytest.raises(WrongState) as refused:  # even once it is known
        await world.check_out(world.request(cart))
    assert refused.value.reason == "COUPON_USED_UP"
    assert [message.code for message in (await world.show(cart)).messages] == ["discount_code_invalid"]
    assert _total((await world.check_out(world.request(cart))).order) == 1600


async def test_points_that_are_not_there_stop_it(world: World) -> None:
    cart = await world.filled_cart({"A": 1}, "cus_1")
    with pytest.raises(WrongState) as refused:
        await world.check_out(world.request(cart, customer_id="cus_1", points=600))
    assert refused.value.reason == "POINTS_SHORT"
    assert world.catalog.holds == {}


async def test_points_pay_for_goods_at_most(world: World) -> None:
    world.crm.balance = 5000
    cart = await world.filled_cart({"A": 1}, "cus_1")
    order = (await world.check_out(world.request(cart, customer_id="cus_1", points=5000))).order
    assert (_total(order), order.points_spent, world.crm.balance) == (600, 1000, 4000)


async def test_an_order_that_costs_nothing_is_not_charged(world: World) -> None:
    world.logistics.price = 0
    world.marketing.promotion = 1000
    order = await world.bought({"A": 1})
    assert (order.state, _total(order)) == (orders_pb2.ORDER_STATE_PAID, 0)
    assert await world.psp.ledger() == []


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"email": "no address"}, "INVALID"),
        ({"payment_method": "cash"}, "UNKNOWN_PAYMENT_METHOD"),
        ({"token": "4242 4242 4242 4242"}, "INVALID"),
        ({"token": "4242424242424242"}, "INVALID"),
        ({"token": "tok\x00"}, "INVALID"),
        ({"token": ""}, "INVALID"),
        ({"points": -1}, "INVALID"),
        ({"points": 5}, "INVALID"),
        ({"customer_id": "$ne"}, "INVALID"),
        ({"key": "with space"}, "INVALID"),
    ],
)
async def test_what_could_never_succeed_is_refused_and_not_kept(
    world: World, more: dict[str, str], reason: str
) -> None:
    cart = await world.filled_cart({"A": 1})
    with pytest.raises(Invalid) as refused:
        await world.check_out(world.request(cart, **more))
    assert refused.value.reason == reason
    assert isinstance(refused.value.errors[0], FieldError)
    assert "4242" not in str(refused.value)
    assert await world.service.ground.database["orders"].count_documents({"_id": {"$gt": ""}}) == 0


async def test_what_is_missing_is_said(world: World) -> None:
    cart = await world.new_cart()

    async def refusal() -> str:
        with pytest.raises(WrongState) as refused:
            await world.check_out(world.request(cart))
        return refused.value.reason

    key = carts_pb2.CartKey(cart_id=cart)
    assert await refusal() == "CART_EMPTY"
    await world.put(cart, "A", 1)
    assert await refusal() == "ADDRESS_MISSING"
    address = Address(country="CN", city="杭州市", street="文三路", name="W", phone="+8613812345678")
    await call(world.carts.SetAddress, carts_pb2.SetAddressRequest(key=key, address=address))
    assert await refusal() == "DELIVERY_MISSING"
    await call(world.carts.ChooseDelivery, carts_pb2.ChooseDeliveryRequest(key=key, option="standard"))
    world.catalog.skus["A"].live = False
    await world.house.tell(PriceChanged(sku="A"))
    await world.house.settled()
    assert await refusal() == "NOT_ON_SALE"


async def test_without_marketing_the_shop_goes_on_selling_but_not_past_a_coupon(world: World) -> None:
    world.faults.always["EvaluateCart", "before"] = Unavailable("away")
    order = await world.bought({"A": 1})
    assert order.state == orders_pb2.ORDER_STATE_PAID
    cart = await world.filled_cart({"A": 1})
    shown = await world.add_coupon(cart, "SAVE")
    assert [message.code for message in shown.messages] == ["discounts_unavailable"]
    with pytest.raises(Unavailable):
        await world.check_out(world.request(cart))


async def test_without_crm_and_logistics_the_shop_goes_on_selling(world: World) -> None:
    cart = await world.filled_cart({"A": 1})
    for name in ("QuoteDelivery", "SpendPoints"):
        world.faults.always[name, "before"] = Unavailable("away")
    await world.another_instance()  # which remembers nothing
    assert (await world.check_out(world.request(cart))).order.state == orders_pb2.ORDER_STATE_PAID


async def test_holds_of_living_orders_are_kept(world: World) -> None:
    paid = await world.bought({"A": 1})
    cart = await world.filled_cart({"A": 1})
    with pytest.raises(WrongState) as refused:
        await world.check_out(world.request(cart, "tok_declined"))
    ids = [paid.id, refused.value.meta["order_id"], "ord_unknown"]
    fates = (await call(world.orders.ListHoldFates, orders_pb2.ListHoldFatesRequest(order_ids=ids))).fates
    keep, release = orders_pb2.HOLD_FATE_KEEP, orders_pb2.HOLD_FATE_RELEASE
    assert list(fates) == [keep, release, release]


async def test_a_first_request_still_at_it_is_said_so(world: World) -> None:
    request = world.request(await world.filled_cart({"A": 1}))
    reached = asyncio.Event()
    world.faults.once["HoldStock", "before"] = reached
    first = world.checkout.Checkout(request)
    await reached.wait()
    with pytest.raises(Conflict) as refused:
        await world.check_out(request)
    assert (refused.value.reason, refused.value.meta["retry_after_s"]) == ("KEY_IN_PROGRESS", "1")
    first.cancel()
