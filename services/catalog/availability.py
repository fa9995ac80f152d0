"""This is where it is told that the last unit of a SKU is spoken for, or the first one back.

Nothing is told while holds come and go on the way to an order: after stock has moved or holds were given back, somebody
looks. Each look follows the change it is for, and turns the flag only under the condition it turns it for; so the last
look is right, however many there are at once. A bundle follows its parts, which are other documents: who turned it looks
again, until what it says is so.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from services.kit.clock import Clock
from services.kit.store import Change, Document

from .messages.events import availability_changed
from .parts import bundles_left, parts_of
from .skus import Sku
from .store import Table


class Availability:
    """Tells when a SKU can be ordered no more, or again."""

    def __init__(self, skus: Table[Sku], clock: Clock) -> None:
        self._skus, self._clock = skus, clock

    async def look(self, skus: Sequence[str]) -> None:
        """Turns and tells what is no longer so, of these SKUs and of the bundles they go into."""
        fields = {"product_id": 1, "available": 1, "in_stock": 1, "stock_at": 1, "parts": 1}
        found = await self._skus.by_keys(skus, fields) if skus else {}
        turns = []
        for seen in found.values():
            now_in_stock = seen["available"] > 0
            if "parts" in seen or now_in_stock == seen["in_stock"]:
                continue
            turns.append(self._turn(seen, now_in_stock, {"available": {"$gt": 0} if now_in_stock else {"$lte": 0}}))
        if turns:
            await self._skus.change_many(turns)
        await self.look_at_bundles(found)

    async def look_at_bundles(self, parts: Iterable[str]) -> set[str]:
        """The same for the bundles that one of these goes into; answers their products."""
        skus = sorted(set(parts))
        while skus:
            fields = {"product_id": 1, "in_stock": 1, "stock_at": 1, "parts": 1}
            bundles = await self._skus.parts({"parts.sku": {"$in": skus}}, fields)
            turns = await self._bundles_turned(bundles)
            if not turns:
                return {bundle["product_id"] for bundle in bundles}
            await self._skus.change_many(turns)
        return set()

    async def _bundles_turned(self, bundles: Sequence[Document]) -> list[Change]:
        parts = {bundle["_id"]: parts_of(bundle) for bundle in bundles}
        wanted = sorted({part.sku for of_bundle in parts.values() for part in of_bundle})
        there = await self._skus.by_keys(wanted, {"available": 1, "on_hand": 1}) if wanted else {}
        return [
            self._turn(bundle, now_in_stock, {})
            for bundle in bundles
            if (now_in_stock := bundles_left(parts[bundle["_id"]], there) > 0) != bundle["in_stock"]
        ]

    def _turn(self, seen: Document, now_in_stock: bool, condition: Document) -> Change:
        at = self._clock.now()
        if seen["stock_at"]:
            at = max(at, seen["stock_at"] + timedelta(milliseconds=1))  # rises, whatever the replicas' clocks say
        where = {"_id": seen["_id"], "in_stock": seen["in_stock"], "stock_at": seen["stock_at"], **condition}
        told = availability_changed(seen["_id"], seen["product_id"], now_in_stock, at)
        return Change(where, {"$set": {"in_stock": now_in_stock, "stock_at": at}}, [told])
