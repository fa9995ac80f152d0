"""This is where a listing is retired for good."""

import pytest
from shop.catalog.v1 import products_pb2 as pb

from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.rpc import call
from tests.catalog.counter import Counter, cells
from tests.catalog.test_products import create, on_sale, patch, shirt, show, step


async def retire(counter: Counter, product_id: str, replaced_by: str = "") -> pb.Product:
    request = pb.MoveListingRequest(id=product_id, move=pb.LISTING_MOVE_RETIRE, by="stf", replaced_by=replaced_by)
    return (await call(counter.products.MoveListing, request)).product


async def test_what_is_retired_never_returns(counter: Counter) -> None:
    product = await on_sale(counter)
    with pytest.raises(WrongState) as live:
        await retire(counter, product.id)
    assert live.value.reason == "ILLEGAL_TRANSITION"
    await step(counter, product.id, "delist")
    assert (await retire(counter, product.id)).state == pb.LISTING_STATE_RETIRED
    for name in ("submit", "approve", "publish", "delist", "retire"):
        with pytest.raises(WrongState) as refused:
            await step(counter, product.id, name)
        assert refused.value.reason == "ILLEGAL_TRANSITION"
    with pytest.raises(WrongState) as edited:
        await patch(counter, product.id, {"title": "Again"})
    assert edited.value.reason == "LISTING_RETIRED"


async def test_a_row_of_a_file_does_not_bring_it_back(counter: Counter) -> None:
    await counter.sell("A")
    product = await show(counter, "A")
    await step(counter, product.id, "delist")
    await retire(counter, product.id)
    (row,) = await counter.take_in(cells("A", title="Back again"))
    assert [error.column for error in row.errors] == ["sku"]
    assert (await show(counter, "A", staff=True)).state == pb.LISTING_STATE_RETIRED


async def test_who_asks_for_it_is_told_what_took_its_place(counter: Counter) -> None:
    old = await create(counter)
    new = await create(counter, _other())
    retired = await retire(counter, old.id, new.id)
    assert retired.replaced_by == new.id
    with pytest.raises(NotFound) as gone:
        await show(counter, old.id)
    assert gone.value.meta["replaced_by"] == new.id


async def test_only_another_product_that_is_not_retired_takes_its_place(counter: Counter) -> None:
    old, new = await create(counter), await create(counter, _other())
    for wrong in (old.id, "prd_none"):
        with pytest.raises(Invalid) as refused:
            await retire(counter, old.id, wrong)
        assert refused.value.reason == "INVALID_REPLACEMENT"
    await retire(counter, new.id)
    with pytest.raises(Invalid):
        await retire(counter, old.id, new.id)
    assert (await show(counter, old.id, staff=True)).state == pb.LISTING_STATE_DRAFT


def _other() -> pb.Product:
    product = shirt()
    for variant in product.variants:
        variant.sku = f"NEW-{variant.sku}"
    return product
