"""This is where a label's text becomes a page: a Code 128 of the waybill, a QR beside it, a card for the parcel. Pure.

A6 has no room for the card: it is a page of its own after its label. 100 x 180 mm has a strip for it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from .label_texts import A6, SIZES, Insert, LabelText
from .paper import MM, Page, Paper

_LABEL = 148  # millimetres of a label; what is taller has the card below
_DOT = 72 / 203  # points: a module is whole dots of a label printer wide, so that no bar is blurred
_WIDEST = 3  # dots a module: the sandbox's waybill fills 66 mm then
_QUIET_MM = 6


def pdf(labels: Sequence[LabelText], size: str = A6) -> bytes:
    """A page a label; on A6 one more for each card."""
    paper = Paper("Labels", SIZES[size])
    for label in labels:
        page = paper.page()
        _label(page, label)
        if label.insert and page.height > _LABEL:
            page.rule(_LABEL)
            _card(page, label.insert, _LABEL + 3, 26)
        elif label.insert:
            _card(paper.page(), label.insert, 20, 50)
    return paper.done()


def _label(page: Page, label: LabelText) -> None:
    beside = page.width - 41.0  # millimetres: left of the QR code
    page.say(5, 11, 12, label.carrier)
    page.say(5, 22, 22, label.sort_code)
    page.rule(27)
    _bars(page, label.waybill, 31, 20)
    page.say(5, 56, 12, label.waybill, side="middle")
    page.rule(60)
    page.say(5, 67, 14, f"收 {label.to}")
    page.tell(5, 69.5, 12, label.address, 27)
    page.rule(98)
    page.tell(5, 99.5, 10, f"寄 {label.sender}", 12, beside)
    if label.collect:
        page.canvas.rect(5 * MM, page.up(130), 57 * MM, 17 * MM)
        page.say(8, 119, 11, "代收貨款 COD", 60)
        page.say(8, 127, 16, label.collect, 60)
    _qr(page, label.waybill, page.width - 36, 103, 31)
    page.say(5, 144, 7, label.note)


def _card(page: Page, card: Insert, top: float, size: float) -> None:
    """The QR code on the left, what it is for beside or below it."""
    _qr(page, card.url, 5, top, size)
    left, first = (5 + size + 4, top + 6) if size < 40 else (5, top + size + 10)
    page.say(left, first, 14, card.title)
    page.tell(left, first + 1.5, 10, card.text, 13)
    page.say(left, first + 19, 11, card.code)


def _bars(page: Page, text: str, top: float, height: float) -> None:
    from reportlab.graphics.barcode.code128 import Code128

    room = (page.width - 2 * _QUIET_MM) * MM
    modules = Code128(text, barWidth=1, quiet=0).width
    step = max(1, min(_WIDEST, int(room / modules / _DOT))) * _DOT
    bars = Code128(text, barHeight=height * MM, barWidth=step, quiet=0)
    left = (page.width * MM - modules * step) / 2
    bars.drawOn(page.canvas, left - left % _DOT, page.up(top + height))


def _qr(page: Page, text: str, left: float, top: float, size: float) -> None:
    """Draws runs of dark modules as one rectangle each."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

    code: Any = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    # Any mask is readable; looking for the prettiest of eight takes ten times as long.
    code.version = code.calculate_version()
    code.makeImpl(False, 0)
    count = code.getModuleCount()
    step, x, y = size * MM / count, left * MM, page.up(top)
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
