"""This is where quality meets protobuf."""

from shop.logistics.v1 import quality_pb2

from services.kit.clock import rfc3339
from services.logistics.checks import LIFTED, WAITS, Check
from services.logistics.shipments import Shipment

from .flags import Flag
from .policies import QcPolicy


def policy(of: quality_pb2.QcPolicy) -> QcPolicy:
    """From a QcPolicy."""
    return QcPolicy(
        of.scope, of.enabled, of.threshold_percent, of.min_complaints, of.window_days, list(of.checklist), of.version
    )


def policy_message(of: QcPolicy) -> quality_pb2.QcPolicy:
    """To a QcPolicy."""
    return quality_pb2.QcPolicy(
        scope=of.id,
        enabled=of.enabled,
        threshold_percent=of.threshold_percent,
        min_complaints=of.min_complaints,
        window_days=of.window_days,
        checklist=of.checklist,
        version=of.version,
    )


def flag(of: Flag) -> quality_pb2.QualityFlag:
    """To a QualityFlag."""
    return quality_pb2.QualityFlag(
        sku=of.id,
        category=of.category,
        raised=of.raised,
        complaints=of.complaints,
        shipped=of.shipped,
        changed_at=rfc3339(of.changed_at),
    )


def check(of: Shipment) -> quality_pb2.QcCheck:
    """To a QcCheck."""
    looked = of.qc or Check(LIFTED, [], of.created_at)
    return quality_pb2.QcCheck(
        shipment_id=of.id,
        order_id=of.order_id,
        warehouse=of.warehouse,
        state=looked.state or WAITS,
        skus=looked.skus,
        checklist=looked.checklist,
        since=rfc3339(looked.since),
        by=looked.by,
        at=rfc3339(looked.at),
        photo=looked.photo,
        note=looked.note,
        turn=looked.turn,
    )
