"""This is where a label's text becomes a page: a Code 128 of the waybill, a QR beside it, a card for the parcel. Pure.

A6 has no room for the card: it is a page of its own after its label. 100 x 180 mm has a strip for it.
"""

import io
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from .label_texts import A6, SIZES, Insert, LabelText, wrapped

_FONT = "STSong-Light"  # a CID font: every PDF reader brings it, so it need not be in each document
_MM = 72 / 25.4
_LABEL = 148  # millimetres of a label; what is taller has the card below
_DOT = 72 / 203  # points: a module is whole dots of a label printer wide, so that no bar is blurred
_WIDEST = 3  # dots a module: the sandbox's waybill fills 66 mm then
_QUIET_MM = 6


@cache
def font() -> str:
    """The name of a font that has Chinese."""
    # Imported only by who prints: reportlab costs the process 20 MB.
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    return _FONT


def pdf(labels: Sequence[LabelText], size: str = A6) -> bytes:
    """A page a label; on A6 one more for each card."""
    from reportlab.pdfgen.canvas import Canvas

    width, height = SIZES[size]
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=(width * _MM, height * _MM), pageCompression=1, invariant=1)
    canvas.setTitle("Labels")
    for label in labels:
        page = _Page(canvas, width, height)
        _label(page, label)
        if label.insert and height > _LABEL:
            page.rule(_LABEL)
            _card(page, label.insert, _LABEL + 3, 26)
        canvas.showPage()
        if label.insert and height <= _LABEL:
            _card(_Page(canvas, width, height), label.insert, 20, 50)
            canvas.showPage()
    canvas.save()
    return written.getvalue()


class _Page:
    """A page measured in millimetres from its upper left corner, as people look at it."""

    def __init__(self, canvas: Any, width: int, height: int) -> None:
        self.canvas, self.width, self._height = canvas, width, height

    def up(self, y: float) -> float:
        """Points from the lower edge."""
        return (self._height - y) * _MM

    def say(self, x: float, y: float, points: float, text: str, face: str = "") -> None:
        """A line of text on the base line `y`."""
        self.canvas.setFont(face or font(), points)
        self.canvas.drawString(x * _MM, self.up(y), text)

    def rule(self, y: float) -> None:
        """A line across."""
        self.canvas.line(4 * _MM, self.up(y), (self.width - 4) * _MM, self.up(y))


def _label(page: _Page, label: LabelText) -> None:
    page.say(5, 11, 12, label.carrier)
    page.say(5, 22, 22, label.sort_code[:20])
    page.rule(27)
    _bars(page, label.waybill, 31, 20)
    page.say(10, 56, 12 if len(label.waybill) <= 30 else 9, label.waybill, "Courier")
    page.rule(60)
    page.say(5, 67, 14, f"收 {label.to}")
    for row, line in enumerate(wrapped(label.address, 22, 4)):
        page.say(5, 74 + 6 * row, 12, line)
    page.rule(98)
    for row, line in enumerate(wrapped(f"寄 {label.sender}", 17, 2)):
        page.say(5, 104 + 4.5 * row, 10, line)
    if label.collect:
        page.canvas.rect(5 * _MM, page.up(130), 57 * _MM, 17 * _MM)
        page.say(8, 119, 11, "代收貨款 COD")
        page.say(8, 127, 16, label.collect)
    _qr(page, label.waybill, page.width - 36, 103, 31)
    page.say(5, 144, 7, label.note, "Courier")


def _card(page: _Page, card: Insert, top: float, size: float) -> None:
    """The QR code on the left, what it is for beside or below it."""
    _qr(page, card.url, 5, top, size)
    if size < 40:
        left, first, width = 5 + size + 4, top + 6, 15
    else:
        left, first, width = 5, top + size + 10, 22
    page.say(left, first, 14, card.title[:width])
    for row, line in enumerate(wrapped(card.text, width, 2)):
        page.say(left, first + 7 + 5 * row, 10, line)
    page.say(left, first + 19, 11, card.code, "Courier")


def _bars(page: _Page, text: str, top: float, height: float) -> None:
    from reportlab.graphics.barcode.code128 import Code128

    room = (page.width - 2 * _QUIET_MM) * _MM
    modules = Code128(text, barWidth=1, quiet=0).width
    step = max(1, min(_WIDEST, int(room / modules / _DOT))) * _DOT
    bars = Code128(text, barHeight=height * _MM, barWidth=step, quiet=0)
    left = (page.width * _MM - modules * step) / 2
    bars.drawOn(page.canvas, left - left % _DOT, page.up(top + height))


def _qr(page: _Page, text: str, left: float, top: float, size: float) -> None:
    """Draws runs of dark modules as one rectangle each."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

    code: Any = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    # Any mask is readable; looking for the prettiest of eight takes ten times as long.
    code.version = code.calculate_version()
    code.makeImpl(False, 0)
    count = code.getModuleCount()
    step, x, y = size * _MM / count, left * _MM, page.up(top)
    path = page.canvas.beginPath()
    for row, modules in enumerate(code.modules):
        for start, end in _runs(modules):
            path.rect(x + start * step, y - (row + 1) * step, (end - start) * step, step)
    page.canvas.drawPath(path, stroke=0, fill=1)


def _runs(modules: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for column, dark in enumerate([*modules, False]):
        if dark and start is None:
            start = column
        elif not dark and start is not None:
            yield start, column
            start = None
