"""This is where products, listings, categories, lists and imports meet protobuf."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from shop.catalog.v1 import products_pb2 as pb
from shop.type.v1 import money_pb2

from services.catalog.categories import Category
from services.catalog.content import (
    OWN_MERCHANT,
    Attribute,
    InvalidProduct,
    ListingState,
    Media,
    Product,
    TakenDown,
    Variant,
    check_attribute,
)
from services.catalog.fields import MAX_MINOR, MAX_WEIGHT_G, Faults
from services.catalog.listings import Step
from services.catalog.promises import AfterSales
from services.catalog.rows import Answer
from services.catalog.search.asking import Found, Search, Sort
from services.kit.clock import rfc3339
from services.kit.errors import FieldError, Invalid
from services.kit.money import Money
from services.kit.store import Document

from . import promises
from .events import money

_STATES = {
    ListingState.DRAFT: pb.LISTING_STATE_DRAFT,
    ListingState.IN_REVIEW: pb.LISTING_STATE_IN_REVIEW,
    ListingState.APPROVED: pb.LISTING_STATE_APPROVED,
    ListingState.LIVE: pb.LISTING_STATE_LIVE,
    ListingState.DELISTED: pb.LISTING_STATE_DELISTED,
    ListingState.RETIRED: pb.LISTING_STATE_RETIRED,
}
_STEPS = {
    pb.LISTING_MOVE_SUBMIT: Step.SUBMIT,
    pb.LISTING_MOVE_APPROVE: Step.APPROVE,
    pb.LISTING_MOVE_PUBLISH: Step.PUBLISH,
    pb.LISTING_MOVE_DELIST: Step.DELIST,
    pb.LISTING_MOVE_RETIRE: Step.RETIRE,
}
_SORTS = {
    pb.PRODUCT_SORT_PRICE_ASC: Sort.PRICE_ASC,
    pb.PRODUCT_SORT_PRICE_DESC: Sort.PRICE_DESC,
    pb.PRODUCT_SORT_NEWEST: Sort.NEWEST,
    pb.PRODUCT_SORT_SALES: Sort.SALES,
}
_MOST_OPTIONS = 10


def amount(message: money_pb2.Money) -> Money:
    """An amount."""
    return Money(message.currency, message.minor)


def draft(message: pb.Product, by: str) -> Product:
    """A product as somebody would have it. Refuses with INVALID_PRODUCT; its texts are looked at later."""
    faults = Faults()
    faults.text("/by", by, 128)
    merchant = faults.id("/merchant_id", message.merchant_id or OWN_MERCHANT)
    variants = [_variant(faults, f"/variants/{i}", each) for i, each in enumerate(message.variants)]
    if len({variant.sku for variant in variants}) < len(variants):
        faults.add("/variants", "must have a SKU each")
    if len({variant.price.currency for variant in variants}) > 1:
        faults.add("/variants", "must be priced in one currency")
    faults.refuse(InvalidProduct)
    never = datetime.fromtimestamp(0, UTC)
    return Product(
        id="",
        merchant_id=merchant,
        title=message.title,
        description=message.description,
        category=message.category,
        tags=list(message.tags),
        attributes=[Attribute(each.name, each.value) for each in message.attributes],
        media=[Media(each.url, each.alt) for each in message.media],
        trust_blocks=promises.blocks(message.trust_blocks),
        handling_notice=message.handling_notice,
        after_sales=promises.policy(message.after_sales) if message.HasField("after_sales") else None,
        variants=variants,
        price=variants[0].price if variants else Money("CNY", 0),
        created_at=never,
        updated_at=never,
        by=by,
    )


_MOST_SIDE_MM = 100_000
_SIDES = ("length_mm", "width_mm", "height_mm")


def _variant(faults: Faults, pointer: str, message: pb.Variant) -> Variant:
    faults.sku(f"{pointer}/sku", message.sku)
    if len(message.options) > _MOST_OPTIONS:
        faults.add(f"{pointer}/options", f"must be at most {_MOST_OPTIONS}")
    options = [Attribute(each.name, each.value) for each in message.options[:_MOST_OPTIONS]]
    for i, option in enumerate(options):
        check_attribute(faults, f"{pointer}/options/{i}", option)
    faults.currency(f"{pointer}/price/currency", message.price.currency)
    faults.number(f"{pointer}/price/minor", message.price.minor, 0, MAX_MINOR)
    faults.number(f"{pointer}/cost/minor", message.cost.minor, 0, MAX_MINOR)
    faults.number(f"{pointer}/weight_g", message.weight_g, 0, MAX_WEIGHT_G)
    if message.cost.currency not in ("", message.price.currency):
        faults.add(f"{pointer}/cost/currency", "must be the price's")
    cost = Money(message.price.currency, message.cost.minor)
    sides = [message.length_mm, message.width_mm, message.height_mm]
    if any(sides) and not all(1 <= side <= _MOST_SIDE_MM for side in sides):
        faults.add(f"{pointer}/length_mm", f"all three sides, or none, from 1 to {_MOST_SIDE_MM} mm")
    measured = sides if any(sides) else []
    return Variant(message.sku, amount(message.price), cost, message.weight_g, options, sides_mm=measured)


def product(kept: Product, available: Mapping[str, int], policy: AfterSales, *, staff: bool) -> pb.Product:
    """A product with all that its page shows; costs only for staff."""
    return pb.Product(
        id=kept.id,
        merchant_id=kept.merchant_id,
        title=kept.title,
        description=kept.description,
        category=kept.category,
        tags=kept.tags,
        attributes=[_attribute(each) for each in kept.attributes],
        media=[pb.Media(url=each.url, alt=each.alt) for each in kept.media],
        variants=[
            pb.Variant(
                sku=each.sku,
                options=[_attribute(option) for option in each.options],
                price=money(each.price),
                cost=money(each.cost) if staff else None,
                weight_g=each.weight_g,
                available=available.get(each.sku, 0),
                **dict(zip(_SIDES, each.sides_mm, strict=False)),
            )
            for each in kept.variants
        ],
        state=_STATES[kept.state],
        version=kept.version,
        created_at=rfc3339(kept.created_at),
        updated_at=rfc3339(kept.updated_at),
        taken_down=_taken_down(kept.taken_down) if staff and kept.taken_down else None,
        trust_blocks=[promises.block(each) for each in kept.trust_blocks],
        handling_notice=kept.handling_notice,
        after_sales=promises.after_sales(policy, own=kept.after_sales is not None),
        replaced_by=kept.replaced_by if staff else "",
    )


def _taken_down(why: TakenDown) -> pb.TakenDown:
    return pb.TakenDown(code=why.code, en=why.en, zh=why.zh, by=why.by, at=rfc3339(why.at))


def _attribute(kept: Attribute) -> pb.Attribute:
    return pb.Attribute(name=kept.name, value=kept.value)


def step(move: int) -> Step:
    """What is done to a listing. Refuses with INVALID when it is said by nothing we know."""
    if move not in _STEPS:
        raise Invalid(
            "no such step", errors=[FieldError("/move", "must be submit, approve, publish, delist or retire")]
        )
    return _STEPS[move]  # type: ignore[index]


def search(request: pb.SearchProductsRequest) -> Search:
    """What is searched for. Without words, the best match is the newest."""
    return Search(
        q=request.q,
        category=request.category,
        tag=request.tag,
        min_price=request.min_price,
        max_price=request.max_price,
        in_stock=request.in_stock,
        attributes=tuple((each.name, each.value) for each in request.attributes),
        sort=_SORTS.get(request.sort, Sort.RELEVANCE),
        limit=request.page.limit,
        cursor=request.page.cursor,
    )


def page(found: Found) -> pb.SearchProductsResponse:
    """A page of a list."""
    return pb.SearchProductsResponse(
        items=[card(document) for document in found.items],
        facets=[
            pb.Facet(name=name, values=[pb.FacetValue(value=value, count=count) for value, count in values])
            for name, values in found.facets.items()
        ],
        next_cursor=found.next_cursor,
        total=found.total,
        did_you_mean=found.did_you_mean,
    )


def card(document: Document) -> pb.ProductCard:
    """What a list shows of a product."""
    media = document["media"]
    return pb.ProductCard(
        id=document["_id"],
        sku=document["variants"][0]["sku"],
        title=document["title"],
        price=money_pb2.Money(**document["price"]),
        available=document["available"],
        category=document["category"],
        image_url=media[0]["url"] if media else "",
    )


def category(kept: Category) -> pb.Category:
    """A node of the tree."""
    return pb.Category(id=kept.id, title=kept.title, parent=kept.parent)


def readable(rows: Iterable[pb.ImportRow]) -> list[tuple[int, dict[str, str]]]:
    """The rows that could be read."""
    return [(row.row, dict(row.cells)) for row in rows if not row.problem]


def unreadable(rows: Iterable[pb.ImportRow]) -> list[Answer]:
    """The answers to those that could not."""
    return [Answer(row.row, "", (FieldError("", row.problem),)) for row in rows if row.problem]


def answers(rows: Sequence[Answer]) -> pb.ImportProductsResponse:
    """What became of the rows."""
    return pb.ImportProductsResponse(
        rows=[
            pb.RowAnswer(
                row=each.number,
                sku=each.sku,
                ok=not each.errors,
                errors=[pb.RowError(column=error.pointer, message=error.message) for error in each.errors],
            )
            for each in sorted(rows, key=lambda answer: answer.number)
        ]
    )
