"""This is where the floor under prices proves that nothing gets below it by any door, but by the owner's leave."""

from typing import Any

import pytest
from shop.catalog.v1 import margins_pb2, products_pb2

from services.kit.errors import Invalid, NotFound, Refused, WrongState
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, cells, cny, reasons
from tests.catalog.margins.desk import Desk


@pytest.fixture
def desk(counter: Counter) -> Desk:
    return Desk(counter)


async def test_a_row_below_the_floor_stays_out_and_says_how_far(desk: Desk) -> None:
    rows = await desk.counter.take_in(
        cells("A", price_minor=571, cost_minor=400),
        cells("B", price_minor=572, cost_minor=400),
        cells("C", cost_minor=0),
    )
    assert [row.ok for row in rows] == [False, True, True]
    (error,) = rows[0].errors
    assert error.column == "price_minor"
    assert "1 minor units short: the lowest allowed price is 572" in error.message
    assert "最低允许价格为 572" in error.message
    assert [
        row.ok for row in await desk.counter.take_in(cells("A", price_minor=571, cost_minor=400), publish=False)
    ] == [True]


async def test_a_draft_below_the_floor_is_not_reviewed_and_the_variant_is_named(desk: Desk) -> None:
    await desk.counter.take_in(cells("M", price_minor=999, cost_minor=700), publish=False)
    product_id = await _product_id(desk, "M")
    move = products_pb2.MoveListingRequest(id=product_id, move=products_pb2.LISTING_MOVE_SUBMIT, by="stf")
    with pytest.raises(WrongState) as refused:
        await call(desk.counter.products.MoveListing, move)
    assert (refused.value.reason, refused.value.meta["codes"]) == ("LISTING_REFUSED", "BELOW_MARGIN_FLOOR")
    assert [error.pointer for error in refused.value.errors] == ["/variants/0/price"]
    await desk.set_price("M", 1_000)  # not on sale: any price may be set, and is looked at when it is to be
    moved = await call(desk.counter.products.MoveListing, move)
    assert moved.product.state == products_pb2.LISTING_STATE_IN_REVIEW


async def test_a_live_price_does_not_fall_below_the_floor(desk: Desk) -> None:
    await desk.counter.sell("A")
    with pytest.raises(WrongState) as refused:
        await desk.set_price("A", 500)
    (error,) = refused.value.errors
    assert error.pointer == "/price/minor"
    assert "would earn 20.00 % of its price, below the floor of 30.00 %; 72 minor units short" in error.message
    await desk.set_price("A", 572)
    margin = await desk.margin("A")
    assert (margin.lowest_price_minor, margin.keeps_floor, margin.contribution_bp, margin.gross_bp) == (
        572,
        True,
        3006,
        3006,
    )


async def test_costs_come_from_the_sku_its_categories_and_the_shop(desk: Desk) -> None:
    for category, parent in (("home", ""), ("mugs", "home")):
        node = products_pb2.Category(id=category, title=category, parent=parent)
        await call(desk.counter.products.PutCategory, products_pb2.PutCategoryRequest(category=node))
    await desk.counter.sell("A", "B", category="mugs", price_minor=2_000, cost_minor=400)
    await desk.model("shop", commission_bp=500, freight_per_kg_minor=800)
    await desk.model("category:home", commission_bp=1_000, marketing_bp=200)
    await desk.model("sku:B", freight_per_kg_minor=0, freight_per_unit_minor=30)
    a, b = await desk.margin("A"), await desk.margin("B")
    assert (a.commission_minor, a.marketing_minor, a.freight_minor, a.contribution_minor) == (200, 40, 200, 1_160)
    assert (b.commission_minor, b.marketing_minor, b.freight_minor, b.contribution_minor) == (200, 40, 30, 1_330)
    answer = await call(desk.stub.GetCostModel, margins_pb2.GetCostModelRequest(scope="category:mugs"))
    assert (answer.model.version, answer.model.HasField("commission_bp"), answer.rates.commission_bp) == (
        1,
        False,
        1_000,
    )
    assert (
        await call(desk.stub.GetCostModel, margins_pb2.GetCostModelRequest(scope="sku:B"))
    ).rates.marketing_bp == 200


async def test_models_that_cannot_be_are_refused(desk: Desk) -> None:
    await desk.counter.sell("A")
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("shop", {"commission_bp": 10_001}),
        ("shop", {"payment_bp": -1}),
        ("shop", {"marketing_bp": 5_000, "commission_bp": 5_000}),
        ("planet", {}),
        ("sku:?", {}),
    ]
    for scope, said in wrong:
        with pytest.raises(Invalid) as refused:
            await desk.model(scope, **said)
        assert refused.value.reason == "INVALID_COST_MODEL"
    for scope, reason in (("category:nowhere", "UNKNOWN_CATEGORY"), ("sku:NONE", "SKU_NOT_FOUND")):
        with pytest.raises(Refused) as unknown:
            await desk.model(scope, commission_bp=1)
        assert unknown.value.reason == reason


