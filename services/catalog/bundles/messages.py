"""This is where what is sold together meets protobuf."""

from collections.abc import Iterable

from shop.catalog.v1 import affinity_pb2, lifecycle_pb2
from shop.catalog.v1 import bundles_pb2 as pb

from services.catalog.messages.events import money
from services.catalog.parts import Part
from services.kit.clock import rfc3339
from services.kit.money import Money

from .affinity import AffinityPair, Related
from .bundles import Bundle
from .lifecycle import LifecycleProposal
from .proposals import BundleProposal
from .signs import Action

_ACTIONS = {
    Action.MARK_DOWN: lifecycle_pb2.LIFECYCLE_ACTION_MARK_DOWN,
    Action.BUNDLE: lifecycle_pb2.LIFECYCLE_ACTION_BUNDLE,
    Action.REPLACE: lifecycle_pb2.LIFECYCLE_ACTION_REPLACE,
    Action.RETIRE: lifecycle_pb2.LIFECYCLE_ACTION_RETIRE,
}


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


def related(found: Related) -> affinity_pb2.RelatedProduct:
    """A product bought with another."""
    product, (en, zh) = found.product, found.said
    return affinity_pb2.RelatedProduct(
        product_id=product["_id"],
        sku=product["variants"][0]["sku"],
        title=product["title"],
        price=money(Money(**product["price"])),
        image_url=product["media"][0]["url"] if product["media"] else "",
        together=found.together,
        confidence_bp=found.confidence_bp,
        en=en,
        zh=zh,
    )


def pair(kept: AffinityPair) -> affinity_pb2.AffinityPair:
    """Two products bought together."""
    (first, second), (of_first, of_second) = kept.products, kept.baskets
    return affinity_pb2.AffinityPair(
        first=first,
        second=second,
        together=kept.together,
        first_baskets=of_first,
        second_baskets=of_second,
        support_ppm=1_000_000 * kept.together // kept.of,
        confidence_bp=10_000 * kept.together // of_first,
        backwards_bp=10_000 * kept.together // of_second,
        lift_milli=1_000 * kept.together * kept.of // (of_first * of_second),
        score_ppm=kept.score_ppm,
    )


def bundle_proposal(found: BundleProposal) -> affinity_pb2.BundleProposal:
    """Goods that might be sold as one."""
    en, zh = found.said
    return affinity_pb2.BundleProposal(
        parts=[
            affinity_pb2.ProposedPart(
                sku=part["_id"],
                product_id=part["product_id"],
                title=part["title"],
                price=money(Money(**part["price"])),
            )
            for part in found.parts
        ],
        together=found.rule.together,
        confidence_bp=10_000 * found.rule.together // found.rule.of,
        apart=money(found.apart),
        cost=money(found.cost),
        price=money(found.price),
        en=en,
        zh=zh,
    )


def action(asked: int) -> Action | None:
    """Which action is asked for; None for all."""
    return next((action for action, told in _ACTIONS.items() if told == asked), None)


def lifecycle_proposal(kept: LifecycleProposal) -> lifecycle_pb2.LifecycleProposal:
    """What might be done with a product."""
    return lifecycle_pb2.LifecycleProposal(
        product_id=kept.id,
        title=kept.title,
        action=_ACTIONS[kept.action],
        other_product_id=kept.other,
        units=kept.units,
        units_before=kept.before,
        trend_bp=kept.trend_bp,
        returned_bp=kept.returned_bp,
        rating_centi=kept.rating,
        available=kept.available,
        reasons_en=kept.reasons_en,
        reasons_zh=kept.reasons_zh,
        computed_at=rfc3339(kept.computed_at),
    )
