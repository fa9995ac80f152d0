"""This is where devices on the way are heard over MQTT: `shop/iot/parcel/<device>` with `{key, readings: [{seq, at, …}]}`.

A stream keeps what they send until it is handled; a device that got its PUBACK does not send again.
"""

import logging
from collections.abc import Sequence

import msgspec

from services.kit.clock import parse_time
from services.kit.feeds import Feed, Sent

from .readings import MOST_AT_ONCE, Batch, Readings, Said

log = logging.getLogger(__name__)
_PARTS = 4  # shop, iot, parcel, device


class _Said(msgspec.Struct, forbid_unknown_fields=True):
    seq: int
    at: str
    temperature_c: float | None = None
    humidity: float | None = None
    shock_g: float | None = None
    latitude: float | None = None
    longitude: float | None = None


class _Payload(msgspec.Struct):
    key: str
    readings: list[_Said]


def parcel_feed(readings: Readings) -> Feed:
    """What devices on the way send."""

    async def take(sent: Sequence[Sent]) -> None:
        batches = [batch for each in sent if (batch := _batch(each))]
        for batch, answers in zip(batches, await readings.take(batches), strict=True):
            if answers is None:
                log.warning("what %s sent is refused: no device of ours shows that secret", batch.device)

    return Feed("iot", "shop.iot.parcel.>", take)


def _batch(sent: Sent) -> Batch | None:
    try:
        payload = msgspec.json.decode(sent.data, type=_Payload)
        said = [_said(one) for one in payload.readings]
    except (msgspec.DecodeError, ValueError, OverflowError) as wrong:
        log.warning("what came on %s cannot be read: %s", "/".join(sent.topic), type(wrong).__name__)
        return None
    if len(sent.topic) != _PARTS or not 1 <= len(said) <= MOST_AT_ONCE:
        log.warning("what came on %s names no device, or too much", "/".join(sent.topic))
        return None
    return Batch(sent.topic[3], payload.key, said)


def _said(one: _Said) -> Said:
    names = ("temperature_c", "humidity", "shock_g", "latitude", "longitude")
    values = {name: value for name in names if (value := getattr(one, name)) is not None}
    return Said(one.seq, parse_time(one.at), values)