async def test_of_editors_of_one_model_one_wins_and_every_change_is_kept(desk: Desk) -> None:
    assert (await desk.model("shop", commission_bp=100, marketing_bp=7)).version == 2
    tries = (desk.model("shop", 2, commission_bp=200 + n, by=f"stf_{n}") for n in range(10))
    answers = await all_at_once(*tries)
    assert reasons(answers) == ["VERSION_MISMATCH"] * 9
    won = next(answer for answer in answers if not isinstance(answer, Refused))
    assert (won.version, won.HasField("marketing_bp")) == (3, False)  # what is not said any more is taken from above
    floored = await desk.floor(2_000, 3)
    assert (floored.version, floored.floor_bp, floored.commission_bp) == (4, 2_000, won.commission_bp)
    kept = await desk.model("shop", 4, commission_bp=1)
    assert kept.floor_bp == 2_000  # the floor is not the cost model's to change
    request = margins_pb2.ListCostChangesRequest(scope="shop")
    changes = (await call(desk.stub.ListCostChanges, request)).changes
    assert [(change.version, change.commission_bp) for change in changes] == [
        (5, 1),
        (4, won.commission_bp),
        (3, won.commission_bp),
        (2, 100),
    ]
    assert changes[2].by == won.by and all(change.at for change in changes)


async def test_a_changed_cost_takes_nothing_down_but_tells_staff_once(desk: Desk) -> None:
    await desk.counter.sell("A", "B")
    await desk.counter.sell("C", cost_minor=100)
    await desk.model("shop", freight_per_unit_minor=300)
    (scan,) = await desk.scanned()
    assert (scan["state"], scan["counts"], scan["done"]) == ("done", {"below_floor": 2, "cost_unknown": 0}, 3)
    below = await call(desk.stub.ListBelowFloor, margins_pb2.ListBelowFloorRequest())
    assert [(each.sku, each.shortfall_minor) for each in below.margins] == [("A", 100), ("B", 100)]
    (notice,) = await desk.counter.database["notices"].find({"kind": "below_margin_floor"}).sort("_id", 1).to_list(None)
    assert notice["en"].startswith("2 SKUs on sale are below the margin floor") and "2 个在售" in notice["zh"]
    assert (await desk.counter.search()).items  # still there
    product_id = await _product_id(desk, "A")
    patch = products_pb2.UpdateProductRequest(id=product_id, patch=b'{"title":"x"}', by="stf")
    with pytest.raises(WrongState):  # but no edit keeps it as it is
        await call(desk.counter.products.UpdateProduct, patch)


async def test_the_owners_leave_lets_a_price_through_until_it_ends(desk: Desk) -> None:
    await desk.counter.sell("A")
    await desk.give("A", min_margin_bp=1_000)
    await desk.set_price("A", 450)
    with pytest.raises(WrongState):
        await desk.set_price("A", 444)
    margin = await desk.margin("A")
    assert (margin.leave_min_margin_bp, margin.floor_bp, margin.lowest_price_minor) == (1_000, 1_000, 445)
    await desk.give("A", until_price=cny(300))
    await desk.set_price("A", 300)
    await desk.end("A")
    with pytest.raises(WrongState):
        await desk.set_price("A", 299)
    with pytest.raises(NotFound):
        await desk.end("A")
    request = margins_pb2.ListMarginOverridesRequest(sku="A")
    history = await call(desk.stub.ListMarginOverrides, request)
    assert [(each.number, each.action) for each in history.entries] == [(3, "ended"), (2, "given"), (1, "given")]
    assert {(each.reason, each.by) for each in history.entries} == {("clearing the last ones", "stf_owner")}
    assert not history.in_force
    (scan,) = await desk.scanned()  # what its end means is looked at
    assert (scan["parameters"], scan["counts"]["below_floor"]) == ({"scope": "sku:A"}, 1)


async def test_a_leave_runs_out(desk: Desk) -> None:
    await desk.counter.sell("A")
    await desk.give("A", hours=1, until_price=cny(1))
    desk.house.clock.advance(hours=1)
    with pytest.raises(WrongState):
        await desk.set_price("A", 300)
    assert not (await desk.margin("A")).HasField("leave_until_minor")


async def test_a_leave_needs_a_reason_an_end_and_one_measure(desk: Desk) -> None:
    await desk.counter.sell("A")
    good = {"sku": "A", "reason": "clearing the last ones", "min_margin_bp": 0, "by": "stf_owner"}
    soon = "2099-01-01T00:00:00Z"
    for wrong in (
        {"reason": "because"},
        {"expires_at": ""},
        {"expires_at": soon},
        {"expires_at": "2001-01-01T00:00:00Z"},
        {"until_price": cny(1)},
    ):
        with pytest.raises(Invalid) as refused:
            await call(desk.stub.GiveMarginOverride, margins_pb2.GiveMarginOverrideRequest(**(good | wrong)))  # type: ignore[arg-type]
        assert refused.value.reason == "INVALID_OVERRIDE"


async def _product_id(desk: Desk, sku: str) -> str:
    asked = products_pb2.GetProductRequest(id=sku, staff=True)
    product_id: str = (await call(desk.counter.products.GetProduct, asked)).product.id
    return product_id
