"""This is where holds that ran out are looked after: orders says which are dead, which live."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import TooLate, Unavailable
from services.kit.store import Change, Document

from .availability import Availability
from .skus import Sku
from .store import Table
from .wants import giving_back

log = logging.getLogger(__name__)
_EXTENDED = timedelta(minutes=15)
_MOST_SKUS = 200
_MOST_ORDERS = 500


class Fate(Enum):
    """What is done with a hold that ran out."""

    RELEASE = "release"
    KEEP = "keep"


class Orders(Protocol):
    """Knows what became of orders."""

    async def fates(self, order_ids: Sequence[str]) -> Sequence[Fate | None]:
        """One an order, in the order asked; None when it cannot be said. Raises `Unavailable` or `TooLate`."""
        ...


class Sweeper:
    """Releases what dead orders hold, extends what living ones hold. As many may sweep at once as like."""

    def __init__(self, skus: Table[Sku], orders: Orders, availability: Availability, clock: Clock) -> None:
        self._skus, self._orders, self._availability, self._clock = skus, orders, availability, clock

    async def sweep(self) -> int:
        """One round; answers how many holds it looked at. While orders is away, everything stays as it is."""
        now = self._clock.now()
        documents = await self._with_expired_holds(now)
        orders = list(dict.fromkeys(hold["order_id"] for each in documents for hold in each["expired"]))[:_MOST_ORDERS]
        if not orders:
            return 0
        try:
            fates = dict(zip(orders, await self._orders.fates(orders), strict=False))
        except (Unavailable, TooLate) as away:
            log.info("expired holds wait for orders: %s", away.reason)
            return 0
        await self._settle(documents, fates, now + _EXTENDED)
        return sum(len(each["expired"]) for each in documents)

    async def _with_expired_holds(self, now: datetime) -> list[Document]:
        """SKUs with holds that ran out. Those whose holds all ended in time are left alone until the next may run out."""
        expired = {"$filter": {"input": "$holds", "cond": {"$lte": ["$$this.expires_at", now]}}}
        next_time = {"$ifNull": [{"$min": "$holds.expires_at"}, "$$REMOVE"]}
        while True:
            due = await self._skus.parts(
                {"sweep_at": {"$lte": now}}, {"expired": expired}, [("sweep_at", 1)], _MOST_SKUS
            )
            fine = [each["_id"] for each in due if not each["expired"]]
            if not fine:
                return due
            await self._skus.touch([({"_id": sku}, [{"$set": {"sweep_at": next_time}}]) for sku in fine])

    async def _settle(
        self, documents: Sequence[Document], fates: Mapping[str, Fate | None], extended: datetime
    ) -> None:
        releases, extensions = [], []
        for document in documents:
            for hold in document["expired"]:
                sku, order_id, seen = document["_id"], hold["order_id"], {"expires_at": hold["expires_at"]}
                match fates.get(order_id):
                    case Fate.RELEASE:
                        releases.append(giving_back(sku, order_id, hold["quantity"], seen))
                    case Fate.KEEP:
                        where = {"_id": sku, "holds": {"$elemMatch": {"order_id": order_id, **seen}}}
                        extensions.append(Change(where, {"$set": {"holds.$.expires_at": extended}}))
        if changes := [*releases, *extensions]:
            await self._skus.change_many(changes)
            await self._availability.look(sorted({change.where["_id"] for change in releases}))
