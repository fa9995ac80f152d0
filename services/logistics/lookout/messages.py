"""This is where parcels under way meet protobuf."""

from shop.logistics.v1 import tracking_pb2 as pb

from services.kit.clock import rfc3339
from services.logistics.estimates import HIGH, LOW, MIDDLE, STEPS, DoorTimes, quantile
from services.logistics.messages.parcels import expected_message, tracking_event
from services.logistics.shipments import Shipment
from services.logistics.tracking import in_order


def tracking_message(one: Shipment, *, scans: bool) -> pb.Tracking:
    """To a Tracking."""
    return pb.Tracking(
        shipment_id=one.id,
        order_id=one.order_id,
        carrier=one.carrier,
        waybill=one.waybill,
        state=one.tracking_state,
        revision=one.revision,
        watch=one.watch,
        heard_at=rfc3339(one.heard_at),
        expected=expected_message(one.expected),
        deliver_by=rfc3339(one.deliver_by),
        delivered_at=rfc3339(one.delivered_at),
        scans=[tracking_event(scan) for scan in in_order(one.scans)] if scans else [],
    )


def lane_message(one: DoorTimes) -> pb.Lane:
    """To a Lane."""
    shares = [one.counts.get(str(step), 0) / max(1, one.parcels) for step in range(STEPS)]
    low, middle, high = (quantile(shares, share) for share in (LOW, MIDDLE, HIGH))
    measured = max(1, one.estimated)
    return pb.Lane(
        lane=one.id,
        parcels=one.parcels,
        low_h=round(low, 1),
        middle_h=round(middle, 1),
        high_h=round(high, 1),
        estimated=one.estimated,
        hit_rate=round(one.hits / measured, 4),
        mean_error_h=round(one.error_h / measured, 2),
    )
