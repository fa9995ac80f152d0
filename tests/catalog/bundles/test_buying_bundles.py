"""This is where bundles are held, taken and given back, by everybody at once."""

import random
from collections.abc import Sequence

import pytest
from shop.logistics.v1.events_pb2 import ShipmentCancelled
from shop.orders.v1.events_pb2 import ReturnReceived

from services.catalog.availability import Availability
from services.catalog.skus import Sku
from services.catalog.store import SKUS, keep
from services.catalog.sweeping import Fate, Sweeper
from services.kit.errors import Invalid, Refused, WrongState
from tests.catalog.bundles.sets import available, bundle, put, sell
from tests.catalog.counter import Counter, all_at_once, reasons


async def test_fifty_buyers_of_a_bundle_and_its_part_at_once_never_get_more_than_there_is(counter: Counter) -> None:
    for run in range(2):
        a, b, whole = f"A{run}", f"B{run}", f"SET{run}"
        await sell(counter, a, stock=20)
        await sell(counter, b, stock=20)
        await bundle(counter, whole, {a: 2, b: 1})
        wants: list[dict[str, int]] = [{whole: 1}, {a: 1}, {a: 1, whole: 1}, {whole: 1, a: 1, b: 1}, {b: 1, a: 1}]
        answers = await all_at_once(*(counter.hold(f"ord_{run}_{n}", wants[n % 5]) for n in range(50)))
        held = [wants[n % 5] for n, answer in enumerate(answers) if not isinstance(answer, Refused)]
        assert set(reasons(answers)) <= {"OUT_OF_STOCK"}
        units_a = sum(2 * want.get(whole, 0) + want.get(a, 0) for want in held)
        units_b = sum(want.get(whole, 0) + want.get(b, 0) for want in held)
        assert units_a in (19, 20)
        assert await counter.there(a) == ({"main": 20}, units_a, 20 - units_a)
        assert await counter.there(b) == ({"main": 20}, units_b, 20 - units_b)
        await counter.check()


async def test_bundles_of_the_same_parts_the_other_way_round_block_nobody(counter: Counter) -> None:
    await sell(counter, "A", "B", stock=30)
    await bundle(counter, "AB", {"A": 1, "B": 1})
    await bundle(counter, "BA", {"B": 1, "A": 1})
    wants: list[dict[str, int]] = [{"AB": 1, "B": 1}, {"B": 1, "BA": 1}, {"BA": 1, "A": 1}, {"A": 1, "AB": 1}]
    answers = await all_at_once(*(counter.hold(f"ord_{n}", wants[n % 4]) for n in range(40)))
    assert set(reasons(answers)) == {"OUT_OF_STOCK"}
    left = await available(counter, "A", "B")
    assert min(left) == 0 or left == [1, 1]  # who was refused would not find two of one and one of the other now
    await counter.check()


async def test_the_same_order_at_once_holds_its_bundle_once(counter: Counter) -> None:
    for run in range(3):
        a, b, whole = f"A{run}", f"B{run}", f"SET{run}"
        await sell(counter, a, b, stock=9)
        await bundle(counter, whole, {a: 2, b: 1})
        answers = await all_at_once(*(counter.hold(f"ord_{run}", {whole: 2, a: 1}) for _ in range(6)))
        assert set(reasons(answers)) <= {"CONFLICT"}
        await counter.hold(f"ord_{run}", {whole: 2, a: 1})
        assert await counter.there(a) == ({"main": 9}, 5, 4)
        assert await counter.there(b) == ({"main": 9}, 2, 7)
        await counter.check()


async def test_a_refusal_names_the_bundle_and_how_many_could_be_had(counter: Counter) -> None:
    await sell(counter, "A", "B", stock=5)
    await bundle(counter, "SET", {"A": 2, "B": 1})
    for wants, left in (({"SET": 3}, "2"), ({"SET": 2, "A": 2}, "1"), ({"A": 4, "SET": 1, "B": 1}, "0")):
        with pytest.raises(WrongState) as refused:
            await counter.hold("ord_1", wants)
        assert refused.value.reason == "OUT_OF_STOCK"
        assert refused.value.meta == {"sku": "SET", "available": left}
        assert await available(counter, "A", "B", "SET") == [5, 5, 2]
    with pytest.raises(WrongState) as dearer:
        await counter.hold("ord_1", {"SET": 1}, price=1)
    assert (dearer.value.reason, dearer.value.meta["sku"]) == ("PRICE_CHANGED", "SET")
    await counter.check()


