"""This is where what is sold together meets protobuf."""

from collections.abc import Iterable

from shop.catalog.v1 import bundles_pb2 as pb

from services.catalog.messages.events import money
from services.catalog.parts import Part

from .bundles import Bundle


def parts(messages: Iterable[pb.BundlePart]) -> list[Part]:
    """What a bundle shall be made of, by SKU."""
    return sorted((Part(each.sku, each.quantity) for each in messages), key=lambda part: part.sku)


def bundle(kept: Bundle, *, staff: bool) -> pb.Bundle:
    """A bundle; what it costs the shop only for staff."""
    return pb.Bundle(
        sku=kept.sku,
        product_id=kept.product_id,
        title=kept.title,
        parts=[
            pb.BundlePart(
                sku=part.sku,
                quantity=part.quantity,
                product_id=part.product_id,
                title=part.title,
                price=money(part.price),
                available=part.available,
            )
            for part in kept.parts
        ],
        price=money(kept.price),
        apart=money(kept.apart),
        saving=money(kept.saving),
        cost=money(kept.cost) if staff else None,
        available=kept.available,
        version=kept.version,
    )
