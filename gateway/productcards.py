"""This is where products are shown as cards in lists, each with what a promotion makes of its price."""

from collections.abc import Iterable

from fastapi import Request
from shop.catalog.v1 import products_pb2 as pb
from shop.marketing.v1.shown_prices_pb2 import ShownItem

from gateway.answers import Json, money
from gateway.promoted import PROMOTION, Promoted, item

CARD = {
    "id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "sku": "MUG-01",
    "title": "Mug, blue",
    "price": {"currency": "CNY", "minor": 2900},
    "promotion": PROMOTION,
    "available": 12,
    "category": "kitchen",
    "image_url": "https://cdn.example.com/mug.jpg",
}


def card(of: pb.ProductCard, promotion: Json | None = None) -> Json:
    """What a list shows of a product; `promotion` is what everybody pays now, if that is less."""
    return {
        "id": of.id,
        "sku": of.sku,
        "title": of.title,
        "price": money(of.price),
        "promotion": promotion,
        "available": of.available,
        "category": of.category,
        "image_url": of.image_url or None,
    }


async def of_cards(request: Request, cards: Iterable[pb.ProductCard]) -> dict[str, Json]:
    """What promotions make of cards' prices, by SKU."""
    return await _promoted(request, (item(each.sku, each.category, each.price) for each in cards))


async def of_product(request: Request, product: pb.Product) -> dict[str, Json]:
    """What promotions make of a product's prices, by SKU."""
    return await _promoted(request, (item(each.sku, product.category, each.price) for each in product.variants))


async def _promoted(request: Request, items: Iterable[ShownItem]) -> dict[str, Json]:
    gateway = request.app.state.gateway
    promoted: Promoted = gateway.promoted
    if promoted.quiet:  # then nothing is made of the items
        return {}
    return await promoted.of(gateway.neighbours.shown_prices, list(items))