async def test_a_bundle_is_held_at_its_own_price_whatever_its_parts_cost(counter: Counter) -> None:
    await sell(counter, "A", "B", price_minor=5000)
    await bundle(counter, "SET", {"A": 1, "B": 1}, price_minor=8000)
    await counter.hold("ord_1", {"SET": 1}, price=8000)
    await counter.hold("ord_1", {"SET": 1}, price=8000)
    with pytest.raises(Invalid) as other:
        await counter.hold("ord_1", {"SET": 2}, price=8000)
    assert other.value.reason == "HOLD_DIFFERS"
    assert await available(counter, "A", "B", "SET") == [9, 9, 9]


async def test_releasing_the_bundle_leaves_what_the_order_holds_of_its_part(counter: Counter) -> None:
    await sell(counter, "A", "B")
    await bundle(counter, "SET", {"A": 2, "B": 1})
    await counter.hold("ord_1", {"SET": 3, "A": 1})
    assert await available(counter, "A", "B") == [3, 7]
    await all_at_once(*(counter.release("ord_1", "SET") for _ in range(5)))
    assert await available(counter, "A", "B") == [9, 10]
    await counter.confirm("ord_1", ("A", "main", 1))
    await counter.release("ord_1", "SET", "A")
    assert await counter.there("A") == ({"main": 9}, 0, 9)
    await counter.check()


async def test_taking_a_bundle_takes_its_parts_and_answers_for_the_bundle(counter: Counter) -> None:
    await sell(counter, "A", "B")
    await bundle(counter, "SET", {"A": 2, "B": 1})
    await counter.hold("ord_1", {"SET": 2, "A": 1})
    asked = (("SET", "main", 2), ("A", "main", 1))
    for _ in range(2):
        answers = await all_at_once(*(counter.confirm("ord_1", *asked) for _ in range(3)))
        assert reasons(answers) == []
        for answer in answers:
            assert {(each.sku, each.warehouse, each.quantity) for each in answer.allocations} == set(asked)
    assert await counter.there("A") == ({"main": 5}, 0, 5)
    assert await counter.there("B") == ({"main": 8}, 0, 8)
    whole = await counter.database["skus"].find_one({"_id": "SET"})
    assert whole
    assert (whole["sold"], whole["holds"]) == (2, [])
    await counter.check()


async def test_a_warehouse_short_of_a_part_is_said_of_the_bundle_and_nothing_is_taken(counter: Counter) -> None:
    await sell(counter, "A", "B", stock=3)
    await counter.receive("A", 5, "north")
    await counter.receive("B", 1, "north")
    await bundle(counter, "SET", {"A": 2, "B": 1})
    assert await counter.there("SET") == ({"main": 1, "north": 1}, 0, 2)
    await counter.hold("ord_1", {"SET": 2})
    with pytest.raises(WrongState) as short:
        await counter.confirm("ord_1", ("SET", "north", 2))
    assert (short.value.reason, short.value.meta) == ("WAREHOUSE_SHORT", {"sku": "SET", "warehouse": "north"})
    with pytest.raises(Invalid) as other:
        await counter.confirm("ord_1", ("SET", "north", 1))
    assert other.value.reason == "ALLOCATION_DIFFERS"
    await counter.confirm("ord_1", ("SET", "north", 1), ("SET", "main", 1))
    assert await counter.there("A") == ({"main": 1, "north": 3}, 0, 4)
    assert await counter.there("B") == ({"main": 2, "north": 0}, 0, 2)
    await counter.check()


async def test_parts_that_lie_in_different_warehouses_are_no_bundle(counter: Counter) -> None:
    await sell(counter, "A", "B", stock=0)
    await counter.receive("A", 5, "north")
    await counter.receive("B", 5, "south")
    await bundle(counter, "SET", {"A": 1, "B": 1})
    with pytest.raises(WrongState) as refused:
        await counter.hold("ord_1", {"SET": 1})
    assert refused.value.meta == {"sku": "SET", "available": "0"}
    assert await available(counter, "A", "B", "SET") == [5, 5, 0]


