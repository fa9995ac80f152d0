"""This is where it shows whether anything is left."""

from shop.catalog.v1 import products_pb2 as pb
from shop.catalog.v1.events_pb2 import AvailabilityChanged

from services.kit.events import envelope
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, cny


def turns(counter: Counter) -> list[bool]:
    return [each.in_stock for each in counter.house.told(AvailabilityChanged)]


async def test_an_older_word_than_the_last_is_not_heeded(counter: Counter) -> None:
    await counter.sell("A", stock=0)
    product = (await call(counter.products.GetProduct, pb.GetProductRequest(id="A"))).product
    for at, in_stock in (
        ("2100-01-01T00:00:02Z", True),
        ("2100-01-01T00:00:01Z", False),
        ("2100-01-01T00:00:02Z", True),
    ):
        own = counter.started.ground.relay.own
        assert own
        await own([envelope(AvailabilityChanged(sku="A", product_id=product.id, in_stock=in_stock, at=at))])
    assert len((await counter.search(in_stock=True)).items) == 1


async def test_a_product_is_in_stock_while_any_variant_is(counter: Counter) -> None:
    await call(counter.products.PutCategory, pb.PutCategoryRequest(category=pb.Category(title="x")))
    variants = [pb.Variant(sku=sku, price=cny(1)) for sku in ("V.1", "V.2")]
    draft = pb.Product(title="T", category="x", variants=variants)
    draft.attributes.add(name="material", value="clay")
    draft.media.add(url="https://x.example/a.png")
    product = (await call(counter.products.CreateProduct, pb.CreateProductRequest(product=draft))).product
    for move in (pb.LISTING_MOVE_SUBMIT, pb.LISTING_MOVE_APPROVE, pb.LISTING_MOVE_PUBLISH):
        await call(counter.products.MoveListing, pb.MoveListingRequest(id=product.id, move=move))
    for sku, quantity, seen in (("V.1", 1, 1), ("V.2", 2, 1), ("V.1", -1, 1), ("V.2", -2, 0)):
        await counter.receive(sku, quantity)
        await counter.house.settled()
        assert len((await counter.search(in_stock=True)).items) == seen, sku
    assert turns(counter) == [True, True, False, False]


async def test_whatever_comes_and_goes_at_once_the_last_word_is_right(counter: Counter) -> None:
    for run in range(5):
        sku = f"A{run}"
        await counter.sell(sku, stock=1)
        await counter.hold(f"h{run}", {sku: 1})
        await all_at_once(
            counter.release(f"h{run}", sku),
            counter.receive(sku, 1),
            counter.receive(sku, -1, reason="damage"),
            counter.receive(sku, -1, reason="damage"),
            counter.hold(f"i{run}", {sku: 1}),
        )
        await counter.release(f"i{run}", sku)
        await counter.house.settled()
        _, _, available = await counter.there(sku)
        document = await counter.database["skus"].find_one({"_id": sku})
        product = await counter.database["products"].find_one({"_id": document["product_id"]}) if document else None
        assert document
        assert product
        assert document["in_stock"] == product["in_stock"] == (available > 0)
    await counter.check()
