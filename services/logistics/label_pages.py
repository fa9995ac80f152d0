"""This is where a label's text becomes a page: A6, a Code 128 of the waybill, a QR beside it. Pure."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

_FONT = "STSong-Light"  # a CID font: every PDF reader brings it, so it need not be in each document
_DOTS_PER_MM = 8  # 203 dpi
_UNSAFE = re.compile(r"[\^~\\\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class LabelText:
    """What a label says; the name and the phone in `to` are masked."""

    carrier: str
    sort_code: str
    waybill: str
    to: str
    address: str
    sender: str
    note: str


@cache
def _font() -> str:
    # Imported only by who prints: reportlab costs the process 20 MB.
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    return _FONT


def pdf(labels: Sequence[LabelText]) -> bytes:
    """An A6 page a label."""
    from reportlab.lib.pagesizes import A6
    from reportlab.pdfgen.canvas import Canvas

    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A6, pageCompression=1, invariant=1)
    canvas.setTitle("Labels")
    for label in labels:
        _page(canvas, label)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def _page(canvas: Any, label: LabelText) -> None:
    from reportlab.graphics.barcode.code128 import Code128
    from reportlab.lib.units import mm

    font = _font()
    canvas.setFont(font, 13)
    canvas.drawString(6 * mm, 136 * mm, label.carrier)
    canvas.setFont(font, 20)
    canvas.drawString(6 * mm, 125 * mm, label.sort_code[:24])
    canvas.line(6 * mm, 121 * mm, 99 * mm, 121 * mm)
    # 93 mm of bars at most: at 0.4 mm the sandbox's waybill fills 70.
    bars = Code128(label.waybill, barHeight=20 * mm, barWidth=0.4 * mm if len(label.waybill) <= 16 else 0.22 * mm)
    bars.drawOn(canvas, 4 * mm, 98 * mm)
    canvas.setFont("Courier", 12)
    canvas.drawString(10 * mm, 92 * mm, label.waybill)
    canvas.line(6 * mm, 88 * mm, 99 * mm, 88 * mm)
    canvas.setFont(font, 14)
    canvas.drawString(6 * mm, 80 * mm, f"收 {label.to}")
    canvas.setFont(font, 12)
    for row, line in enumerate(_wrapped(label.address, 24, 4)):
        canvas.drawString(6 * mm, (73 - 6 * row) * mm, line)
    canvas.line(6 * mm, 48 * mm, 99 * mm, 48 * mm)
    canvas.setFont(font, 10)
    canvas.drawString(6 * mm, 42 * mm, f"寄 {label.sender}"[:30])
    canvas.setFont("Courier", 7)
    canvas.drawString(6 * mm, 6 * mm, label.note)
    _qr(canvas, label.waybill, 68 * mm, 12 * mm, 30 * mm)


def _wrapped(text: str, width: int, most: int) -> Iterator[str]:
    """Lines of `width` wide characters; a narrow one counts half."""
    line, used = "", 0.0
    for letter in text:
        size = 0.5 if letter.isascii() else 1.0
        if used + size > width:
            yield line
            line, used, most = "", 0.0, most - 1
            if most == 0:
                return
        line, used = line + letter, used + size
    yield line


def _qr(canvas: Any, text: str, left: float, bottom: float, size: float) -> None:
    """Draws runs of dark modules as one rectangle each."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

    code: Any = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    # Any mask is readable; looking for the prettiest of eight takes ten times as long.
    code.version = code.calculate_version()
    code.makeImpl(False, 0)
    count = code.getModuleCount()
    step = size / count
    path = canvas.beginPath()
    for row, modules in enumerate(code.modules):
        for start, end in _runs(modules):
            path.rect(left + start * step, bottom + (count - 1 - row) * step, (end - start) * step, step)
    canvas.drawPath(path, stroke=0, fill=1)


def _runs(modules: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for column, dark in enumerate([*modules, False]):
        if dark and start is None:
            start = column
        elif not dark and start is not None:
            yield start, column
            start = None


def zpl(labels: Sequence[LabelText]) -> bytes:
    """A ZPL II format a label, at 203 dpi. Commands hidden in texts are taken out."""
    return "\n".join(_format(label) for label in labels).encode()


def _format(label: LabelText) -> str:
    safe = {name: _UNSAFE.sub(" ", getattr(label, name)) for name in LabelText.__slots__}

    def field(x_mm: int, y_mm: int, height: int, text: str) -> str:
        return f"^FO{x_mm * _DOTS_PER_MM},{y_mm * _DOTS_PER_MM}^A0N,{height},{height}^FD{text}^FS"

    return "\n".join(
        [
            f"^XA^CI28^PW{105 * _DOTS_PER_MM}^LL{148 * _DOTS_PER_MM}",
            field(6, 6, 36, safe["carrier"]),
            field(6, 14, 60, safe["sort_code"]),
            f"^FO{6 * _DOTS_PER_MM},{28 * _DOTS_PER_MM}^BY3^BCN,{20 * _DOTS_PER_MM},Y,N,N^FD{safe['waybill']}^FS",
            field(6, 62, 40, f"收 {safe['to']}"),
            *(field(6, 70 + 6 * row, 32, line) for row, line in enumerate(_wrapped(safe["address"], 24, 4))),
            field(6, 102, 28, f"寄 {safe['sender']}"),
            f"^FO{68 * _DOTS_PER_MM},{105 * _DOTS_PER_MM}^BQN,2,8^FDMA,{safe['waybill']}^FS",
            field(6, 140, 20, safe["note"]),
            "^XZ",
        ]
    )
