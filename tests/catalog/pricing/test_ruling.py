"""This is where prices follow their rules, once, whoever looks and whatever happened in between."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from shop.catalog.v1 import price_rules_pb2 as pb
from shop.catalog.v1.events_pb2 import PriceChanged
from shop.catalog.v1.prices_pb2 import SetPriceRequest
from shop.catalog.v1.products_pb2 import UpdateProductRequest

from services.catalog import service
from services.catalog.gates import Finding, Gates, Repricing
from services.kit.clock import rfc3339
from services.kit.errors import NotFound, Refused
from services.kit.rpc import call
from tests.catalog.counter import Counter, cny
from tests.catalog.pricing.ruler import Ruler, steps
from tests.house import House


@pytest.fixture
async def ruler(counter: Counter) -> Ruler:
    """A replica that looks when it is told to, beside the one that runs."""
    return Ruler(counter)


async def staff_sets(ruler: Ruler, sku: str, minor: int) -> None:
    await call(ruler.counter.prices.SetPrice, SetPriceRequest(sku=sku, price=cny(minor), by="stf_9"), timeout_s=10)


async def test_a_rule_sets_the_price_when_it_starts_and_the_regular_one_when_it_ends(ruler: Ruler) -> None:
    await ruler.counter.sell("A", price_minor=1000)
    rule = await ruler.rule("A", starts_in=30)
    await ruler.look()
    assert await ruler.history("A") == [1000]
    ruler.clock.advance(minutes=30)
    await ruler.look()
    tag = await ruler.tag("A")
    assert (tag.price.minor, tag.regular_price.minor, tag.rule.id) == (800, 1000, rule)
    assert (tag.lowest_30_days.minor, tag.reduced_at) == (1000, rfc3339(ruler.clock.now()))
    assert tag.rule.ends_at == rfc3339(ruler.clock.now() + timedelta(minutes=60))
    ruler.clock.advance(minutes=60)
    await asyncio.gather(*(ruler.look() for _ in range(3)))
    tag = await ruler.tag("A")
    assert (tag.price.minor, tag.regular_price.minor, tag.HasField("rule")) == (1000, 1000, False)
    assert await ruler.history("A") == [1000, 800, 1000]
    entry = await ruler.counter.database["prices"].find_one({"_id": "A:2"})
    assert entry and rule in entry["reason"] and "An hour" in entry["reason"]
    await ruler.counter.house.settled()
    assert [each.new_price.minor for each in ruler.counter.house.told(PriceChanged)] == [800, 1000]


async def test_what_came_due_while_nobody_looked_is_done_once_when_somebody_does(ruler: Ruler) -> None:
    house, counter = ruler.counter.house, ruler.counter
    await counter.sell("A", "B", price_minor=1000)
    await ruler.rule("A", **steps((0, 500), (20, 600), (40, 700)))
    await ruler.rule("B", minutes=30)
    await ruler.look()
    await counter.started.stop()
    house.clock.advance(minutes=45)
    again = Ruler(Counter(house, await house.start("catalog")))
    await again.look()
    assert await again.history("A") == [1000, 500, 700]  # what nobody could see never was
    assert await again.history("B") == [1000, 800, 1000]


async def test_two_replicas_that_look_at_once_change_each_price_once(ruler: Ruler) -> None:
    skus = [f"S{n}" for n in range(12)]
    await ruler.counter.sell(*skus, price_minor=1000)
    rule = await ruler.rule(*skus)
    others = [Ruler(ruler.counter) for _ in range(3)]
    await asyncio.gather(*(each.look() for each in [ruler, *others]))
    await ruler.look()
    assert [await ruler.history(sku) for sku in skus] == [[1000, 800]] * 12
    await ruler.end(rule)
    await asyncio.gather(*(each.look() for each in [ruler, *others]))
    await ruler.look()
    assert [await ruler.history(sku) for sku in skus] == [[1000, 800, 1000]] * 12


async def test_a_price_staff_set_meanwhile_is_the_regular_one_from_then_on(ruler: Ruler) -> None:
    await ruler.counter.sell("A", price_minor=1000)
    rule = await ruler.rule("A")
    await ruler.look()
    await staff_sets(ruler, "A", 1200)
    await ruler.counter.house.settled()
    await ruler.look()
    tag = await ruler.tag("A")
    assert (tag.price.minor, tag.regular_price.minor) == (960, 1200)
    await ruler.end(rule)
    await ruler.look()
    assert await ruler.history("A") == [1000, 800, 1200, 960, 1200]


async def test_a_price_staff_set_after_the_end_stays(ruler: Ruler) -> None:
    await ruler.counter.sell("A", price_minor=1000)
    await ruler.rule("A")
    await ruler.look()
    await ruler.counter.started.stop()  # nobody looks when it ends
    ruler.clock.advance(minutes=61)
    again = Ruler(Counter(ruler.counter.house, await ruler.counter.house.start("catalog")))
    await staff_sets(again, "A", 1100)
    await again.look()
    assert (await again.history("A"))[-1] == 1100
    assert await again.price("A") == 1100


async def test_steps_go_with_what_is_sold_since_the_start(ruler: Ruler) -> None:
    counter = ruler.counter
    await counter.sell("A", price_minor=1000, stock=50)
    await counter.hold("ord_0", {"A": 7}, price=1000)
    await counter.confirm("ord_0", ("A", "main", 7))  # before it starts
    await ruler.rule("A", **steps((0, 500), (5, 600), (8, 700), units=True))
    await ruler.look()
    tag = await ruler.tag("A")
    assert (tag.price.minor, tag.rule.next_step.price.minor, tag.rule.next_step.units_left) == (500, 600, 5)
    for order, units, price in (("ord_1", 4, 500), ("ord_2", 1, 600), ("ord_3", 3, 700)):
        await counter.hold(order, {"A": units}, price=await ruler.price("A"))
        await counter.confirm(order, ("A", "main", units))
        await ruler.look()
        assert await ruler.price("A") == price, order
    ruler.clock.advance(minutes=60)
    await ruler.look()
    assert await ruler.history("A") == [1000, 500, 600, 700, 1000]


async def test_the_higher_priority_counts_then_the_best_for_the_customer(ruler: Ruler) -> None:
    await ruler.counter.sell("A", price_minor=1000)
    await ruler.rule("A", minutes=100)
    await ruler.rule("A", minutes=50, cut=pb.PriceCut(price=cny(700)))
    dear = await ruler.rule("A", minutes=100, cut=pb.PriceCut(amount_off=cny(50)), priority=1)
    await ruler.look()
    assert await ruler.price("A") == 950
    await ruler.end(dear)
    await ruler.look()
    assert await ruler.price("A") == 700
    ruler.clock.advance(minutes=50)
    await ruler.look()
    tag = await ruler.tag("A")
    assert (tag.price.minor, tag.regular_price.minor) == (800, 1000)
    assert await ruler.history("A") == [1000, 950, 700, 800]


async def test_a_category_is_ruled_with_all_below_it_and_with_what_comes_later(ruler: Ruler) -> None:
    await ruler.counter.sell("A", "B", price_minor=1000)
    await ruler.counter.sell("T", price_minor=1000, category="Toys", tags="sale")
    await ruler.rule(selection=pb.Selection(categories=["home-garden"], tags=["sale"]))
    await ruler.look()
    assert [await ruler.price(sku) for sku in "ABT"] == [800, 800, 800]
    await ruler.counter.sell("C", price_minor=500)
    product = await ruler.counter.database["products"].find_one({"variants.sku": "B", "state": "live"}, hint=_LIVE)
    assert product
    moved = UpdateProductRequest(id=product["_id"], patch=b'{"category":"toys"}', by="stf")
    await call(ruler.counter.products.UpdateProduct, moved)
    await ruler.counter.house.settled()
    await ruler.look()
    assert [await ruler.price(sku) for sku in "ABCT"] == [800, 1000, 400, 800]


_LIVE = [("state", 1), ("_id", -1)]


class Floor:
    """No price below ¥8.50."""

    async def look_at_prices(self, changes: Sequence[Repricing]) -> Sequence[Sequence[Finding]]:
        low = Finding("MARGIN", "/price/minor", "below the floor", "低于底价")
        return [[low] if change.price.minor < 850 else [] for change in changes]


async def test_what_a_gate_refuses_is_not_set_and_staff_are_told_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gates = Gates()
    gates.of_prices.append(Floor())
    monkeypatch.setattr(service, "Gates", lambda: gates)
    ruler = Ruler(Counter(house, await house.start("catalog")), gates)
    await ruler.counter.sell("A", "B", price_minor=1000)
    low = await ruler.rule("A")
    await ruler.rule("A", cut=pb.PriceCut(price=cny(900)))
    await ruler.look()
    await ruler.look()
    assert await ruler.history("A") == [1000, 900]  # the next best
    shown = await call(ruler.stub.GetPriceRule, pb.GetPriceRuleRequest(id=low))
    assert shown.skus == 1
    assert [(row.sku, "below the floor" in row.why) for row in shown.refused] == [("A", True)]
    assert await ruler.counter.database["notices"].count_documents({"_id": {"$gt": ""}}) == 1
    await staff_sets(ruler, "B", 900)  # its regular price may not be set today: the floor has risen since it was
    await ruler.rule("B", minutes=10, cut=pb.PriceCut(price=cny(890)))
    await ruler.look()
    gates.of_prices.clear()
    gates.of_prices.append(_Nothing())
    ruler.clock.advance(minutes=10)
    await ruler.look()
    assert await ruler.history("B") == [1000, 900, 890, 900]


class _Nothing:
    """No price at all."""

    async def look_at_prices(self, changes: Sequence[Repricing]) -> Sequence[Sequence[Finding]]:
        return [[Finding("MARGIN", "/price/minor", "no price", "不可定价")] for _ in changes]


async def test_rules_are_listed_ended_once_and_refused(ruler: Ruler) -> None:
    rules = [await ruler.rule("A", title=f"n{n}") for n in range(3)]
    await ruler.end(rules[1])
    listed = await call(ruler.stub.ListPriceRules, pb.ListPriceRulesRequest(open=True))
    assert [rule.id for rule in listed.rules] == [rules[2], rules[0]]
    await ruler.end(rules[1])
    with pytest.raises(NotFound):
        await ruler.end("prl_none")
    with pytest.raises(NotFound):
        await ruler.tag("A")
    with pytest.raises(Refused) as refused:
        await ruler.rule("A", minutes=-5)
    assert refused.value.reason == "INVALID_PRICE_RULE"


async def _live_through(ruler: Ruler, sku: str, seed: int) -> None:
    """Rules, editors and replicas in any order; then all rules end."""
    dice = random.Random(seed)
    regular, open_rules = 1000, list[str]()
    for _ in range(8):
        what = dice.choice(["rule", "rule", "flash", "staff", "end", "look", "look", "pass"])
        if what == "rule":
            cut = pb.PriceCut(percent_bp=dice.randrange(1, 60) * 100)
            priority = dice.randrange(2)
            open_rules.append(await ruler.rule(sku, minutes=dice.randrange(90, 300), cut=cut, priority=priority))
        elif what == "flash":
            open_rules.append(await ruler.rule(sku, minutes=100, **steps((0, 300), (10, 500), (20, 400))))
        elif what == "staff":
            regular = dice.randrange(800, 2_000)
            await asyncio.gather(staff_sets(ruler, sku, regular), ruler.ruling.look(sku))
        elif what == "end" and open_rules:
            await ruler.end(open_rules.pop(dice.randrange(len(open_rules))))
        elif what == "pass":
            ruler.clock.advance(minutes=7)
        elif what == "look":
            await asyncio.gather(*(ruler.ruling.look(sku) for _ in range(dice.randrange(1, 4))))
    for rule in open_rules:
        await ruler.end(rule)
    await asyncio.gather(ruler.ruling.look(sku), ruler.ruling.look(sku))
    await ruler.ruling.look(sku)
    history = await ruler.history(sku)
    by = [entry["by"] async for entry in ruler.counter.database["prices"].find({"sku": sku}).sort("number", 1)]
    assert await ruler.price(sku) == history[-1] == regular, (seed, history)
    for n in range(1, len(history)):
        assert history[n] != history[n - 1] or not by[n].startswith("rule:"), (seed, history)


async def test_whatever_happened_the_regular_price_is_back_at_the_end(ruler: Ruler) -> None:
    """Twenty lives of a price, ten at a time."""
    skus = [f"L{n}" for n in range(20)]
    await ruler.counter.sell(*skus, price_minor=1000)
    for start in range(0, 20, 10):
        await asyncio.gather(*(_live_through(ruler, skus[n], n) for n in range(start, start + 10)))
    open_ones = ruler.counter.database["price_rule_skus"]
    await ruler.counter.until(lambda: open_ones.count_documents({"open": True}), lambda count: count == 0)
