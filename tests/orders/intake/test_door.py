"""This is where it is tried that what comes in becomes one order or waits for somebody, and is never lost."""

import asyncio

import pytest
from shop.orders.v1 import channels_pb2, intake_pb2, orders_pb2
from shop.orders.v1.events_pb2 import ChannelOrderStuck, ChannelOrderTaken, OrderDelivered, OrderPaid
from shop.type.v1 import address_pb2, money_pb2

from services.kit.errors import Conflict, Invalid, NotSignedIn, Refused, WrongState
from services.kit.rpc import call
from tests.orders.world import ADDRESS, World

from .desk import EXCEPTION, ORDERED, Desk, line, rung, sold


@pytest.fixture
async def desk(world: World) -> Desk:
    """A desk with a channel of each kind."""
    return await Desk(world).all_open()


async def test_a_marketplaces_order_is_an_order_and_its_money_is_on_the_books(desk: Desk) -> None:
    taken = await desk.one("taobao", sold("T1", line("A", 2, 2000), line("B.2", 1, 2500)))
    assert (taken.order.state, taken.replayed, list(taken.order.flags)) == (ORDERED, False, [])
    order = await desk.world.order(taken.order.order_id)
    assert (order.state, order.channel, order.channel_order_id) == (orders_pb2.ORDER_STATE_PAID, "taobao", "T1")
    assert (order.totals[-1].amount.minor, order.customer_type) == (5100, "b2c")
    assert await desk.world.psp.payments(order.id) == []  # nobody is charged twice
    (payment,) = await desk.payments()
    assert (payment.amount.minor, payment.order_id, payment.settlement) == (5100, order.id, "open")
    kept = await desk.world.service.ground.database["orders"].find_one({"_id": order.id})
    assert kept
    assert kept["ship_clock"]  # it leaves within a day, as any
    await desk.world.house.settled()
    (told,) = desk.world.house.told(OrderPaid)
    assert (told.channel, told.channel_order_id, list(told.holds)) == ("taobao", "T1", [])
    assert [each.order_id for each in desk.world.house.told(ChannelOrderTaken)] == [order.id]


async def test_the_same_number_again_is_the_same_order_and_another_order_under_it_is_refused(desk: Desk) -> None:
    first = await desk.one("taobao", sold("T1", line("A", 1, 1000)))
    again = await desk.one("taobao", sold("T1", line("A", 1, 1000)))
    assert (again.order.order_id, again.replayed) == (first.order.order_id, True)
    other = await desk.one("taobao", sold("T1", line("A", 2, 2000)))
    assert other.refusal == "KEY_REUSED"
    await desk.open("jd", "marketplace")
    elsewhere = await desk.one("jd", sold("T1", line("A", 1, 1000)))
    assert elsewhere.order.order_id != first.order.order_id
    assert len(desk.world.catalog.holds) == 2


async def race(desk: Desk, number: str, buyers: int) -> None:
    """One order, whoever comes first."""
    start = asyncio.Barrier(buyers)
    draft = sold(number, line("A", 1, 1000))

    async def post() -> str:
        await start.wait()
        return (await desk.insist("taobao", draft)).order.order_id

    assert len(set(await asyncio.gather(*(post() for _ in range(buyers))))) == 1
    orders = desk.world.service.ground.database["orders"]
    assert await orders.count_documents({"channel_order_id": number}, hint="channel_order_id") == 1


async def test_one_number_sent_twenty_times_at_once_is_one_order(desk: Desk) -> None:
    await race(desk, "T1", 20)


@pytest.mark.long
async def test_fifty_numbers_sent_twenty_times_at_once_are_fifty_orders(desk: Desk) -> None:
    for run in range(50):
        desk.world.catalog.skus["A"].available = 10
        await race(desk, f"T{run}", 20)


