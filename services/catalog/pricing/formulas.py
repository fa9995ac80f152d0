"""This is where a price is worked out from cost, or from what others ask, by a formula that people make. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median_low

from services.catalog.fields import MAX_MINOR, Faults
from services.kit.errors import Invalid, NotFound

from .selections import Selection

_MOST_BP = 1_000_000  # a hundredfold
_MOST_DAYS = 365


class InvalidPriceFormula(Invalid):
    """The formula is not what a price formula must be."""


class PriceFormulaNotFound(NotFound):
    """There is no such formula."""


class FormulaKind(StrEnum):
    """What a price is worked out from."""

    COST_PLUS = "cost_plus"  # cost and an expected profit
    MARKET = "market"  # what competitors ask for the like product


class Basis(StrEnum):
    """Which of the competitors' prices."""

    LOWEST = "lowest"
    MEDIAN = "median"


@dataclass
class Formula:
    """A formula. Shares are hundredths of a percent: `profit_bp`, `floor_bp` and `ceiling_bp` of cost, `factor_bp` of the
    competitors' price."""

    id: str
    title: str
    kind: FormulaKind
    selection: Selection
    by: str
    created_at: datetime
    profit_bp: int = 0
    profit_minor: int = 0
    basis: Basis = Basis.LOWEST
    factor_bp: int = 10_000
    floor_bp: int = 10_000
    ceiling_bp: int = 0  # 0: none
    max_age_days: int = 30  # of a competitor's price
    ending: str = ""  # `90` or `99` or `9`: the last digits of a price, in minor units
    open: bool = True
    version: int = 0


def check(formula: Formula) -> None:
    """Refuses with INVALID_PRICE_FORMULA, naming each fault."""
    faults = Faults()
    formula.title = faults.text("/title", formula.title, 200, least=1)
    formula.selection.check(faults)
    if formula.ending and not (formula.ending.isascii() and formula.ending.isdigit() and len(formula.ending) <= 4):
        faults.add("/ending", "must be the last 1 to 4 digits of a price in minor units")
    if formula.kind is FormulaKind.COST_PLUS:
        if bool(formula.profit_bp) == bool(formula.profit_minor):
            faults.add("/profit_bp", "must be given, or else profit_minor")
        faults.number("/profit_bp", formula.profit_bp, 0, _MOST_BP)
        faults.number("/profit_minor", formula.profit_minor, 0, MAX_MINOR)
    else:
        faults.number("/factor_bp", formula.factor_bp, 1, _MOST_BP)
        faults.number("/floor_bp", formula.floor_bp, 0, _MOST_BP)
        faults.number("/ceiling_bp", formula.ceiling_bp, 0, _MOST_BP)
        faults.number("/max_age_days", formula.max_age_days, 1, _MOST_DAYS)
        if formula.ceiling_bp and formula.ceiling_bp < formula.floor_bp:
            faults.add("/ceiling_bp", "must not be below floor_bp")
    faults.refuse(InvalidPriceFormula)


def price_of(formula: Formula, cost: int, competitors: Sequence[int]) -> int | None:
    """The price in minor units; None when there is nothing to work it out from: no cost, or no competitor's price."""
    if cost <= 0:
        return None
    if formula.kind is FormulaKind.COST_PLUS:
        return ending_up(cost + formula.profit_minor + _share(cost, formula.profit_bp), formula.ending)
    if not competitors:
        return None
    theirs = min(competitors) if formula.basis is Basis.LOWEST else median_low(competitors)
    wanted = ending_down(theirs * formula.factor_bp // 10_000, formula.ending)
    floor = _share(cost, formula.floor_bp)
    if wanted < floor:
        wanted = ending_up(floor, formula.ending)
    if formula.ceiling_bp and wanted > (ceiling := cost * formula.ceiling_bp // 10_000):
        wanted = max(ending_down(ceiling, formula.ending), floor)
    return wanted


def _share(minor: int, bp: int) -> int:
    """Rounded up: a floor is not undercut."""
    return -(-minor * bp // 10_000)


def ending_up(minor: int, ending: str) -> int:
    """The lowest price with these last digits that is not below."""
    if not ending:
        return minor
    whole = int(10 ** len(ending))
    return minor + (int(ending) - minor) % whole


def ending_down(minor: int, ending: str) -> int:
    """The highest price with these last digits that is not above; the price itself when there is none."""
    if not ending:
        return minor
    lower = minor - (minor - int(ending)) % int(10 ** len(ending))
    return lower if lower > 0 else minor
