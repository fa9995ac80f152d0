"""This is where a route sheet is made: stops in their order, times, cash to take; names and phones masked. PDF. Pure."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.logistics.label_pages import font

MEDIA_TYPE = "application/pdf"
_ROWS = 12
_TOP, _ROW, _LEFT = 262, 20, 15  # millimetres


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
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle("Route sheet")
    pages = [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)] or [[]]
    for number, page in enumerate(pages, 1):
        _page(canvas, title, f"{summary}   {number}/{len(pages)}", page)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def _page(canvas: Any, title: str, summary: str, rows: Sequence[Row]) -> None:
    from reportlab.lib.units import mm

    face = font()
    canvas.setFont(face, 15)
    canvas.drawString(_LEFT * mm, 280 * mm, title)
    canvas.setFont(face, 9)
    canvas.drawString(_LEFT * mm, 273 * mm, summary)
    for place, row in enumerate(rows):
        top = _TOP - place * _ROW
        canvas.line(_LEFT * mm, (top + 5) * mm, 195 * mm, (top + 5) * mm)
        canvas.setFont(face, 14)
        canvas.drawString(_LEFT * mm, (top - 1) * mm, str(row.number))
        canvas.setFont(face, 10)
        canvas.drawString(25 * mm, top * mm, f"{row.arrives}   {row.window}   {row.to}")
        canvas.drawString(25 * mm, (top - 5) * mm, row.address[:70])
        canvas.setFont(face, 8)
        canvas.drawString(25 * mm, (top - 10) * mm, f"{row.waybill}   {row.order}   {row.state}")
        if row.cash:
            canvas.setFont(face, 12)
            canvas.drawRightString(195 * mm, top * mm, f"收款 COD {row.cash}")
        canvas.drawString(150 * mm, (top - 10) * mm, "签收 ____________")