async def test_what_was_sold_below_our_price_is_taken_as_paid_but_held(desk: Desk) -> None:
    taken = await desk.one("taobao", sold("T1", line("A", 3, 2000), line("B.2", 1, 3001)))
    assert list(taken.order.flags) == ["price_mismatch"]
    order = await desk.world.order(taken.order.order_id)
    assert order.totals[-1].amount.minor == 5601
    a, b = order.lines
    assert (a.unit_price.minor, a.discount.minor, a.total.minor) == (1000, 1000, 2000)
    assert (b.unit_price.minor, b.discount.minor, b.total.minor) == (3001, 0, 3001)
    assert [(each.reason, each.amount.minor) for each in order.discounts] == [("As sold on Taobao", 1000)]
    await desk.world.house.settled()
    assert list(desk.world.house.told(OrderPaid)[0].holds) == ["price_mismatch"]


async def test_what_was_agreed_with_a_channel_is_no_mismatch_and_our_promotions_hold_there_too(desk: Desk) -> None:
    row = channels_pb2.ChannelSku(
        channel="taobao", channel_sku="tb:1", sku="A", price=money_pb2.Money(currency="CNY", minor=1200)
    )
    await call(desk.channels.PutChannelSku, channels_pb2.PutChannelSkuRequest(row=row))
    taken = await desk.one("taobao", sold("T1", line("tb:1", 2, 2400)))
    assert (taken.order.state, list(taken.order.flags)) == (ORDERED, [])
    assert desk.world.marketing.channel == "marketplace"  # offers are asked for as they hold there
    desk.world.marketing.promotion = 100
    promoted = await desk.one("taobao", sold("T2", line("A", 1, 900)))
    assert list(promoted.order.flags) == []
    listed = await call(desk.channels.ListChannelSkus, channels_pb2.ListChannelSkusRequest(channel="taobao"))
    assert [each.sku for each in listed.rows] == ["A"]
    gone = channels_pb2.DropChannelSkuRequest(channel="taobao", channel_sku="tb:1")
    await call(desk.channels.DropChannelSku, gone)
    assert (await desk.one("taobao", sold("T3", line("tb:1", 1, 900)))).order.reason == "unknown_sku"


async def test_a_mini_programs_order_is_charged_at_our_price_and_no_other(desk: Desk) -> None:
    draft = {"payment_method": "card", "payment_token": "tok_ok", "freight_minor": 0}
    total = money_pb2.Money(currency="CNY", minor=1600)
    taken = await desk.one("mini", sold("M1", line("A"), total=total, **draft))
    order = await desk.world.order(taken.order.order_id)
    assert [row["captured_minor"] for row in await desk.world.psp.payments(order.id)] == [1600]
    cheaper = money_pb2.Money(currency="CNY", minor=1599)
    wrong = await desk.one("mini", sold("M2", line("A"), total=cheaper, **draft))
    assert (wrong.order.state, wrong.order.reason) == (EXCEPTION, "price_changed")
    declined = await desk.one("mini", sold("M3", line("A"), total=total, **draft | {"payment_token": "tok_declined"}))
    assert declined.order.reason == "payment_declined"
    assert len(desk.world.catalog.holds) == 1
    outside = await desk.one("mini", sold("M4", line("A", 1, 1000)))
    assert outside.refusal == "INVALID_CHANNEL_ORDER"  # nothing was paid there: a mini-program cannot say so


async def test_nobody_at_the_storefront_can_say_that_it_was_paid_elsewhere(desk: Desk) -> None:
    cart = await desk.world.filled_cart({"A": 1})
    with pytest.raises(Invalid):
        await desk.world.check_out(desk.world.request(cart, "external|taobao|external||T1"))


