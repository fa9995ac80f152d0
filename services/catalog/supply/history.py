"""This is where sales of the time before the shop are taken in: what each SKU sold a day elsewhere, as a merchant brings it.

They are kept apart from the days counted from own baskets and never add to them: on a day on which the shop itself sold a
SKU, its own count stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from services.catalog.fields import MAX_MINOR, MAX_UNITS, Faults
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid

_MOST_ROWS = 1_000
_EARLIEST = date(2000, 1, 1)


class InvalidSales(Invalid):
    """Too many rows at once."""


@dataclass
class SalesDay:
    """What a SKU sold on a day elsewhere. The id is `sku|day`."""

    id: str
    sku: str
    day: str
    units: int
    revenue_minor: int
    currency: str
    by: str
    at: datetime
    version: int = 0


@dataclass(frozen=True, slots=True)
class SalesRow:
    """A row as it came; `problem` says why it could not be read."""

    row: int
    cells: Mapping[str, str]
    problem: str = ""


@dataclass
class SalesAnswer:
    """What became of a row; `errors` name columns."""

    row: int
    sku: str
    errors: list[FieldError] = field(default_factory=list)


class History:
    """Takes sales in."""

    def __init__(self, days: Table[SalesDay], skus: Table[Sku], clock: Clock) -> None:
        self._days, self._skus, self._clock = days, skus, clock

    async def take_in(self, rows: Sequence[SalesRow], by: str) -> list[SalesAnswer]:
        """Good rows are kept whatever the others hold; the same SKU and day again replaces what was there, the last one
        counts. Refuses with INVALID_SALES."""
        if len(rows) > _MOST_ROWS:
            raise InvalidSales(f"at most {_MOST_ROWS} rows at once")
        now = self._clock.now()
        read = [_read(row, by, now) for row in rows]
        there = await self._skus.by_keys(sorted({day.sku for day, _ in read if day}), {"_id": 1})
        kept: dict[str, SalesDay] = {}
        for day, answer in read:
            if day and day.sku in there:
                kept[day.id] = day
            elif day:
                answer.errors.append(FieldError("sku", "there is no such SKU"))
        await self._days.write_each([self._days.replacing(day) for day in kept.values()])
        return [answer for _, answer in read]


def _read(row: SalesRow, by: str, now: datetime) -> tuple[SalesDay | None, SalesAnswer]:
    cells = {name: cell.strip() for name, cell in row.cells.items()}
    sku, faults = cells.get("sku", ""), Faults()
    answer = SalesAnswer(row.row, sku[:64])
    if row.problem:
        answer.errors.append(FieldError("", row.problem))
        return None, answer
    faults.sku("sku", sku)
    day = _day(faults, cells.get("day", ""), now.date())
    units = _count(faults, "units", cells.get("units", ""), MAX_UNITS)
    revenue = _count(faults, "revenue_minor", cells.get("revenue_minor", ""), MAX_MINOR)
    currency = faults.currency("currency", cells.get("currency", ""))
    answer.errors.extend(faults.errors)
    if faults.errors:
        return None, answer
    return SalesDay(f"{sku}|{day}", sku, day, units, revenue, currency, by, now), answer


def _day(faults: Faults, text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None:
        faults.add("day", "must be a day, YYYY-MM-DD")
        return ""
    if not _EARLIEST <= day <= today:
        faults.add("day", f"must be between {_EARLIEST} and today")
    return day.isoformat()


def _count(faults: Faults, column: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        faults.add(column, "must be a whole number, zero or more")
        return 0
    return faults.number(column, int(text), 0, most)
