"""This is where a closed manifest becomes a PDF: its parcels, their totals, a line for the driver's name. Pure."""

import io
from typing import Any

from services.kit.clock import rfc3339
from services.logistics.label_pages import font
from services.logistics.label_texts import amount

from .manifests import Manifest

_MM = 72 / 25.4
_ROWS = 38
_COLUMNS = (15, 30, 95, 120, 145)


def sheet(manifest: Manifest) -> bytes:
    """A4, so many parcels a page; the last page has the totals."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(f"Manifest {manifest.id}")
    rows = manifest.handed
    pages = [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)] or [[]]
    for number, some in enumerate(pages, 1):
        _head(canvas, manifest, f"{number}/{len(pages)}")
        for line, row in enumerate(some):
            collect = amount(row.collect_currency, row.collect_minor) if row.collect_minor else "-"
            place = (number - 1) * _ROWS + line + 1
            _line(canvas, 52 + 5.5 * line, str(place), row.waybill, str(row.pieces), f"{row.weight_g} g", collect)
        if number == len(pages):
            _foot(canvas, manifest)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def totals(manifest: Manifest) -> dict[str, int]:
    """What is to be collected, by currency."""
    sums: dict[str, int] = {}
    for row in manifest.handed:
        if row.collect_minor:
            sums[row.collect_currency] = sums.get(row.collect_currency, 0) + row.collect_minor
    return sums


def _up(y: float) -> float:
    return (297 - y) * _MM


def _head(canvas: Any, manifest: Manifest, page: str) -> None:
    canvas.setFont(font(), 16)
    canvas.drawString(15 * _MM, _up(20), f"交接單 Manifest  {manifest.carrier}  {manifest.warehouse}")
    canvas.setFont("Courier", 9)
    canvas.drawString(15 * _MM, _up(28), manifest.id)
    canvas.drawString(15 * _MM, _up(33), f"cut-off {rfc3339(manifest.cutoff_at)}  closed {rfc3339(manifest.closed_at)}")
    canvas.drawRightString(195 * _MM, _up(20), page)
    _line(canvas, 43, "#", "waybill", "pieces", "weight", "COD")
    canvas.line(15 * _MM, _up(46), 195 * _MM, _up(46))


def _line(canvas: Any, y: float, *texts: str) -> None:
    canvas.setFont("Courier", 9)
    for x, text in zip(_COLUMNS, texts, strict=True):
        canvas.drawString(x * _MM, _up(y), text)


def _foot(canvas: Any, manifest: Manifest) -> None:
    rows = manifest.handed
    collect = ", ".join(amount(currency, minor) for currency, minor in sorted(totals(manifest).items())) or "-"
    canvas.line(15 * _MM, _up(264), 195 * _MM, _up(264))
    said = f"{len(rows)} parcels", f"{sum(row.pieces for row in rows)}", f"{sum(row.weight_g for row in rows)} g"
    _line(canvas, 269, "=", *said, collect)
    canvas.setFont(font(), 10)
    canvas.drawString(15 * _MM, _up(284), "承運人簽收 Received by (name, signature, time):")
    canvas.line(100 * _MM, _up(285), 195 * _MM, _up(285))
