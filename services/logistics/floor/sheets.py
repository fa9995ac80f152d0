"""This is where a closed manifest becomes a PDF: its parcels, their totals, a line for the driver's name. Pure."""

from datetime import UTC, datetime

from services.logistics.label_texts import amount
from services.logistics.paper import Page, Paper

from .manifests import Manifest

_ROWS = 38
_COLUMNS = (15, 30, 95, 120, 145)


def sheet(manifest: Manifest) -> bytes:
    """A4, so many parcels a page; the last page has the totals."""
    paper, rows = Paper(f"Manifest {manifest.id}"), manifest.handed
    pages = [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)] or [[]]
    for number, some in enumerate(pages, 1):
        page = paper.page()
        _head(page, manifest, f"{number}/{len(pages)}")
        for line, row in enumerate(some):
            collect = amount(row.collect_currency, row.collect_minor) if row.collect_minor else "-"
            place = (number - 1) * _ROWS + line + 1
            _line(page, 52 + 5.5 * line, str(place), row.waybill, str(row.pieces), f"{row.weight_g} g", collect)
        if number == len(pages):
            _foot(page, manifest)
    return paper.done()


def totals(manifest: Manifest) -> dict[str, int]:
    """What is to be collected, by currency."""
    sums: dict[str, int] = {}
    for row in manifest.handed:
        if row.collect_minor:
            sums[row.collect_currency] = sums.get(row.collect_currency, 0) + row.collect_minor
    return sums


def _head(page: Page, manifest: Manifest, number: str) -> None:
    page.say(15, 20, 16, f"交接单 Manifest  {manifest.carrier}  {manifest.warehouse}", 180)
    page.say(180, 20, 9, number, 195, "right")
    page.say(15, 28, 9, manifest.id)
    page.say(15, 33, 9, f"截单 cut-off {_when(manifest.cutoff_at)}   交接 closed {_when(manifest.closed_at)}")
    _line(page, 43, "#", "运单号 waybill", "件数 pieces", "重量 weight", "代收 COD")
    page.rule(46, 15, 15)


def _when(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "-"


def _line(page: Page, y: float, *texts: str) -> None:
    for x, until, text in zip(_COLUMNS, (*_COLUMNS[1:], 197), texts, strict=True):
        page.say(x, y, 9, text, until - 2)


def _foot(page: Page, manifest: Manifest) -> None:
    rows = manifest.handed
    collect = ", ".join(amount(currency, minor) for currency, minor in sorted(totals(manifest).items())) or "-"
    page.rule(264, 15, 15)
    said = f"{len(rows)} parcels", f"{sum(row.pieces for row in rows)}", f"{sum(row.weight_g for row in rows)} g"
    _line(page, 269, "=", *said, collect)
    page.say(15, 284, 10, "承运人签收 Received by (name, signature, time):", 99)
    page.rule(285, 100, 15)
