"""This is where prices follow their rules: when one starts, steps or ends, the SKU's price itself is set, once.

What a SKU should cost follows from the time, its rules and its regular price, which is the last price in its history that
no rule set. So nothing is remembered that could go stale: whoever looks compares that with what the SKU costs and sets the
difference on condition that the price is still the one seen. Two replicas, a restart, an editor in between: the second to
come finds nothing left to do.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from services.catalog.gates import ListingRefused
from services.catalog.notices import Notices
from services.catalog.price_history import BY_RULE
from services.catalog.prices import Prices
from services.catalog.skus import PriceEntry, Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import VersionMismatch
from services.kit.money import Money
from services.kit.store import Document

from .rows import Offer, Ruled, in_order
from .rules import PriceRule, standing
from .selections import Selecting

log = logging.getLogger(__name__)
_AT_ONCE = 200
_SIDE_BY_SIDE = 10
_ROUNDS = 20
_TRIES = 4
_RULES_OF_A_SKU = 100
_LATER = timedelta(minutes=1)
_SEEN = {"price": 1, "price_version": 1, "sold": 1, "category": 1, "tags": 1}


class Ruling:
    """Sets what is due."""

    def __init__(
        self,
        rules: Table[PriceRule],
        rows: Table[Ruled],
        skus: Table[Sku],
        entries: Table[PriceEntry],
        pricing: Prices,
        selecting: Selecting,
        notices: Notices,
        clock: Clock,
    ) -> None:
        self._rules, self._rows, self._skus, self._entries = rules, rows, skus, entries
        self._pricing, self._selecting, self._notices, self._clock = pricing, selecting, notices, clock

    async def set_due(self) -> None:
        """Looks at every SKU something may be due of, the longest due first; what fails is tried again a minute later."""
        for _ in range(_ROUNDS):
            due = {"open": True, "due_at": {"$lte": self._clock.now()}}
            rows = await self._rows.find(due, [("due_at", 1)], _AT_ONCE)
            skus = list(dict.fromkeys(row.sku for row in rows))
            for start in range(0, len(skus), _SIDE_BY_SIDE):
                await asyncio.gather(*(self._look_safely(sku) for sku in skus[start : start + _SIDE_BY_SIDE]))
            if len(rows) < _AT_ONCE:
                return

    async def count_units(self) -> None:
        """Wakes what has sold enough for its next step."""
        counting = await self._rows.find({"counting": True}, limit=_AT_ONCE * _ROUNDS)
        if not counting:
            return
        sold = await self._skus.by_keys(list({row.sku for row in counting}), {"sold": 1})
        reached = [row.id for row in counting if row.sku in sold and sold[row.sku]["sold"] >= row.units_at]
        if reached:
            await self._rows.change_all(
                {"_id": {"$in": reached}, "open": True}, {"$set": {"due_at": self._clock.now()}}
            )

    async def _look_safely(self, sku: str) -> None:
        try:
            await self.look(sku)
        except Exception:
            log.exception("the price of %s could not follow its rules; it will be tried again", sku)
            later = {"due_at": self._clock.now() + _LATER}
            await self._rows.change_all({"sku": sku, "open": True}, {"$set": later})

    async def look(self, sku: str) -> None:
        """Makes a SKU cost what its rules say now."""
        for _ in range(_TRIES):
            rows = await self._rows.find({"sku": sku, "open": True}, limit=_RULES_OF_A_SKU)
            seen = (await self._skus.by_keys([sku], _SEEN)).get(sku)
            if seen is None:
                return
            rules = await self._rules.get_many([row.rule_id for row in rows])
            rows = [await self._begun(row, rules[row.rule_id], seen["sold"]) for row in rows]
            try:
                refused = await self._set(seen, rows, rules)
            except VersionMismatch:
                continue  # somebody set it meanwhile
            for row in rows:
                await self._looked_at(row, rules[row.rule_id], seen["sold"], refused.get(row.id, ""))
            return

    async def _begun(self, row: Ruled, rule: PriceRule, sold: int) -> Ruled:
        """The row, which remembers from the first moment in force how much was sold before."""
        if not rule.counts_units or row.sold_before is not None or standing(rule, self._clock.now(), 0).span is None:
            return row
        if self._clock.now() < rule.starts_at:
            return row
        where = {"_id": row.id, "sold_before": None}
        return await self._rows.change(where, {"$set": {"sold_before": sold}}) or await self._rows.get(row.id) or row

    async def _set(self, seen: Document, rows: list[Ruled], rules: Mapping[str, PriceRule]) -> dict[str, str]:
        """Sets the price, if it is another; answers what gates had against offers, by row."""
        price, version = Money(**seen["price"]), seen["price_version"]
        head, regular = await self._head_and_regular(seen["_id"], version)
        refused: dict[str, str] = {}
        for offer in await self.offers(seen, regular, rows, rules):
            if offer.price == price:
                return refused
            why = f"{offer.rule.title} ({offer.rule.id})"
            try:
                kind = offer.rule.kind.value
                await self._pricing.set(seen["_id"], offer.price, version, why, offer.rule.signature, cause=kind)
                return refused
            except ListingRefused as against:
                refused[offer.row.id] = str(against)[:500]
                await self._tell_staff(offer, against)
        if price != regular and head.by.startswith(BY_RULE):
            ended = await self._rules.get(head.by.removeprefix(BY_RULE))
            why = f"{ended.title if ended else 'A rule'} ({head.by.removeprefix(BY_RULE)}) no longer applies"
            await self._pricing.set(seen["_id"], regular, version, why, head.by, restoring=True)
        return refused

    async def _head_and_regular(self, sku: str, version: int) -> tuple[PriceEntry, Money]:
        """The price's own entry, and the regular price: of the last entry that no rule wrote."""
        head = await self._entries.one({"sku": sku, "number": version})
        if head is None:
            raise VersionMismatch(f"{sku} is being changed")
        if not head.by.startswith(BY_RULE):
            return head, head.price
        staff = {"sku": sku, "number": {"$lt": version}, "by": {"$not": {"$regex": f"^{BY_RULE}"}}}
        found = await self._entries.find(staff, [("number", -1)], 1)
        return head, found[0].price if found else head.price

    async def offers(
        self, seen: Document, regular: Money, rows: Sequence[Ruled], rules: Mapping[str, PriceRule]
    ) -> list[Offer]:
        """What rules would have a SKU cost now, the one that counts first."""
        offers, now = [], self._clock.now()
        for row in rows:
            rule = rules[row.rule_id]
            stands = standing(rule, now, row.sold(seen["sold"]))
            left = stands.cut.of(regular) if stands.cut else None
            if left is not None and await self._selecting.selects(rule.selection, seen):
                offers.append(Offer(rule, left, row, stands))
        return in_order(offers)

    async def _tell_staff(self, offer: Offer, against: ListingRefused) -> None:
        sku, rule, price = offer.row.sku, offer.rule, offer.price
        said = f"{price.minor} {price.currency}"
        await self._notices.raise_once(
            f"{offer.row.id}|{price.minor}",
            "price_rule_refused",
            rule.id,
            f"{rule.title} cannot make {sku} cost {said}: {against.detail}"[:1_000],
            f"价格规则“{rule.title}”无法将 {sku} 定为 {said}:{against.detail}"[:1_000],
        )

    async def _looked_at(self, row: Ruled, rule: PriceRule, sold: int, refused: str) -> None:
        """When to look again; unless somebody has said so meanwhile."""
        stands = standing(rule, self._clock.now(), row.sold(sold))
        to_sell = stands.next_step.units_left if stands.next_step else None
        looked = {
            "due_at": stands.due_at,
            "open": stands.due_at is not None,
            "counting": to_sell is not None,
            "units_at": (row.sold_before or 0) + row.sold(sold) + (to_sell or 0),
            "refused": refused,
        }
        await self._rows.change({"_id": row.id, "version": row.version}, {"$set": looked})
