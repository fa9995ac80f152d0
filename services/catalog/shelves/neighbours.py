"""This is where shelf devices are heard over MQTT: `shop/iot/shelf/<warehouse>/<sku>` with `{device, units, at, seq}`.

A stream keeps what they send until it is handled, so that nothing is lost while catalog is away or being replaced; a plain
subscription would lose it, and a device that got its PUBACK does not send again.
"""

import logging
from collections.abc import Sequence

import msgspec

from services.kit.clock import parse_time
from services.kit.feeds import Feed, Sent

from .readings import Outcome, Readings, Said

log = logging.getLogger(__name__)
_PARTS = 5  # shop, iot, shelf, warehouse, sku


class _Payload(msgspec.Struct):
    device: str
    units: int
    at: str
    seq: int


def shelf_feed(readings: Readings) -> Feed:
    """What shelf devices send."""

    async def take(sent: Sequence[Sent]) -> None:
        said = [reading for each in sent if (reading := _said(each))]
        for reading, answer in zip(said, await readings.take(said), strict=True):
            if answer.outcome is Outcome.REFUSED:
                log.warning("a reading of %s is refused: %s", reading.device, answer.detail)

    return Feed("iot", "shop.iot.shelf.>", take)


def _said(sent: Sent) -> Said | None:
    try:
        payload = msgspec.json.decode(sent.data, type=_Payload)
        at = parse_time(payload.at)
    except (msgspec.DecodeError, ValueError, OverflowError) as wrong:
        log.warning("a reading on %s cannot be read: %s", "/".join(sent.topic), wrong)
        return None
    if len(sent.topic) != _PARTS:
        log.warning("a reading on %s names no warehouse and SKU", "/".join(sent.topic))
        return None
    return Said(payload.device, sent.topic[3], sent.topic[4], payload.units, at, payload.seq)