async def test_what_a_till_sold_is_gone_at_once_and_its_member_known(desk: Desk) -> None:
    desk.world.crm.members["ann@example.com"] = "cus_ann"
    taken = await desk.one("till", rung("R1", line("A", 2, 1900), email="ann@example.com"))
    assert (taken.order.state, list(taken.order.flags)) == (ORDERED, ["price_mismatch"])
    order = await desk.world.order(taken.order.order_id, "cus_ann")
    assert (order.state, order.fulfilment) == (orders_pb2.ORDER_STATE_DELIVERED, "in_store")
    assert (order.lines[0].fulfilled, order.totals[-1].amount.minor) == (2, 1900)
    assert desk.world.catalog.taken == {order.id: {"A": 2}}
    assert desk.world.catalog.holds == {}
    kept = await desk.world.service.ground.database["orders"].find_one({"_id": order.id})
    assert kept
    assert (kept["ship_clock"], kept["to_send"], list(order.expectations)) == (None, False, [])
    await desk.world.house.settled()
    (paid,), (delivered,) = desk.world.house.told(OrderPaid), desk.world.house.told(OrderDelivered)
    assert (paid.fulfilment, list(paid.holds), delivered.customer_id) == ("in_store", [], "cus_ann")
    (payment,) = await desk.payments(channel="till")
    assert payment.method == "cash"


async def test_what_the_books_do_not_have_waits_and_goes_on_once_it_was_counted(desk: Desk) -> None:
    desk.world.catalog.short.add("main")
    taken = await desk.one("till", rung("R1", line("A", 2, 2000)))
    assert (taken.order.state, taken.order.reason) == (EXCEPTION, "stock_out")
    assert desk.world.catalog.holds == {}
    desk.world.catalog.short.clear()
    again = await desk.retry(taken.order.id)
    assert (again.state, again.attempts) == (ORDERED, 2)
    voided = {payment.voided: payment.order_id for payment in await desk.payments()}
    assert voided[False] == again.order_id
    assert voided.keys() == {True, False}
    await desk.world.house.settled()
    assert [told.reason for told in desk.world.house.told(ChannelOrderStuck)] == ["stock_out"]


async def test_each_bad_one_of_a_batch_is_named_and_the_good_ones_are_in(desk: Desk) -> None:
    nowhere = address_pb2.Address(country="CN", city="杭州市", street="文三路 90 号", name="王小明", phone="?")
    abroad = address_pb2.Address(country="FR", city="Lyon", street="Rue 1", name="Ann", phone="+33123456789")
    desk.world.catalog.skus["B.2"].live = False
    batch = [
        sold("1", line("A", 1, 1000)),
        sold("2", line("NONE", 1, 1000)),
        sold("3", line("A", 9999, 1000)),
        sold("4", line("A", 1, 1000), address=nowhere),
        sold("5", line("A", 1, 1000), address=abroad),
        sold("6", line("A", 1, 1000), total=money_pb2.Money(currency="CNY", minor=1)),
        sold("7", line("B.2", 1, 2500)),
        sold("8", line("A", 0, 1000)),
        sold("9", line("A", 1, 1000)),
    ]
    taken = await desk.take("taobao", *batch)
    expected = ["", "unknown_sku", "stock_out", "bad_address", "no_delivery", "amounts_differ", "not_on_sale", "", ""]
    assert [each.order.reason for each in taken] == expected
    assert [each.refusal for each in taken] == [""] * 7 + ["INVALID_CHANNEL_ORDER", ""]
    assert [each.order.state for each in (taken[0], taken[8])] == [ORDERED] * 2
    waiting = await desk.listed(state=EXCEPTION, channel="taobao")
    assert {each.channel_order_id for each in waiting} == set("234567")
    assert len(await desk.listed(state=EXCEPTION, reason="bad_address")) == 1
    assert len(desk.world.catalog.holds) == 2
    counted = desk.world.service.ground.metrics.registry.get_sample_value(
        "shop_channel_orders_total", {"kind": "marketplace", "outcome": "ordered"}
    )
    assert counted == 2


