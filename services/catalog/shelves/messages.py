"""This is where the shelves meet protobuf."""

from shop.catalog.v1 import classes_pb2

from services.kit.clock import rfc3339

from .classes import SkuClass


def sku_class(kept: SkuClass) -> classes_pb2.SkuClass:
    """How a SKU sells."""
    return classes_pb2.SkuClass(
        sku=kept.id,
        abc=kept.abc,
        xyz=kept.xyz,
        demand=kept.demand,
        policy=kept.policy,
        units=kept.units,
        value_minor=kept.value_minor,
        currency=kept.currency,
        adi_milli=kept.adi_milli,
        cv2_milli=kept.cv2_milli,
        cv_milli=kept.cv_milli,
        computed_at=rfc3339(kept.computed_at),
    )
