"""This is where gates are asked before anything goes on sale or changes there."""

from collections.abc import Sequence

import pytest
from shop.catalog.v1 import prices_pb2, products_pb2

from services.catalog import service
from services.catalog.content import Product
from services.catalog.core import Core
from services.catalog.gates import Finding, Moment, Repricing
from services.kit.errors import WrongState
from services.kit.rpc import call
from services.kit.service import Ground, Service
from services.kit.settings import Settings
from tests.catalog.counter import Counter, cells, cny
from tests.house import House

_AGAINST = Finding("NO_CATS", "/title", "cats are not sold here", "本店不售猫", "dogs", "cat")


class NoCats:
    """Has something against cats, and against prices that end in 13."""

    def __init__(self) -> None:
        self.looked: list[tuple[Moment, int]] = []

    async def look(self, products: Sequence[Product], moment: Moment) -> Sequence[Sequence[Finding]]:
        self.looked.append((moment, len(products)))
        return [[_AGAINST] if "cat" in product.title else [] for product in products]

    async def look_at_prices(self, changes: Sequence[Repricing]) -> Sequence[Sequence[Finding]]:
        against = Finding("UNLUCKY", "/price/minor", "ends in 13", "以 13 结尾")
        return [[against] if change.price.minor % 100 == 13 else [] for change in changes]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> NoCats:
    """A wing of catalog that is nothing but a gate."""
    gate = NoCats()

    def wing(_ground: Ground[Settings], core: Core) -> Service:
        core.gates.of_listings.append(gate)
        core.gates.of_prices.append(gate)
        return Service(answers=[])

    monkeypatch.setattr(service, "WINGS", (wing,))
    return gate


@pytest.fixture
async def guarded(gate: NoCats, house: House) -> Counter:
    """A running catalog with that gate."""
    return Counter(house, await house.start("catalog"))


async def test_a_row_that_a_gate_is_against_stays_out_and_its_column_is_named(gate: NoCats, guarded: Counter) -> None:
    rows = await guarded.take_in(cells("A"), cells("B", title="a cat"), cells("C"))
    assert [row.ok for row in rows] == [True, False, True]
    (error,) = rows[1].errors
    assert (error.column, error.message) == ("title", "cats are not sold here / 本店不售猫")
    assert gate.looked == [(Moment.IMPORT, 3)]  # all of them at once


async def test_rows_that_are_not_on_sale_are_not_looked_at(gate: NoCats, guarded: Counter) -> None:
    assert [row.ok for row in await guarded.take_in(cells("B", title="a cat"), publish=False)] == [True]
    assert gate.looked == []
    await guarded.sell("A")
    (row,) = await guarded.take_in(cells("A", title="a cat"), publish=False)  # it is on sale already
    assert not row.ok


async def test_what_is_on_sale_is_not_changed_to_what_may_not_be(gate: NoCats, guarded: Counter) -> None:
    await guarded.sell("A")
    change = products_pb2.UpdateProductRequest(id=(await _product(guarded)).id, patch=b'{"title":"cat"}', by="stf")
    with pytest.raises(WrongState) as refused:
        await call(guarded.products.UpdateProduct, change)
    assert refused.value.reason == "LISTING_REFUSED"
    assert refused.value.errors == [_AGAINST.error]
    assert (await _product(guarded)).title == "Thing A"
    change.patch = b'{"title":"dog"}'
    assert (await call(guarded.products.UpdateProduct, change)).product.title == "dog"
    assert gate.looked[-1] == (Moment.EDIT, 1)


async def test_a_listing_does_not_take_a_step_but_off_sale(gate: NoCats, guarded: Counter) -> None:
    await guarded.take_in(cells("B", title="a cat"), publish=False)
    product = await _product(guarded, "B")
    move = products_pb2.MoveListingRequest(id=product.id, move=products_pb2.LISTING_MOVE_SUBMIT, by="stf")
    with pytest.raises(WrongState) as refused:
        await call(guarded.products.MoveListing, move)
    assert refused.value.reason == "LISTING_REFUSED"


async def test_a_price_that_a_gate_is_against_is_not_set(guarded: Counter) -> None:
    await guarded.sell("A")
    with pytest.raises(WrongState) as refused:
        await call(guarded.prices.SetPrice, prices_pb2.SetPriceRequest(sku="A", price=cny(1013), by="stf"))
    assert refused.value.reason == "LISTING_REFUSED"
    set_to = await call(guarded.prices.SetPrice, prices_pb2.SetPriceRequest(sku="A", price=cny(1014), by="stf"))
    assert set_to.entry.price.minor == 1014


async def _product(counter: Counter, sku: str = "A") -> products_pb2.Product:
    product: products_pb2.Product = (
        await call(counter.products.GetProduct, products_pb2.GetProductRequest(id=sku, staff=True))
    ).product
    return product
