"""This is where price rules are made, listed and ended, and where their SKUs are made known: a batch at a time, so that a
rule over a whole category is as safe from a crash as one over a cup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import FieldError
from services.kit.ids import new_id
from services.kit.store import decode_cursor, encode_cursor, found

from .rows import Ruled, ruled
from .rules import InvalidPriceRule, PriceRule, PriceRuleNotFound, check, span_of
from .selections import Selecting

_MOST = 100
_AT_ONCE = 1_000
_SHOWN = 50
_SELECTED = {"category": 1, "tags": 1}


@dataclass(frozen=True, slots=True)
class RuleSeen:
    """A rule, how many SKUs it has, and those a gate kept it from."""

    rule: PriceRule
    skus: int
    refused: Sequence[Ruled]


class Scheduling:
    """Makes rules and ends them."""

    def __init__(
        self, rules: Table[PriceRule], rows: Table[Ruled], skus: Table[Sku], selecting: Selecting, clock: Clock
    ) -> None:
        self._rules, self._rows, self._skus, self._selecting, self._clock = rules, rows, skus, selecting, clock

    async def create(self, draft: PriceRule) -> PriceRule:
        """Makes a rule. Refuses with INVALID_PRICE_RULE."""
        check(draft)
        now = self._clock.now()
        draft.id, draft.created_at, draft.spread_at = new_id("prl"), now, now
        draft.wide = draft.selection.wide
        if span_of(draft, now) is None:
            raise InvalidPriceRule("it is over already", errors=[FieldError("/ends_at", "must be to come")])
        rule = await self._rules.insert(draft)
        await self._spread_on(rule)
        return rule

    async def end(self, rule_id: str, by: str) -> PriceRule:
        """Ends it now; the first who says so counts. Refuses with PRICE_RULE_NOT_FOUND."""
        ended = {"open": False, "ended_by": by, "spread_at": self._clock.now(), "spread_after": ""}
        rule = await self._rules.change({"_id": rule_id, "open": True}, {"$set": ended})
        if rule is not None:
            await self._spread_on(rule)
        return rule or await self.get(rule_id)

    async def get(self, rule_id: str) -> PriceRule:
        """Refuses with PRICE_RULE_NOT_FOUND."""
        return found(await self._rules.get(rule_id), PriceRuleNotFound("there is no such price rule"))

    async def show(self, rule_id: str) -> RuleSeen:
        """A rule and how it fares. Refuses with PRICE_RULE_NOT_FOUND."""
        rule = await self.get(rule_id)
        counted = await self._rows.aggregate([{"$match": {"rule_id": rule_id}}, {"$count": "rows"}])
        refused = await self._rows.find({"rule_id": rule_id, "refused": {"$gt": ""}}, [("refused", 1)], _SHOWN)
        return RuleSeen(rule, counted[0]["rows"] if counted else 0, refused)

    async def page(self, only_open: bool, limit: int, cursor: str) -> tuple[list[PriceRule], str]:
        """Newest first, and where the next page starts."""
        size = min(limit or 20, _MOST)
        where: dict[str, object] = {"_id": {"$lt": decode_cursor(cursor, 1)[0]}} if cursor else {}
        if only_open:
            where["open"] = True
        rules = await self._rules.find(where, [("_id", -1)], size + 1)
        return rules[:size], encode_cursor(rules[size - 1].id) if len(rules) > size else ""

    async def spread(self) -> None:
        """Goes on with what a crash, or sheer size, left: rules whose SKUs are not all known, or not all told of the end.
        Rules whose time is over are closed."""
        now = self._clock.now()
        ended, unspread = {"open": True, "ends_at": {"$lte": now}}, {"spread_at": {"$lte": now}}
        if await self._rules.one({"$or": [ended, unspread]}) is None:
            return
        for over in await self._rules.find(ended, limit=_MOST):
            closed = {"open": False, "spread_at": now, "spread_after": ""}
            await self._rules.change({"_id": over.id, "version": over.version}, {"$set": closed})
        for rule in await self._rules.find(unspread, [("spread_at", 1)], _MOST):
            await self._spread_on(rule)

    async def _spread_on(self, rule: PriceRule | None) -> None:
        while rule is not None and rule.spread_at is not None:
            if rule.open:
                after = await self._make_known(rule)
            else:
                after = await self._wake(rule)
            progress = {"spread_after": after, "spread_at": rule.spread_at if after else None}
            rule = await self._rules.change({"_id": rule.id, "version": rule.version}, {"$set": progress})

    async def _make_known(self, rule: PriceRule) -> str:
        skus, after = await self._selecting.batch(rule.selection, rule.spread_after)
        await self.add(rule, skus)
        return after

    async def add(self, rule: PriceRule, skus: Iterable[str]) -> None:
        """These SKUs are the rule's; those that are already stay as they are."""
        span = span_of(rule, now := self._clock.now())
        due_at = max(now, span.begins) if span else now
        await self._rows.write_each([self._rows.putting(ruled(rule, sku, due_at)) for sku in skus])

    async def _wake(self, rule: PriceRule) -> str:
        after = f"{rule.id}|{rule.spread_after}"
        rows = await self._rows.parts({"rule_id": rule.id, "_id": {"$gt": after}}, {"sku": 1}, limit=_AT_ONCE)
        keys = [row["_id"] for row in rows]
        await self._rows.change_all({"_id": {"$in": keys}, "open": True}, {"$set": {"due_at": self._clock.now()}})
        return str(rows[-1]["sku"]) if len(rows) == _AT_ONCE else ""

    async def prices_changed(self, skus: Sequence[str]) -> None:
        """Somebody set these SKUs' prices: what rules made of the old ones is looked at anew."""
        await self._rows.change_all({"sku": {"$in": list(skus)}, "open": True}, {"$set": {"due_at": self._clock.now()}})

    async def products_changed(self, skus: Sequence[str]) -> None:
        """These SKUs may have come to a category or a tag, or left it."""
        wide = await self._rules.find({"wide": True, "open": True}, limit=_AT_ONCE)
        if not wide:
            return
        for start in range(0, len(skus), _AT_ONCE):
            known = await self._skus.by_keys(skus[start : start + _AT_ONCE], _SELECTED)
            for rule in wide:
                await self.add(
                    rule, [key for key, sku in known.items() if await self._selecting.selects(rule.selection, sku)]
                )
            await self.prices_changed(list(known))
