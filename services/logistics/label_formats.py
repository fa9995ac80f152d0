"""This is where a label's text becomes a format of ZPL II, which label printers speak, at 203 dpi. Pure."""

import re
from collections.abc import Iterator, Sequence

from .label_texts import A6, SIZES, Insert, LabelText, wrapped

_DOTS = 8  # a millimetre, at 203 dpi
_UNSAFE = re.compile(r"[\^~\\\x00-\x1f]")
_LABEL = 148  # millimetres of a label; what is taller has the card below
_ENDS = 35  # modules of a Code 128 beside its letters, of 11 each: start, check, stop


def zpl(labels: Sequence[LabelText], size: str = A6) -> bytes:
    """A format a label; on A6 one more for each card. Commands hidden in texts are taken out."""
    width, height = SIZES[size]
    formats: list[str] = []
    for label in labels:
        fields = list(_label(label, width))
        if label.insert and height > _LABEL:
            fields += _card(label.insert, _LABEL + 3, 4)
        formats.append(_format(width, height, fields))
        if label.insert and height <= _LABEL:
            formats.append(_format(width, height, _card(label.insert, 20, 8)))
    return "\n".join(formats).encode()


def _format(width: int, height: int, fields: Sequence[str] | Iterator[str]) -> str:
    return "\n".join([f"^XA^CI28^PW{width * _DOTS}^LL{height * _DOTS}", *fields, "^XZ"])


def _at(x_mm: float, y_mm: float) -> str:
    return f"^FO{round(x_mm * _DOTS)},{round(y_mm * _DOTS)}"


def _say(x_mm: float, y_mm: float, dots: int, text: str) -> str:
    return f"{_at(x_mm, y_mm)}^A0N,{dots},{dots}^FD{_UNSAFE.sub(' ', text)}^FS"


def _label(label: LabelText, width: int) -> Iterator[str]:
    waybill = _UNSAFE.sub(" ", label.waybill)
    yield _say(5, 7, 34, label.carrier)
    yield _say(5, 15, 60, label.sort_code[:20])
    # As wide as fits: three dots a module, else two, else one.
    module = max(1, min(3, (width - 12) * _DOTS // (11 * len(waybill) + _ENDS)))
    yield f"{_at(8, 31)}^BY{module}^BCN,{20 * _DOTS},Y,N,N^FD{waybill}^FS"
    yield _say(5, 62, 40, f"收 {label.to}")
    for row, line in enumerate(wrapped(label.address, 22, 4)):
        yield _say(5, 70 + 6 * row, 32, line)
    for row, line in enumerate(wrapped(f"寄 {label.sender}", 17, 2)):
        yield _say(5, 101 + 5 * row, 28, line)
    if label.collect:
        yield f"{_at(5, 113)}^GB{57 * _DOTS},{17 * _DOTS},3^FS"
        yield _say(8, 115, 30, "代收貨款 COD")
        yield _say(8, 121, 44, label.collect)
    yield f"{_at(width - 36, 105)}^BQN,2,8^FDMA,{waybill}^FS"
    yield _say(5, 141, 20, label.note)


def _card(card: Insert, top: float, module: int) -> Iterator[str]:
    """The QR code on the left, what it is for beside or below it."""
    yield f"{_at(5, top)}^BQN,2,{module}^FDMA,{_UNSAFE.sub('', card.url)}^FS"
    left, first, width = (35, top, 15) if module < 6 else (5, top + 55, 22)
    yield _say(left, first, 38, card.title[:width])
    for row, line in enumerate(wrapped(card.text, width, 2)):
        yield _say(left, first + 7 + 5 * row, 28, line)
    yield _say(left, first + 18, 30, card.code)
