"""This is where it is decided what to order of a SKU, when, and how it is said why (C42, C44)."""

from dataclasses import dataclass, field
from datetime import date, datetime

from services.catalog.store import Table
from services.kit.store import decode_cursor, encode_cursor

from .policies import CLASSES, InvalidReplenishmentPolicy, Mode

_MOST = 100
NEVER = 9_999.0  # days left of what does not sell


@dataclass
class PlanLine:
    """What is planned of a SKU; the id is the SKU. Units, days.

    Orders come of it one at a time: each raises `crossing`, and is only decided by who has seen the crossing before.
    `waiting` is to be drafted by itself, `batch` with the others of a run. `crossed`: ordered between two runs; the next run
    looks anew.
    """

    id: str
    product_id: str
    title: str
    made_at: datetime
    run: str
    stock_class: str
    mode: Mode
    service: float  # the quantile it is ordered up to
    lead_mean: float
    lead_sd: float
    review_days: int
    needed: float  # foreseen over lead time and review
    weekly: float
    up_to: int
    line: int
    on_hand: int
    available: int
    on_order: int
    quantity: int
    to_order: bool
    days_left: float  # until it sells out, if nothing comes
    moq: int
    pack_size: int
    supplier_id: str
    reviewed: int  # the review period it was last looked at in
    trials: list[list[float]]
    tried: bool  # whether the service level was found on the past
    crossing: int = 0
    crossed: bool = False
    waiting: bool = False
    batch: str = ""
    orders: list[str] = field(default_factory=list)  # purchase orders last drafted for it
    version: int = 0

    @property
    def safety(self) -> int:
        """Units held beyond what is foreseen, for what is not."""
        return max(0, round(self.up_to - self.needed))

    @property
    def period(self) -> int:
        """Days an order has to last."""
        return max(1, round(self.lead_mean + self.review_days))


def review_period(today: date, review_days: int) -> int:
    """Which period a day is in: all SKUs of one rhythm are reviewed together, weekly ones on Mondays."""
    return (today.toordinal() - 1) // review_days


def to_order(position: int, line: int, up_to: int, *, due: bool, moq: int, pack_size: int) -> int:
    """How many, with `position` on the shelf and on order.

    At or below the line at once: at least the deficit, the least quantity, in whole packs. Above it only on its review, and
    only whole packs that do not overshoot the level.
    """
    deficit = up_to - position
    if deficit <= 0:
        return 0
    if position <= line:
        return -(-max(deficit, moq) // pack_size) * pack_size
    whole = deficit // pack_size * pack_size
    return whole if due and whole >= moq else 0


def bounded(units: int, least: int, most: int | None) -> int:
    """A level within a policy's bounds."""
    return min(max(units, least), most) if most is not None else max(units, least)


def days_left(available: int, weekly: float) -> float:
    """Until the shelf is empty at the foreseen rate."""
    return min(NEVER, round(7 * available / weekly, 1)) if weekly > 0 else NEVER


def explained(line: PlanLine) -> tuple[str, str]:
    """Why so many, in English and Chinese: every number that made it."""
    lead = f"{line.lead_mean:g}±{line.lead_sd:g}"
    level = f"{line.service:.4g}"
    return (
        f"Order {line.quantity}: forecast {line.needed:.0f} over {line.period} days (lead time {lead}, review every "
        f"{line.review_days}), safety {line.safety}, up to {line.up_to}; on hand {line.available}, on order "
        f"{line.on_order}, pack {line.pack_size}, at least {line.moq}; class {line.stock_class}, level {level}.",
        f"订购 {line.quantity} 件：{line.period} 天预测 {line.needed:.0f} 件（提前期 {lead} 天，每 {line.review_days} 天"
        f"检视），安全库存 {line.safety} 件，补至 {line.up_to} 件；可用 {line.available} 件，在途 {line.on_order} 件，"
        f"每箱 {line.pack_size} 件，起订 {line.moq} 件；{line.stock_class} 类，服务水平 {level}。",
    )


class Plan:
    """Shows the plan."""

    def __init__(self, lines: Table[PlanLine]) -> None:
        self._lines = lines

    async def page(self, stock_class: str, only_to_order: bool, limit: int, cursor: str) -> tuple[list[PlanLine], str]:
        """What runs out first first, of one class or all, and where the next page starts."""
        if stock_class not in ("", *CLASSES):
            raise InvalidReplenishmentPolicy("there are the classes A, B and C")
        size, where = min(limit or 20, _MOST), dict[str, object]()
        if stock_class:
            where["stock_class"] = stock_class
        if only_to_order:
            where["to_order"] = True
        if cursor:
            left, key = decode_cursor(cursor, 2)
            days = float(left) / 10
            where["$or"] = [{"days_left": {"$gt": days}}, {"days_left": days, "_id": {"$gt": key}}]
        found = await self._lines.find(where, [("days_left", 1), ("_id", 1)], size + 1)
        last = found[size - 1] if len(found) > size else None
        return found[:size], encode_cursor(round(last.days_left * 10), last.id) if last else ""
