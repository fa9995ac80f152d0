"""This is where units are counted that a promotion has only so many of: in all, and for a customer.

A count is one document, `prm_…` or `prm_…|cus_…`. It knows the orders it counted, so one conditional write takes an order's
units: only if the order is not known and there are units left. Giving back is one write too: the order stays known, with no
units, and so cannot take them any more if its request was only late. A promotion counts 10,000 units at most, and a customer
has few: the documents stay short. Taking from two counts is undone when the second refuses; what a crash leaves between them
the order gives back, for it lists its claims before it takes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.kit.errors import AlreadyExists, TooLate, WrongState
from services.kit.store import Change, Store

_TRIES = 5


class PromotionUsedUp(WrongState):
    """So many units of a promotion are not left, in all or for this customer (metadata: promotion_id)."""


class CountBusy(TooLate):
    """The count changes too fast just now; again is harmless."""


@dataclass
class Allotment:
    """Units taken, and by which order how many (0: given back)."""

    id: str
    units: int = 0
    orders: dict[str, int] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of a promotion: `at_most` may have been taken before (None: they are not counted in all), a customer may have
    `limit_per_customer` (0: any number)."""

    promotion_id: str
    units: int
    at_most: int | None
    limit_per_customer: int = 0


@dataclass(frozen=True, slots=True)
class _Count:
    id: str
    units: int
    at_most: int


class Allotments:
    """Taking units and giving them back."""

    def __init__(self, allotments: Store[Allotment]) -> None:
        self._allotments = allotments

    async def take(self, order_id: str, customer_id: str, wanted: Sequence[Wanted]) -> None:
        """All of these, or none. Again changes nothing; after a release it is refused. Refuses with PROMOTION_USED_UP."""
        taken: list[_Count] = []
        for count in _counts(customer_id, wanted):
            taken.append(count)
            if not await self._take(order_id, count):
                for each in taken:
                    await self._release(order_id, each)
                promotion_id = count.id.split("|")[0]
                raise PromotionUsedUp(f"{promotion_id} has not so many units left", promotion_id=promotion_id)

    async def release(self, order_id: str, customer_id: str, wanted: Sequence[Wanted]) -> None:
        """Gives the order's units back, and lets it take none of these again. Again changes nothing."""
        for count in _counts(customer_id, wanted):
            await self._release(order_id, count)

    async def sold(self, promotion_ids: Sequence[str]) -> Mapping[str, int]:
        """How many units are taken of each."""
        return await self._units(promotion_ids) if promotion_ids else {}

    async def bought(self, customer_id: str, promotion_ids: Sequence[str]) -> Mapping[str, int]:
        """How many units a customer has of each."""
        if not customer_id or not promotion_ids:
            return {}
        units = await self._units([f"{each}|{customer_id}" for each in promotion_ids])
        return {key.split("|")[0]: n for key, n in units.items()}

    async def _units(self, ids: Sequence[str]) -> dict[str, int]:
        rows = self._allotments.collection.find({"_id": {"$in": list(ids)}}, {"units": 1})
        return {row["_id"]: row["units"] async for row in rows}

    async def _take(self, order_id: str, count: _Count) -> bool:
        """Whether the order has these units, now or already."""
        known = f"orders.{order_id}"
        for _ in range(_TRIES):
            where = {"_id": count.id, known: {"$exists": False}, "units": {"$lte": count.at_most}}
            update = {"$inc": {"units": count.units}, "$set": {known: count.units}}
            if await self._allotments.change_many([Change(where, update)]):
                return True
            now = await self._of_order(order_id, count.id)
            if now is None:
                try:
                    await self._allotments.insert(Allotment(count.id))
                except AlreadyExists:
                    continue  # made this very moment
            elif now[1] is not None:
                return now[1] > 0
            elif now[0] > count.at_most:
                return False
        raise CountBusy("the count changes too fast just now")

    async def _of_order(self, order_id: str, count_id: str) -> tuple[int, int | None] | None:
        """All units of a count and the order's; None when there is no such count."""
        row = await self._allotments.collection.find_one({"_id": count_id}, {"units": 1, f"orders.{order_id}": 1})
        return (row["units"], row.get("orders", {}).get(order_id)) if row else None

    async def _release(self, order_id: str, count: _Count) -> None:
        known = f"orders.{order_id}"
        for _ in range(_TRIES):
            now = await self._of_order(order_id, count.id)
            if now is None:
                try:
                    await self._allotments.insert(Allotment(count.id, orders={order_id: 0}))
                except AlreadyExists:
                    continue
                return
            units = now[1]
            if units == 0:
                return
            where = {"_id": count.id, known: units if units is not None else {"$exists": False}}
            update = {"$inc": {"units": -(units or 0)}, "$set": {known: 0}}
            if await self._allotments.change_many([Change(where, update)]):
                return
        raise CountBusy("the count changes too fast just now")


def _counts(customer_id: str, wanted: Sequence[Wanted]) -> list[_Count]:
    """What is to be counted where, in a fixed order."""
    counts = []
    for each in sorted(wanted, key=lambda each: each.promotion_id):
        if each.limit_per_customer and customer_id:
            left = each.limit_per_customer - each.units
            counts.append(_Count(f"{each.promotion_id}|{customer_id}", each.units, left))
        if each.at_most is not None:
            counts.append(_Count(each.promotion_id, each.units, each.at_most))
    return counts
