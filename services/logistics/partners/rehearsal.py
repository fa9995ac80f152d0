"""This is where a carrier rehearses: magic waybills of the sandbox that are always in a certain state.

`SBMAGIC-DELIVERED` is delivered, `SBMAGIC-OUT-FOR-DELIVERY` is on the van, and so on through every canonical state. They
have labels in every format and take scans; nothing of it is kept.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.logistics.carriers import DEFAULT_CARRIER
from services.logistics.carriers.sandbox.messages import state_of
from services.logistics.label_texts import A6
from services.logistics.labels import Labels
from services.logistics.regions import Region
from services.logistics.scans import ACCEPTED, MOST_AT_ONCE, REJECTED, Answer, RawScan, Scans
from services.logistics.shipments import DELIVERED, PACKED, SHIPPED, Line, Shipment
from services.logistics.tracking import LABEL_CREATED, UNKNOWN, Scan, derive
from services.logistics.warehouses import MAIN

_LEFT = (LABEL_CREATED, UNKNOWN, "cancelled")


class Rehearsal:
    """Makes them up."""

    def __init__(self, clock: Clock, sealed_address: bytes) -> None:
        self._clock, self._sealed_address = clock, sealed_address

    def parcel(self, waybill: str) -> Shipment | None:
        """The parcel a magic waybill stands for; None for any other."""
        state, now = state_of(waybill), self._clock.now()
        if state is None:
            return None
        left = state not in _LEFT
        return Shipment(
            id=f"shp_{'0' * 26}",
            order_id=REHEARSED_ORDER,
            state=DELIVERED if state == DELIVERED else SHIPPED if left else PACKED,
            created_at=now - timedelta(days=1),
            warehouse=MAIN.id,
            carrier=DEFAULT_CARRIER,
            waybill=waybill,
            lines=[Line("SANDBOX", "沙盒 Sandbox", 1, 500)],
            region=Region("CN", "上海市", "上海市", "浦東新區"),
            sealed_address=self._sealed_address,
            shipped_at=now - timedelta(hours=1) if left else None,
            delivered_at=now if state == DELIVERED else None,
            tracking_state=state,
            scans=[] if state in (LABEL_CREATED, UNKNOWN) else [_scan(state, now)],
        )


REHEARSED_ORDER = f"ord_{'0' * 26}"


def _scan(state: str, now: datetime) -> Scan:
    return Scan(f"magic/{state}", state, state, "", "上海", now - timedelta(minutes=1), now)


class RehearsedScans:
    """Takes scans in; those of magic waybills are answered and forgotten."""

    def __init__(self, scans: Scans, rehearsal: Rehearsal) -> None:
        self._scans, self._rehearsal = scans, rehearsal

    async def record(self, carrier: str, raw: Sequence[RawScan]) -> list[Answer]:
        """One answer a scan, in the order given. Refuses as `Scans` does."""
        if carrier != DEFAULT_CARRIER or len(raw) > MOST_AT_ONCE:
            return await self._scans.record(carrier, raw)
        magic = {n: parcel for n, scan in enumerate(raw) if (parcel := self._rehearsal.parcel(scan.waybill))}
        if not magic:
            return await self._scans.record(carrier, raw)
        rest = [n for n in range(len(raw)) if n not in magic]
        answers = dict(zip(rest, await self._scans.record(carrier, [raw[n] for n in rest]), strict=True))
        answers |= {n: self._answer(parcel, raw[n]) for n, parcel in magic.items()}
        return [answers[n] for n in range(len(raw))]

    def _answer(self, parcel: Shipment, raw: RawScan) -> Answer:
        understood = self._scans.understood(DEFAULT_CARRIER, raw)
        if not isinstance(understood, Scan):
            return Answer(REJECTED, understood)
        return Answer(ACCEPTED, state=derive([*parcel.scans, understood]).state)


class RehearsedLabels:
    """Makes a carrier's labels, of magic waybills too."""

    def __init__(self, labels: Labels, rehearsal: Rehearsal) -> None:
        self._labels, self._rehearsal = labels, rehearsal

    async def of_waybill(self, carrier: str, waybill: str, form: str, size: str = A6) -> tuple[bytes, str]:
        """The document and its media type. Refuses as `Labels` does."""
        magic = self._rehearsal.parcel(waybill) if carrier == DEFAULT_CARRIER else None
        if magic is None:
            return await self._labels.of_waybill(carrier, waybill, form, size)
        return await self._labels.of_parcel(magic, form, size)
