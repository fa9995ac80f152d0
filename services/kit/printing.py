"""This is where printed papers get their letters: from one font with all of Chinese, of which each document takes along what
it uses (docs/decisions/0020). To be imported by who prints, when it prints: reportlab costs a process 20 MB."""

import os
import re
from pathlib import Path
from struct import iter_unpack, unpack
from threading import Lock
from typing import Any, BinaryIO
from weakref import WeakKeyDictionary

from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTEncoding, TTFont, TTFontFace
from reportlab.pdfgen.canvas import Canvas

FONT = "Noto Sans CJK SC"
_FILE = Path(__file__).parent / "fonts" / "NotoSansCJKsc-Regular.ttf"
_BEYOND = re.compile("<([0-9A-F]{5})>")


class _Bytes:
    """What is in the file from a place on, read as it is asked for: 10 MB that need not lie in memory."""

    def __init__(self, file: int, start: int = 0) -> None:
        self._file, self._start, self.name = file, start, _FILE.name

    def __getitem__(self, some: slice) -> bytes:
        return os.pread(self._file, some.stop - some.start, self._start + some.start)

    def read(self) -> "_Bytes":
        return self


class _Face(TTFontFace):
    """The library's, less its lists of every glyph, which weigh 16 MB."""

    def __init__(self, file: int) -> None:
        self._file, self._one = file, Lock()
        super().__init__(_Bytes(file))

    def extractInfo(self, charInfo: int = 1) -> None:  # noqa: N803
        super().extractInfo(0)
        cmap, _ = self.get_table_pos("cmap")
        tables = iter_unpack(">HHI", self.get_chunk(cmap + 4, 8 * self.get_ushort(cmap + 2)))
        full = cmap + next(start for platform, encoding, start in tables if (platform, encoding) == (3, 10))
        groups = iter_unpack(">III", self.get_chunk(full + 16, 12 * self.get_ulong(full + 12)))
        self.charToGlyph = {first + n: glyph + n for first, last, glyph in groups for n in range(last - first + 1)}
        self.glyphPos = unpack(f">{self.numGlyphs + 1}I", self.get_table("loca"))
        sides = self.get_table("hmtx")
        end = 2 * len(sides) - 4 * self.numGlyphs  # of the pairs; glyphs after it are as wide as the last
        sides = sides[:end] + b"".join(sides[end - 4 : end - 2] + sides[n : n + 2] for n in range(end, len(sides), 2))
        seen: dict[Any, Any] = {}
        self.hmetrics = [seen.setdefault(each, each) for each in iter_unpack(">HH", sides)]
        self.defaultWidth = self.hmetrics[0][0]
        widths = ((code, self.hmetrics[glyph][0]) for code, glyph in self.charToGlyph.items())
        self.charWidths = {code: width for code, width in widths if width != self.defaultWidth}

    def get_table(self, tag: str) -> Any:
        start, size = self.get_table_pos(tag)
        return _Bytes(self._file, start) if tag == "glyf" else self.get_chunk(start, size)

    def makeSubset(self, subset: Any) -> bytes:
        with self._one:  # threads print, and the library reads with one finger
            return super().makeSubset(subset)


class _Font(TTFont):
    def __init__(self) -> None:
        self.fontName, self.face = FONT, _Face(os.open(_FILE, os.O_RDONLY))
        self.encoding, self.state, self._asciiReadable, self.shapable = TTEncoding(), WeakKeyDictionary(), True, False

    def addObjects(self, doc: Any) -> None:
        super().addObjects(doc)
        for name, kept in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:"):  # it speaks UTF-16, also of what is beyond 16 bits
                kept.content = _BEYOND.sub(
                    lambda code: f"<{chr(int(code[1], 16)).encode('utf-16-be').hex()}>", kept.content
                )


registerFont(_Font())


def canvas(file: BinaryIO, size: tuple[float, float], title: str) -> Canvas:
    """Pages to draw on; the same file for the same drawing. They begin in the font: else each would name Helvetica."""
    pages = Canvas(file, size, pageCompression=1, invariant=1, initialFontName=FONT)  # type: ignore[arg-type]
    pages.setTitle(title)
    return pages


def fitting(text: str, points: float, width: float, least: float = 0) -> tuple[str, float]:
    """A line that fits into a width (points): set in smaller type down to `least`, and then cut, which an ellipsis says."""
    wide = stringWidth(text, FONT, points)
    if wide <= width:
        return text, points
    size = max(min(points, least or points), points * width / wide)
    if stringWidth(text, FONT, size) > width * 1.001:
        while text and stringWidth(f"{text}…", FONT, size) > width:
            text = text[:-1]
        text = f"{text}…"
    return text, size