async def test_an_exception_is_repaired_by_one_and_closed_by_none_after(desk: Desk) -> None:
    stuck = (await desk.one("taobao", sold("T1", line("tb:9", 1, 1000)))).order
    seen = await desk.record(stuck.id)
    assert seen.draft.address.name == ADDRESS.name
    with pytest.raises(Conflict):
        await desk.retry(stuck.id, if_version=stuck.version + 7)
    repaired = await desk.retry(stuck.id, if_version=seen.version, lines=[line("A", 1, 1000)])
    assert repaired.state == ORDERED
    assert not (await desk.record(stuck.id)).HasField("draft")  # the order has it, sealed
    closing = intake_pb2.CloseChannelOrderRequest(id=stuck.id, note="by hand", by="stf_1")
    with pytest.raises(WrongState):
        await call(desk.intake.CloseChannelOrder, closing)
    other = (await desk.one("taobao", sold("T2", line("tb:9", 1, 1000)))).order
    closing.id = other.id
    closed = (await call(desk.intake.CloseChannelOrder, closing)).order
    assert (closed.state, closed.closed_note) == (intake_pb2.CHANNEL_ORDER_STATE_CLOSED, "by hand")
    again = await desk.one("taobao", sold("T2", line("tb:9", 1, 1000)))
    assert (again.replayed, again.order.state) == (True, intake_pb2.CHANNEL_ORDER_STATE_CLOSED)


async def test_a_channel_proves_itself_by_its_key_and_an_old_key_is_good_until_the_second_after(desk: Desk) -> None:
    made = channels_pb2.MakeChannelKeyRequest(code="taobao")
    keys = [(await call(desk.channels.MakeChannelKey, made)).key for _ in range(3)]
    draft = sold("T1", line("A", 1, 1000))
    for key in ("", "chk_wrong", keys[0]):
        with pytest.raises(NotSignedIn):
            await call(desk.intake.TakeOrders, intake_pb2.TakeOrdersRequest(channel="taobao", key=key, orders=[draft]))
    for key in keys[1:]:
        asked = intake_pb2.TakeOrdersRequest(channel="taobao", key=key, orders=[draft])
        assert (await call(desk.intake.TakeOrders, asked)).taken[0].order.state == ORDERED
    with pytest.raises(NotSignedIn):
        await call(desk.intake.TakeOrders, intake_pb2.TakeOrdersRequest(channel="mini", key=keys[2], orders=[draft]))


async def test_what_a_channel_settles_is_compared_to_the_last_fen(desk: Desk) -> None:
    await desk.take("taobao", sold("T1", line("A", 1, 1000)), sold("T2", line("A", 1, 1000)))
    rows = [
        intake_pb2.SettlementRow(channel_order_id=number, settled=money_pb2.Money(currency="CNY", minor=minor))
        for number, minor in (("T1", 1600), ("T2", 1599), ("T3", 1))
    ]
    asked = intake_pb2.SettleChannelRequest(channel="taobao", settlement="S-1", rows=rows)
    for _ in range(2):
        found = (await call(desk.intake.SettleChannel, asked)).rows
        assert [(row.outcome, row.expected_minor) for row in found] == [
            ("matched", 1600),
            ("differs", 1600),
            ("unknown", 0),
        ]
    assert [each.channel_order_id for each in await desk.payments(settlement="differs")] == ["T2"]


async def test_money_of_a_cancelled_order_is_the_channels_to_give_back(desk: Desk) -> None:
    taken = await desk.one("taobao", sold("T1", line("A", 1, 1000)))
    assert (await desk.world.cancel(taken.order.order_id)).state == orders_pb2.ORDER_STATE_CANCELLED
    (payment,) = await desk.payments()
    assert (payment.refunded_minor, payment.amount.minor) == (1600, 1600)
    assert desk.world.catalog.holds == {}


async def test_no_channel_can_be_what_it_is_not(desk: Desk) -> None:
    for code, kind, warehouse in (
        ("storefront", "live", ""),
        ("x", "shop", ""),
        ("x", "store", ""),
        ("x", "live", "main"),
    ):
        with pytest.raises(Refused):
            await desk.open(code, kind, warehouse=warehouse)
    channel = channels_pb2.Channel(code="taobao", title="T", kind="marketplace", open=False)
    await call(desk.channels.PutChannel, channels_pb2.PutChannelRequest(channel=channel))
    with pytest.raises(WrongState):
        await desk.one("taobao", sold("T1", line("A", 1, 1000)))
    stale = channels_pb2.PutChannelRequest(channel=channel, if_version=99)
    with pytest.raises(Conflict):
        await call(desk.channels.PutChannel, stale)
