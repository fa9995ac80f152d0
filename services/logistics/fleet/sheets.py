"""This is where a route sheet is made: stops in their order, times, cash to take; names and phones masked. PDF. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.logistics.paper import Page, Paper

MEDIA_TYPE = "application/pdf"
_ROWS = 12
_TOP, _ROW, _LEFT, _RIGHT = 30, 20, 15, 195  # millimetres


@dataclass(frozen=True, slots=True)
class Row:
    """A stop as the sheet says it."""

    number: int
    arrives: str
    window: str
    to: str
    address: str
    waybill: str
    order: str
    cash: str
    state: str


def sheet(title: str, summary: str, rows: Sequence[Row]) -> bytes:
    """A4, twelve stops a page, room to sign beside each."""
    paper = Paper("Route sheet")
    pages = [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)] or [[]]
    for number, some in enumerate(pages, 1):
        page = paper.page()
        page.say(_LEFT, 17, 15, title, _RIGHT)
        page.say(_LEFT, 24, 9, f"{summary}   {number}/{len(pages)}", _RIGHT)
        for place, row in enumerate(some):
            _stop(page, _TOP + place * _ROW, row)
    return paper.done()


def _stop(page: Page, top: float, row: Row) -> None:
    page.rule(top, _LEFT, page.width - _RIGHT)
    page.say(_LEFT, top + 6, 14, str(row.number), 24)
    page.say(25, top + 5, 10, f"{row.arrives}   {row.window}   {row.to}", 143 if row.cash else _RIGHT)
    if row.cash:
        page.say(145, top + 5, 12, f"收款 COD {row.cash}", _RIGHT, "right")
    page.tell(25, top + 6, 10, row.address, 9.5, _RIGHT)
    page.say(25, top + 18.5, 8, f"{row.waybill}   {row.order}   {row.state}", 148)
    page.say(150, top + 18.5, 10, "签收 ____________", _RIGHT, "right")
