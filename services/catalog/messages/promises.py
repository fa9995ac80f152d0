"""This is where what a product's page promises meets protobuf: trust blocks and after-sales policies."""

from collections.abc import Iterable

from shop.catalog.v1 import products_pb2 as pb

from services.catalog.content import InvalidProduct
from services.catalog.promises import AfterSales, TrustBlock, TrustKind
from services.kit.errors import FieldError

_KINDS = {kind: pb.TrustKind.Value(f"TRUST_KIND_{kind.value.upper()}") for kind in TrustKind}
_NAMED = {value: kind for kind, value in _KINDS.items()}


def blocks(messages: Iterable[pb.TrustBlock]) -> list[TrustBlock]:
    """Reasons to trust, as somebody would have them. Refuses with INVALID_PRODUCT."""
    found = []
    for i, each in enumerate(messages):
        if each.kind not in _NAMED:
            raise InvalidProduct("no such trust block", errors=[FieldError(f"/trust_blocks/{i}/kind", "is unknown")])
        found.append(TrustBlock(_NAMED[each.kind], each.text, each.media_url))
    return found


def block(kept: TrustBlock) -> pb.TrustBlock:
    """A reason to trust."""
    return pb.TrustBlock(kind=_KINDS[kept.kind], text=kept.text, media_url=kept.media_url)


def policy(message: pb.AfterSales) -> AfterSales:
    """A policy, as somebody would have it."""
    return AfterSales(message.text, message.return_days, message.freight_insurance)


def after_sales(kept: AfterSales, *, own: bool) -> pb.AfterSales:
    """A policy, and whether the product says so itself."""
    return pb.AfterSales(
        text=kept.text, return_days=kept.return_days, freight_insurance=kept.freight_insurance, own=own
    )