async def test_what_was_taken_halfway_becomes_a_hold_again_of_the_same_lines(counter: Counter) -> None:
    await sell(counter, "A", "B", "C")
    await bundle(counter, "SET", {"A": 1, "B": 1})
    await counter.hold("ord_1", {"SET": 1, "A": 1, "C": 1})
    wanted = (("SET", "main", 1), ("A", "main", 1), ("C", "main", 1))
    await all_at_once(counter.confirm("ord_1", *wanted), counter.receive("B", -10, reason="damage"))
    await counter.confirm("ord_1", *wanted)  # what an order holds cannot be booked away
    assert await available(counter, "A", "B", "C") == [8, 9, 9]
    await counter.check()


async def test_what_comes_back_goes_to_the_parts_once(counter: Counter) -> None:
    await sell(counter, "A", "B")
    await bundle(counter, "SET", {"A": 2, "B": 1})
    await counter.hold("ord_1", {"SET": 2, "A": 1})
    await counter.confirm("ord_1", ("SET", "main", 2), ("A", "main", 1))
    cancelled = ShipmentCancelled(shipment_id="shp_1", order_id="ord_1", warehouse="main")
    cancelled.lines.add(sku="SET", quantity=1)
    cancelled.lines.add(sku="A", quantity=1)
    returned = ReturnReceived(return_id="ret_1", order_id="ord_1", warehouse="main", sound=True)
    returned.lines.add(sku="SET", quantity=1)
    for _ in range(2):
        await counter.house.tell(cancelled)
        await counter.house.tell(returned)
    await counter.house.settled()
    assert await counter.there("A") == ({"main": 10}, 0, 10)
    assert await counter.there("B") == ({"main": 10}, 0, 10)
    with pytest.raises(WrongState) as used:
        await put(counter, "SET", {"A": 1, "B": 1})
    assert used.value.reason == "BUNDLE_IN_USE"
    await counter.check()


class Dead:
    """Orders that are all dead."""

    async def fates(self, order_ids: Sequence[str]) -> Sequence[Fate | None]:
        return [Fate.RELEASE for _ in order_ids]


async def test_holds_that_run_out_are_swept_from_bundle_and_parts(counter: Counter) -> None:
    await sell(counter, "A", "B")
    await bundle(counter, "SET", {"A": 2, "B": 1})
    await counter.hold("ord_1", {"SET": 2, "A": 1})
    ground = counter.started.ground
    skus = keep(ground, "skus", Sku, SKUS)
    counter.house.clock.advance(minutes=16)
    await Sweeper(skus, Dead(), Availability(skus, ground.clock), ground.clock).sweep()
    assert await available(counter, "A", "B", "SET") == [10, 10, 5]
    whole = await counter.database["skus"].find_one({"_id": "SET"})
    assert whole
    assert whole["holds"] == []
    await counter.check()


async def test_whatever_happens_the_formula_holds(counter: Counter) -> None:
    """Random holds, releases, sales and receipts; after each the bundle is min(available // quantity) of its parts."""
    chance = random.Random(8)
    await sell(counter, "A", "B", "C", stock=12)
    parts = {"ONE": {"A": 2, "B": 1}, "TWO": {"B": 3, "C": 1}}
    for sku, of in parts.items():
        await bundle(counter, sku, of)
    held: dict[str, dict[str, int]] = {}
    for turn in range(60):
        order = f"ord_{turn}"
        match chance.choice(["hold", "hold", "hold", "release", "confirm", "receive"]):
            case "hold":
                lines = chance.sample(["A", "B", "C", "ONE", "TWO"], chance.randint(1, 3))
                wants = {sku: chance.randint(1, 2) for sku in lines}
                (answer,) = await all_at_once(counter.hold(order, wants))
                if not isinstance(answer, Refused):
                    held[order] = wants
            case "release" if held:
                order, wants = held.popitem()
                await counter.release(order, *wants)
            case "confirm" if held:
                order, wants = held.popitem()
                await counter.confirm(order, *((sku, "main", units) for sku, units in wants.items()))
            case _:
                await counter.receive(chance.choice("ABC"), chance.randint(1, 4))
        units = dict(zip("ABC", await available(counter, *"ABC"), strict=True))
        for sku, of in parts.items():
            assert await available(counter, sku) == [min(units[part] // n for part, n in of.items())], turn
        await counter.check()
