"""This is where a PDF of ours is read again: what its pages say, and the fonts it has taken along."""

import io
import re
import zlib
from base64 import a85decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fontTools.ttLib import TTFont

_OBJECT = re.compile(rb"(\d+) 0 obj(.*?)endobj", re.DOTALL)
_PAIR = re.compile(r"<([0-9A-Fa-f]{2})> <((?:[0-9A-Fa-f]{4})+)>\n")
_SHOWN = re.compile(rb"(/\S+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass
class Font:
    """A font a document names; `file` is empty when it has not got it."""

    name: str
    letters: dict[int, str] = field(default_factory=dict)
    file: bytes = b""

    def undrawn(self, codes: set[int]) -> str:
        """Those that have no glyph of their own, or one with nothing to see."""
        font: Any = TTFont(io.BytesIO(self.file), lazy=True)
        names, glyphs = font["cmap"].tables[0].cmap, font["glyf"]
        seen = {
            code for code in codes if names.get(code, ".notdef") != ".notdef" and glyphs[names[code]].numberOfContours
        }
        return "".join(self.letters.get(code, "?") for code in sorted(codes - seen)).strip()


class Document:
    """A PDF as reportlab writes it."""

    def __init__(self, content: bytes) -> None:
        self._objects = {int(number): body for number, body in _OBJECT.findall(content)}
        self.fonts = {font.name: font for font in map(self._font, self._of("Font"))}
        self.used: dict[str, set[int]] = {}
        self.text = "".join(self._said(page) for page in self.pages())

    def pages(self) -> Iterator[bytes]:
        """What each draws."""
        for page in self._of("Page"):
            yield self._stream(page, "Contents")

    def _of(self, kind: str) -> list[bytes]:
        return [body for body in self._objects.values() if re.search(rf"/Type /{kind}\b".encode(), body)]

    def _stream(self, body: bytes, name: str) -> bytes:
        found = re.search(rf"/{name} (\d+) 0 R".encode(), body)
        if found is None:
            return b""
        head, _, rest = self._objects[int(found[1])].partition(b"stream")
        (length,) = re.findall(rb"/Length (\d+)", head)
        packed = rest.lstrip(b"\r\n")[: int(length)]
        return zlib.decompress(a85decode(packed.strip().removesuffix(b"~>")) if b"/ASCII85Decode" in head else packed)

    def _font(self, body: bytes) -> Font:
        name = re.search(rb"/Name (/\S+)", body)
        assert name
        pairs = _PAIR.findall(self._stream(body, "ToUnicode").decode())
        letters = {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}
        described = re.search(rb"/FontDescriptor (\d+) 0 R", body)
        file = self._stream(self._objects[int(described[1])], "FontFile2") if described else b""
        return Font(name[1].decode(), letters, file)

    def _said(self, page: bytes) -> str:
        said, font = "", ""
        for chosen, operand in _SHOWN.findall(page):
            if chosen:
                font = chosen.decode()
                continue
            codes = re.sub(rb"\\([0-7]{3}|.)", _unescaped, operand, flags=re.DOTALL)
            self.used.setdefault(font, set()).update(codes)
            said += "".join(self.fonts[font].letters.get(code, "\ufffd") for code in codes)
        return said


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)]) if len(found[1]) == 3 else _ESCAPED.get(found[1], found[1])


def text_of(content: bytes) -> str:
    """What a PDF says, page after page."""
    return Document(content).text
