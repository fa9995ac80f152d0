"""This is where prices and margins suggest a role for what has none: a person decides."""

from dataclasses import dataclass

from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.money import Money
from services.kit.store import encode_cursor

from .assortment import UNDER_FROM_BP, IndustryAverage, Role
from .costs import WHOLE_BP, Margin
from .floor import percent
from .searching import Shelf
from .terms import Unit

_ANCHOR_BP = 5_000  # that much over what others ask
_EARNS_OVER_FLOOR_BP = 1_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A role a SKU might play, and why."""

    unit: Unit
    margin: Margin
    role: Role
    en: str
    zh: str


def suggest(unit: Unit, margin: Margin, average: Money | None) -> Suggestion | None:
    """The role that fits: an anchor costs half as much again as others ask, a traffic item at least a tenth less while it
    keeps its floor, a profit item leaves ten points more than its floor. Pure."""
    price = unit.price.minor
    if average and average.currency == unit.price.currency:
        over_bp = (price - average.minor) * WHOLE_BP // average.minor
        if over_bp >= _ANCHOR_BP:
            en, zh = f"it costs {percent(over_bp)} more than others ask", f"售价高于行业均价 {percent(over_bp)}"
            return Suggestion(unit, margin, Role.IMAGE, en, zh)
        if over_bp <= -UNDER_FROM_BP and margin.cost_known and margin.keeps_floor:
            en = f"it costs {percent(-over_bp)} less than others ask and keeps its floor"
            zh = f"售价低于行业均价 {percent(-over_bp)}，且不低于毛利底线"
            return Suggestion(unit, margin, Role.TRAFFIC, en, zh)
    left = margin.contribution_bp
    if margin.cost_known and left is not None and left >= margin.floor_bp + _EARNS_OVER_FLOOR_BP:
        en = f"it leaves {percent(left)} of its price, well over the floor of {percent(margin.floor_bp)}"
        zh = f"贡献毛利率 {percent(left)}，明显高于底线 {percent(margin.floor_bp)}"
        return Suggestion(unit, margin, Role.PROFIT, en, zh)
    return None


class Suggesting:
    """Looks along the shelf for roles."""

    def __init__(self, shelf: Shelf, averages: Table[IndustryAverage], skus: Table[Sku]) -> None:
        self._shelf, self._averages, self._skus = shelf, averages, skus

    async def page(self, limit: int, cursor: str) -> tuple[list[Suggestion], str]:
        """For SKUs on sale without a role. A page looks at 1,000 SKUs at most: it may be short, and another follow."""
        size = min(limit or 20, 100)
        margins, more = await self._shelf.walk(cursor)
        known = await self._averages.get_many(sorted({unit.category for unit, _ in margins}))
        found = []
        for unit, margin in margins:
            average = known[unit.category].average if unit.category in known else None
            if suggestion := suggest(unit, margin, average):
                found.append(suggestion)
        playing = await self._skus.by_keys(
            [each.unit.sku for each in found], {"_id": 1}, {"role": {"$in": [role.value for role in Role]}}
        )
        found = [each for each in found if each.unit.sku not in playing]
        if len(found) > size:
            last = found[size - 1].unit
            more = encode_cursor(last.category, last.sku)
        return found[:size], more
