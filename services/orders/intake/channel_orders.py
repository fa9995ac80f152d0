"""This is where it is kept what came in and what became of it: nothing that was sent is lost, whatever is wrong with it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.kit.errors import NotFound, VersionMismatch, WrongState
from services.kit.store import Store
from services.orders import limits

from .channels import Kind


class ChannelOrderNotFound(NotFound):
    """There is no such order of a channel."""


class NotAnException(WrongState):
    """It is an order, being made one, or closed."""


class ChannelOrderState(StrEnum):
    """What became of it; as in intake.proto."""

    TAKING = "taking"
    ORDERED = "ordered"
    EXCEPTION = "exception"
    CLOSED = "closed"


# Refusals, and what staff looks for them under.
REASONS = {
    "UNKNOWN_SKU": "unknown_sku",
    "NOT_ON_SALE": "not_on_sale",
    "OUT_OF_STOCK": "stock_out",
    "WAREHOUSE_SHORT": "stock_out",
    "INVALID_ADDRESS": "bad_address",
    "DELIVERY_MISSING": "no_delivery",
    "PRICE_CHANGED": "price_changed",
    "AMOUNTS_DIFFER": "amounts_differ",
    "PAYMENT_DECLINED": "payment_declined",
    "COUPON_USED_UP": "coupon",
    "COUPON_NOT_FOUND": "coupon",
    "CREDIT_EXCEEDED": "credit_exceeded",
    "MINIMUM_NOT_REACHED": "below_minimum",
}
OTHER_REASON = "refused"


@dataclass
class ChannelOrder:
    """An order that came in. The channel's own id is unique in its channel. While somebody works on it `due_at` says until
    when; after that any replica goes on. `sealed_draft` is dropped once it is an order: that has what it needs."""

    id: str
    channel: str
    channel_order_id: str
    kind: Kind
    state: ChannelOrderState
    fingerprint: bytes
    sealed_draft: bytes
    taken_at: datetime
    due_at: datetime | None = None
    attempt: int = 1
    reason: str = ""
    detail: str = ""
    order_id: str = ""
    flags: list[str] = field(default_factory=list)
    closed_by: str = ""
    closed_note: str = ""
    version: int = 0

    @property
    def request_id(self) -> str:
        """What makes the order of this attempt once only."""
        return f"{self.id}:{self.attempt}"


class ChannelOrders:
    """Looks at them, and closes those that were seen to elsewhere."""

    def __init__(self, kept: Store[ChannelOrder]) -> None:
        self._kept = kept

    async def get(self, key: str) -> ChannelOrder:
        """Refuses with CHANNEL_ORDER_NOT_FOUND."""
        found = await self._kept.get(key) if limits.is_id(key, "chn") else None
        if found is None:
            raise ChannelOrderNotFound("no such order of a channel")
        return found

    async def page(
        self, state: ChannelOrderState | None, channel: str, reason: str, limit: int, cursor: str
    ) -> tuple[list[ChannelOrder], str]:
        """Newest first."""
        states = [state] if state else list(ChannelOrderState)
        where: dict[str, object] = {"state": {"$in": [each.value for each in states]}}
        if channel:
            where["channel"] = channel
        if reason:
            where["reason"] = reason
        return await self._kept.page(where, limit, cursor)

    async def close(self, key: str, if_version: int, note: str, by: str) -> ChannelOrder:
        """It stays on the books. Refuses with CHANNEL_ORDER_NOT_FOUND, NOT_AN_EXCEPTION, VERSION_MISMATCH."""
        why = limits.text(note, "/note", 200, needed=True)
        closed = {"state": ChannelOrderState.CLOSED.value, "closed_note": why, "closed_by": by}
        return await self.moved(key, if_version, {"$set": closed})

    async def moved(self, key: str, if_version: int, update: dict[str, object]) -> ChannelOrder:
        """An exception, changed: one conditional write. Refuses as `close` does."""
        where: dict[str, object] = {"_id": key, "state": ChannelOrderState.EXCEPTION.value}
        if if_version:
            where["version"] = if_version
        changed = await self._kept.change(where, update)
        if changed is not None:
            return changed
        found = await self.get(key)
        if found.state is not ChannelOrderState.EXCEPTION:
            raise NotAnException("it is no exception, or no more")
        raise VersionMismatch(f"it has changed since version {if_version}")
