"""This is where it shows that a product is past its best, and what might be done about it. Pure.

What sells more slowly than before, comes back too often or is rated badly is looked at. The pace of the last 28 days is held
against that of the 84 before; what sold too little before to tell is left alone.
"""

from dataclasses import dataclass
from enum import StrEnum

LATELY, BEFORE = 28, 84  # days
_ENOUGH = 12  # units sold before, below which a fall is chance
_FALLING_BP = -4_000
_BACK_BP, _BACK_OF = 2_000, 10  # a fifth came back, of so many sold at least
_BADLY, _BADLY_OF = 300, 5  # hundredths of a star, of so many reviews at least


class Action(StrEnum):
    """What might be done."""

    MARK_DOWN = "mark_down"
    BUNDLE = "bundle"
    REPLACE = "replace"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class Signs:
    """How a product does."""

    units: int  # in the last 28 days
    before: int  # in the 84 before
    sold: int  # as the ledger has it, in all these days
    returned: int  # of them
    rating: int  # hundredths of a star
    ratings: int
    available: int

    @property
    def trend_bp(self) -> int:
        """The daily pace against that before, less one; 0 when there was too little before to tell."""
        if self.before < _ENOUGH:
            return 0
        return (10_000 * self.units * BEFORE) // (self.before * LATELY) - 10_000

    @property
    def returned_bp(self) -> int:
        """How many came back."""
        return 10_000 * self.returned // self.sold if self.sold else 0

    @property
    def falls(self) -> bool:
        """Whether it sells more slowly by far."""
        return self.trend_bp <= _FALLING_BP

    @property
    def displeases(self) -> bool:
        """Whether too many send it back or say it is bad."""
        too_often = self.sold >= _BACK_OF and self.returned_bp >= _BACK_BP
        return too_often or (self.ratings >= _BADLY_OF and self.rating < _BADLY)


def proposed(signs: Signs, *, successor: bool, partner: bool) -> Action | None:
    """What might be done with it; None when it does well enough. Pure."""
    if not (signs.falls or signs.displeases):
        return None
    if successor:
        return Action.REPLACE
    if signs.displeases or not signs.available:
        return Action.RETIRE
    return Action.BUNDLE if partner else Action.MARK_DOWN


def reasons(signs: Signs) -> tuple[list[str], list[str]]:
    """Why it is looked at, in English and Chinese."""
    en, zh = list[str](), list[str]()
    if signs.falls:
        slower = -signs.trend_bp // 100
        en.append(f"sells {slower} % more slowly: {signs.units} in 28 days, after {signs.before} in the 84 before")
        zh.append(f"销售放缓 {slower}%：近 28 天售出 {signs.units} 件，之前 84 天售出 {signs.before} 件")
    if signs.sold >= _BACK_OF and signs.returned_bp >= _BACK_BP:
        en.append(f"{signs.returned} of {signs.sold} came back")
        zh.append(f"{signs.sold} 件中退回 {signs.returned} 件")
    if signs.ratings >= _BADLY_OF and signs.rating < _BADLY:
        stars = f"{signs.rating // 100}.{signs.rating % 100:02d}"
        en.append(f"{stars} stars in {signs.ratings} reviews")
        zh.append(f"{signs.ratings} 条评价平均 {stars} 星")
    return en, zh
