"""This is where alerts are kept as they were told, to be listed and counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from services.kit.errors import AlreadyExists
from services.kit.events import Told
from services.kit.store import Store

if TYPE_CHECKING:
    from shop.logistics.v1.events_pb2 import ConditionAlert

_MOST_OPEN = 5000


@dataclass
class Alert:
    """Something a device says is wrong, from when until when. `value` is what was measured when it began."""

    id: str
    rule: str
    kind: str
    target: str
    device: str
    order_id: str
    warehouse: str
    carrier: str
    value: float
    opened_at: datetime
    open: bool = True
    closed_at: datetime | None = None
    version: int = 0


class Alerts:
    """What was told, told in whatever order: an alert that has closed stays so."""

    def __init__(self, kept: Store[Alert]) -> None:
        self._kept = kept

    async def on_condition_alert(self, told: Sequence[tuple["ConditionAlert", Told]]) -> None:
        """Keeps it, once."""
        for event, _ in told:
            alert = _alert(event)
            try:
                await self._kept.insert(alert)
            except AlreadyExists:
                if not alert.open:
                    ended = {"open": False, "closed_at": alert.closed_at}
                    await self._kept.change({"_id": alert.id, "open": True}, {"$set": ended})

    async def page(self, open_only: bool, target: str, limit: int, cursor: str) -> tuple[list[Alert], str]:
        """A page of them, the newest first."""
        where: dict[str, object] = {"open": True} if open_only else {}
        return await self._kept.page(where | ({"target": target} if target else {}), limit, cursor)

    async def open_by_place(self) -> dict[tuple[str, str], int]:
        """Open alerts by warehouse and carrier."""
        counts: dict[tuple[str, str], int] = {}
        for alert in await self._kept.find({"open": True}, limit=_MOST_OPEN):
            place = (alert.warehouse, alert.carrier)
            counts[place] = counts.get(place, 0) + 1
        return counts


def _alert(event: "ConditionAlert") -> Alert:
    return Alert(
        id=event.alert_id,
        rule=event.rule_id,
        kind=event.kind,
        target=event.target,
        device=event.device_id,
        order_id=event.order_id,
        warehouse=event.warehouse,
        carrier=event.carrier,
        value=event.value,
        opened_at=datetime.fromisoformat(event.opened_at),
        open=not event.closed_at,
        closed_at=datetime.fromisoformat(event.closed_at) if event.closed_at else None,
    )
