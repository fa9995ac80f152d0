"""This is where staff's promotions prove that they reach carts, and end."""

from datetime import timedelta
from typing import Any, cast

import pytest
from shop.marketing.v1 import promotions_pb2 as pp
from shop.marketing.v1.events_pb2 import PromotionChanged
from shop.type.v1.page_pb2 import Page

from services.kit.clock import SettableClock, rfc3339
from services.kit.errors import Invalid, NotFound
from services.kit.rpc import call
from services.marketing.promotions import Promotion
from services.marketing.running import Running
from tests.house import House
from tests.marketing.shop import cny, open_marketing

PERCENT = {"kind": pp.PROMOTION_KIND_LIMITED_TIME, "percent_bp": 1_000}
SPEND = {"kind": pp.PROMOTION_KIND_SPEND_THRESHOLD, "threshold": cny(19_900), "amount_off": cny(3_000)}


async def test_a_new_promotion_is_in_the_very_next_cart_and_gone_when_ended(house: House) -> None:
    shop = await open_marketing(house)
    assert not (await shop.evaluate()).applied
    made = await shop.promotion(title="Double 11", **SPEND)
    (applied,) = (await shop.evaluate()).applied
    assert (applied.id, applied.amount, list(applied.skus), list(applied.shares_minor)) == (
        made.id,
        cny(3_000),
        ["TEA"],
        [3_000],
    )
    assert applied.reason == "Double 11 · Spend ¥199.00, save ¥30.00 · 滿199減30"
    ended = (await call(shop.promotions.EndPromotion, pp.EndPromotionRequest(id=made.id, by="stf_1"))).promotion
    assert ended.ends_at
    assert not (await shop.evaluate()).applied
    again = (await call(shop.promotions.EndPromotion, pp.EndPromotionRequest(id=made.id, by="stf_1"))).promotion
    assert again == ended
    await house.settled()
    assert [event.promotion_id for event in house.told(PromotionChanged)] == [made.id, made.id]


async def test_a_promotion_made_elsewhere_is_heard_of_without_waiting(house: House) -> None:
    shop = await open_marketing(house)
    made = await shop.promotion(**PERCENT)
    await house.settled()
    assert (await shop.evaluate()).applied
    over = {"ends_at": house.clock.now()}
    await shop.started.ground.database["promotions"].update_one({"_id": made.id}, {"$set": over})
    await house.tell(PromotionChanged(promotion_id=made.id))
    while (await shop.evaluate()).applied:  # the clock stands still: only the event can make it read again
        await house.settled()


class ChangedWhileRead:
    """A store in which something changes while it is read for the first time."""

    def __init__(self) -> None:
        self.reads = 0
        self.change: Any = None

    async def find(self, *_: Any, **__: Any) -> list[Promotion]:
        self.reads += 1
        if self.reads == 1:
            self.change()
        return []


async def test_a_change_while_the_rules_are_read_is_not_overlooked() -> None:
    store = ChangedWhileRead()
    running: Running[int] = Running(cast(Any, store), SettableClock(), len)
    store.change = running.forget
    for _ in range(3):
        await running.rules()
    assert store.reads == 2


async def test_a_promotion_begins_and_ends_by_the_clock(house: House) -> None:
    shop = await open_marketing(house)
    start, end = house.clock.now() + timedelta(hours=1), house.clock.now() + timedelta(hours=2)
    await shop.promotion(starts_at=rfc3339(start), ends_at=rfc3339(end), **PERCENT)
    applied = []
    for _ in range(3):
        applied.append(len((await shop.evaluate()).applied))
        house.clock.advance(hours=1)
    assert applied == [0, 1, 0]


async def test_promotions_are_listed_newest_first_by_page(house: House) -> None:
    shop = await open_marketing(house)
    made = [(await shop.promotion(**PERCENT)).id for _ in range(3)]
    await call(shop.promotions.EndPromotion, pp.EndPromotionRequest(id=made[1]))
    first = await call(shop.promotions.ListPromotions, pp.ListPromotionsRequest(page=Page(limit=2)))
    rest = await call(
        shop.promotions.ListPromotions, pp.ListPromotionsRequest(page=Page(limit=2, cursor=first.next_cursor))
    )
    assert [each.id for each in (*first.promotions, *rest.promotions)] == made[::-1]
    assert rest.next_cursor == ""
    live = await call(shop.promotions.ListPromotions, pp.ListPromotionsRequest(live=True))
    assert [each.id for each in live.promotions] == [made[2], made[0]]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({}, "/kind"),
        (PERCENT | {"percent_bp": 0}, "/percent_bp"),
        (PERCENT | {"percent_bp": 10_000}, "/percent_bp"),
        (PERCENT | {"amount_off": cny(1)}, "/amount_off"),
        (PERCENT | {"starts_at": "yesterday"}, "/starts_at"),
        (PERCENT | {"ends_at": "2020-01-01T00:00:00Z"}, "/ends_at"),
        (PERCENT | {"starts_at": "2090-01-02T00:00:00Z", "ends_at": "2090-01-01T00:00:00Z"}, "/ends_at"),
        (PERCENT | {"skus": ["fine", "not fine"]}, "/skus/1"),
        (PERCENT | {"categories": ["a\x00b"]}, "/categories/0"),
        (PERCENT | {"title": "x" * 201}, "/title"),
        (PERCENT | {"priority": 1_001}, "/priority"),
        (SPEND | {"amount_off": cny(19_900)}, "/amount_off/minor"),
        (SPEND | {"amount_off": cny(-1)}, "/amount_off/minor"),
        (SPEND | {"threshold": cny(0)}, "/threshold/minor"),
        (SPEND | {"percent_bp": 5}, "/amount_off"),
    ],
)
async def test_what_cannot_be_a_promotion_is_refused_field_by_field(
    house: House, fields: dict[str, Any], pointer: str
) -> None:
    shop = await open_marketing(house)
    with pytest.raises(Invalid) as refused:
        await shop.promotion(**fields)
    assert refused.value.reason == "INVALID_PROMOTION"
    assert pointer in {error.pointer for error in refused.value.errors}


async def test_an_unknown_promotion_cannot_be_ended(house: House) -> None:
    shop = await open_marketing(house)
    with pytest.raises(NotFound) as refused:
        await call(shop.promotions.EndPromotion, pp.EndPromotionRequest(id="prm_none"))
    assert refused.value.reason == "PROMOTION_NOT_FOUND"
