"""This is where scorecards and the control tower become messages."""

from shop.logistics.v1 import scorecards_pb2 as pb

from .cards import Card, Share
from .tower import Row


def card_message(card: Card) -> pb.Scorecard:
    """As the gateway shows it."""
    half, ninety, ninety_five = card.door_hours
    return pb.Scorecard(
        subject=card.subject,
        parcels=card.parcels,
        on_time=_share(card.shares["on_time"]),
        first_attempt=_share(card.shares["first"]),
        damaged=_share(card.shares["damaged"]),
        lost=_share(card.shares["lost"]),
        score=card.score,
        scan_latency_s=round(card.scan_latency_s, 1),
        scan_latency_p90_s=round(card.scan_latency_p90_s, 1),
        pickup_delay_s=round(card.pickup_delay_s, 1),
        door_hours_p50=round(half, 1),
        door_hours_p90=round(ninety, 1),
        door_hours_p95=round(ninety_five, 1),
    )


def _share(share: Share) -> pb.Share:
    return pb.Share(count=share.count, of=share.of, raw=round(share.raw, 4), judged=round(share.judged, 4))


def row_message(row: Row) -> pb.TowerRow:
    """A row of the control tower."""
    return pb.TowerRow(
        warehouse=row.warehouse,
        carrier=row.carrier,
        states=row.states,
        late=row.late,
        stuck=row.stuck,
        lost=row.lost,
        troubled=row.troubled,
        alerts=row.alerts,
        exceptions=row.exceptions,
    )
