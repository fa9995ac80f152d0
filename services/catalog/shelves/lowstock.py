"""This is where it is said when a SKU runs low: below a line, explicit or of so many days' sales; staff are told once.

The alert is armed again when there is more than the line and a tenth. Movements only mark SKUs as to be looked at; a chore
looks, so that the way of a purchase stays as short as it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from shop.catalog.v1.events_pb2 import AvailabilityChanged, StockMoved

from services.catalog.fields import MAX_UNITS, Faults, is_sku
from services.catalog.notices import Notices
from services.catalog.parts import told_by_parts
from services.catalog.skus import Sku, SkuNotFound
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, VersionMismatch
from services.kit.events import Told
from services.kit.store import decode_cursor, encode_cursor

from .classes import JUST_IN_TIME, POOLED, STANDARD
from .selling import Selling

POLICIES = ("", JUST_IN_TIME, STANDARD, POOLED)
NO_LINE = -1
_NEVER_EMPTY = 10**9  # days of cover, in tenths, of what does not sell
_AT_ONCE = 500
_MOST_WAREHOUSES = 50


class InvalidStockPolicy(Invalid):
    """No policy can be so; `errors` say why."""


@dataclass
class StockPolicy:
    """What people want of a SKU's stock; None where they leave it to its sales and its class."""

    id: str
    low_line: int | None = None
    target_cover_days: int | None = None
    policy: str = ""
    warehouse_lines: dict[str, int] = field(default_factory=dict)
    by: str = ""
    updated_at: datetime | None = None
    version: int = 0


@dataclass
class LowLine:
    """The line of a SKU in the whole shop (`warehouse` empty) or in one warehouse; the id is `sku|warehouse`."""

    id: str
    sku: str
    warehouse: str
    line: int = NO_LINE
    explicit: bool = False
    daily_milli: int = 0
    units: int = 0  # when it was last looked at
    cover_tenths: int = _NEVER_EMPTY  # days the units last
    low: bool = False
    episode: int = 0  # how often it fell below
    since: datetime | None = None
    version: int = 0


