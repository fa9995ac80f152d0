"""This is where a coupon becomes somebody's: a voucher is one issued copy of it, with a code of its own, good once.

What a voucher gives is said by its coupon, and counted there; the voucher says whose it is, until when, and which order has
used it. Codes of a batch belong to whoever knows them; what was claimed or granted to a customer is theirs alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.kit.store import Store

BATCH, CLAIM, AGENT = "batch", "claim", "agent"


@dataclass
class Voucher:
    """One issued copy of a coupon (`coupon` is its code). `order_id` is the order that has used it, empty for none; orders
    in `returned` gave it back and must not take it again."""

    id: str
    code: str
    coupon: str
    source: str
    granted_at: datetime
    ends_at: datetime
    customer_id: str = ""
    batch: str = ""
    slot: str = ""  # coupon|customer|number of a claim: there is one of each
    request_id: str = ""
    by: str = ""
    reason: str = ""
    order_id: str = ""
    returned: list[str] = field(default_factory=list)
    version: int = 0

    def theirs(self, customer_id: str) -> bool:
        """Whether this customer may use it."""
        return not self.customer_id or self.customer_id == customer_id


class Vouchers:
    """Finds vouchers by their codes, and lets one order use each."""

    def __init__(self, vouchers: Store[Voucher]) -> None:
        self._vouchers = vouchers

    async def by_codes(self, codes: Sequence[str]) -> dict[str, Voucher]:
        """Those of these codes that are vouchers', in one read; none for none."""
        if not codes:
            return {}
        rows = await self._vouchers.find({"code": {"$in": list(codes)}}, limit=len(codes))
        return {row.code: row for row in rows}

    async def take(self, voucher: Voucher, order_id: str) -> bool:
        """Whether it is this order's now. Again changes nothing."""
        free = {"_id": voucher.id, "order_id": {"$in": ["", order_id]}, "returned": {"$ne": order_id}}
        return await self._vouchers.change(free, {"$set": {"order_id": order_id}}) is not None

    async def free(self, voucher: Voucher, order_id: str) -> None:
        """The order gives it back, and cannot take it any more: the fence comes first. Again changes nothing."""
        fence = {"$push": {"returned": {"$each": [order_id], "$slice": -100}}}
        await self._vouchers.change({"_id": voucher.id, "returned": {"$ne": order_id}}, fence)
        await self._vouchers.change({"_id": voucher.id, "order_id": order_id}, {"$set": {"order_id": ""}})