class LowStock:
    """Keeps lines, and says who is below."""

    def __init__(
        self,
        policies: Table[StockPolicy],
        lines: Table[LowLine],
        skus: Table[Sku],
        selling: Selling,
        notices: Notices,
        low_cover_days: int,
        clock: Clock,
    ) -> None:
        self._policies, self._lines, self._skus, self._selling = policies, lines, skus, selling
        self._notices, self._low_cover_days, self._clock = notices, low_cover_days, clock
        self._marked: set[str] = set()
        self._swept = False  # what moved while nobody was here is looked at once

    async def policy(self, sku: str) -> StockPolicy:
        """The policy of a SKU, an empty one when nobody said anything. Refuses with SKU_NOT_FOUND."""
        if policy := await self._policies.get(sku):
            return policy
        if not is_sku(sku) or not await self._skus.by_keys([sku], {"_id": 1}):
            raise SkuNotFound("there is no such SKU")
        return StockPolicy(sku)

    async def policies_of(self, skus: Sequence[str]) -> Mapping[str, StockPolicy]:
        """Those there are."""
        return await self._policies.get_many(skus)

    async def put(self, wanted: StockPolicy, if_version: int) -> StockPolicy:
        """Sets a policy and its lines. Refuses with SKU_NOT_FOUND, INVALID_STOCK_POLICY, VERSION_MISMATCH."""
        _check(wanted)
        there = await self.policy(wanted.id)
        if if_version and there.version != if_version:
            raise VersionMismatch(f"the policy has changed since version {if_version}")
        wanted.version, wanted.updated_at = there.version, self._clock.now()
        try:
            kept = await (self._policies.save(wanted) if there.version else self._policies.insert(wanted))
        except AlreadyExists:
            raise VersionMismatch("the policy was set by somebody else") from None
        await self.draw([wanted.id])
        await self.look([wanted.id])
        return kept

    async def draw(self, skus: Sequence[str]) -> None:
        """Draws the lines of these SKUs anew: as people want them, else of so many days' sales."""
        today = self._clock.now().date()
        policies, paces = await self._policies.get_many(skus), await self._selling.of(skus, today)
        there = {line.id: line for line in await self._lines.find({"sku": {"$in": list(skus)}}, limit=100_000)}
        changes: dict[str, dict[str, Any]] = {}
        for sku in skus:
            policy, daily = policies.get(sku, StockPolicy(sku)), paces[sku].daily_milli(today)
            computed = ceil(daily * self._low_cover_days / 1000) or NO_LINE
            lines = {"": computed if policy.low_line is None else policy.low_line, **policy.warehouse_lines}
            gone = {line.warehouse: NO_LINE for line in there.values() if line.sku == sku}
            for warehouse, units in (gone | lines).items():
                key = f"{sku}|{warehouse}"
                explicit = bool(warehouse) or policy.low_line is not None
                kept = there.get(key, LowLine(key, sku, warehouse))
                if (kept.line, kept.explicit, kept.daily_milli) != (units, explicit, daily):
                    changes[key] = {"line": units, "explicit": explicit, "daily_milli": daily}
                    if key not in there:
                        first = LowLine(key, sku, warehouse)
                        names = ("sku", "warehouse", "units", "cover_tenths", "low", "episode", "since")
                        changes[key] |= {name: getattr(first, name) for name in names}
        await self._lines.write_each([self._lines.setting(key, fields) for key, fields in changes.items()])

    async def on_stock_moved(self, events: Sequence[tuple[StockMoved, Told]]) -> None:
        """They are looked at in a moment."""
        self._marked.update(event.sku for event, _ in events)

    async def on_availability_changed(self, events: Sequence[tuple[AvailabilityChanged, Told]]) -> None:
        """They are looked at in a moment."""
        self._marked.update(event.sku for event, _ in events)

    async def look_around(self) -> None:
        """Looks at what moved; the first time at every line, for somebody may have died before looking."""
        if not self._swept:
            await self._sweep()
            self._swept = True
        while self._marked:
            some = [self._marked.pop() for _ in range(min(_AT_ONCE, len(self._marked)))]
            try:
                await self.look(some)
            except Exception:
                self._marked.update(some)
                raise

    async def _sweep(self) -> None:
        after = ""
        while lines := await self._lines.parts({"_id": {"$gt": after}}, {"sku": 1}, limit=_AT_ONCE):
            await self.look([line["sku"] for line in lines])
            after = lines[-1]["_id"]

    async def look(self, skus: Iterable[str]) -> None:
        """Brings the lines of these SKUs up to what there is, and tells of those that fell below."""
        lines = await self._lines.find({"sku": {"$in": sorted(set(skus))}}, limit=100_000)
        if not lines:
            return
        there = await self._skus.by_keys(
            sorted({line.sku for line in lines}), {"available": 1, "on_hand": 1, "parts": 1}
        )
        await told_by_parts(self._skus, there.values())
        updates = []
        for line in lines:
            of_sku = there[line.sku]
            units = of_sku["on_hand"].get(line.warehouse, 0) if line.warehouse else of_sku["available"]
            cover = units * 10_000 // line.daily_milli if line.daily_milli else _NEVER_EMPTY
            low = is_low(line, units)
            if low and not line.low:
                await self._tell(line, units)  # before it is noted: a crash tells it once more, under the same key
            change: dict[str, Any] = {"units": units, "cover_tenths": cover, "low": low}
            if low != line.low:
                change |= {"episode": line.episode + low, "since": self._clock.now() if low else None}
            if any(getattr(line, name) != value for name, value in change.items()):
                updates.append(({"_id": line.id, "episode": line.episode, "low": line.low}, {"$set": change}))
        await self._lines.touch(updates)

    async def _tell(self, line: LowLine, units: int) -> None:
        place = f" in {line.warehouse}" if line.warehouse else ""
        place_zh = f"在 {line.warehouse} 仓" if line.warehouse else ""
        await self._notices.raise_once(
            f"{line.id}:{line.episode + 1}",
            "low_stock",
            line.sku,
            f"{line.sku} runs low{place}: {units} left, the line is {line.line}",
            f"{line.sku} {place_zh}库存不足：剩余 {units}，预警线 {line.line}",
        )

    async def page(self, warehouse: str | None, limit: int, cursor: str) -> tuple[list[LowLine], str]:
        """Who is below, the soonest empty first, and where the next page starts; of all lines when `warehouse` is None."""
        size, where = min(limit or 20, 100), dict[str, Any](low=True)
        if warehouse is not None:
            where["warehouse"] = warehouse
        if cursor:
            cover, key = decode_cursor(cursor, 2)
            where["$or"] = [{"cover_tenths": {"$gt": cover}}, {"cover_tenths": cover, "_id": {"$gt": key}}]
        items = await self._lines.find(where, [("cover_tenths", 1), ("_id", 1)], size + 1)
        last = items[size - 1] if len(items) > size else None
        return items[:size], encode_cursor(last.cover_tenths, last.id) if last else ""

    async def low_among(self, skus: Sequence[str]) -> dict[str, set[str]]:
        """Where these SKUs are low: warehouses, or empty for the whole shop."""
        low: dict[str, set[str]] = {}
        for line in await self._lines.find({"sku": {"$in": list(skus)}, "low": True}, limit=100_000):
            low.setdefault(line.sku, set()).add(line.warehouse)
        return low


def is_low(line: LowLine, units: int) -> bool:
    """At or below the line; once low, until it is above the line and a tenth (one unit at least)."""
    if line.line == NO_LINE:
        return False
    return units <= line.line + (max(1, line.line // 10) if line.low else 0)


def _check(policy: StockPolicy) -> None:
    faults = Faults()
    if policy.low_line is not None:
        faults.number("/low_line", policy.low_line, 0, MAX_UNITS)
    if policy.target_cover_days is not None:
        faults.number("/target_cover_days", policy.target_cover_days, 1, 3_650)
    if policy.policy not in POLICIES:
        faults.add("/policy", f"must be one of {', '.join(POLICIES[1:])}, or empty")
    if len(policy.warehouse_lines) > _MOST_WAREHOUSES:
        faults.add("/warehouse_lines", f"must be at most {_MOST_WAREHOUSES}")
    for warehouse, units in policy.warehouse_lines.items():
        faults.warehouse("/warehouse_lines", warehouse)
        faults.number(f"/warehouse_lines/{warehouse}", units, 0, MAX_UNITS)
    faults.text("/by", policy.by, 128)
    faults.refuse(InvalidStockPolicy)
