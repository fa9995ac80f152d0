"""This is where a page of paper is: measured in millimetres from its upper left corner, as people look at it. Pure."""

from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

MM = 72 / 25.4  # points
A4 = (210, 297)
_SMALLER = (1, 0.8, 0.64, 0.5)  # what type is tried in until a text fits


class Page:
    """A page, `width` x `height` millimetres."""

    def __init__(self, canvas: Any, width: int, height: int) -> None:
        self.canvas, self.width, self.height = canvas, width, height

    def up(self, y: float) -> float:
        """Points from the lower edge."""
        return (self.height - y) * MM

    def say(self, x: float, y: float, points: float, text: str, until: float = 0, side: str = "left") -> None:
        """A line of text on the base line `y` between `x` and `until` (5 mm before the edge), as small as it must be."""
        from services.kit.printing import FONT, fitting

        wide = (until or self.width - 5) - x
        text, points = fitting(text, points, wide * MM, points * 0.6)
        self.canvas.setFont(FONT, points)
        if side == "middle":
            self.canvas.drawCentredString((x + wide / 2) * MM, self.up(y), text)
        elif side == "right":
            self.canvas.drawRightString((x + wide) * MM, self.up(y), text)
        else:
            self.canvas.drawString(x * MM, self.up(y), text)

    def tell(self, x: float, y: float, points: float, text: str, height: float, until: float = 0) -> None:
        """Lines of text from `y` down, as small as they must be to fit into the height."""
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.platypus import Paragraph

        from services.kit.printing import FONT

        wide, high = ((until or self.width - 5) - x) * MM, height * MM
        for size in (points * smaller for smaller in _SMALLER):
            style = ParagraphStyle("lines", fontName=FONT, fontSize=size, leading=size * 1.3, wordWrap="CJK")
            lines = Paragraph(escape(text), style)
            if lines.wrap(wide, high)[1] <= high:
                break
        for some in lines.split(wide, high)[:1]:
            some.drawOn(self.canvas, x * MM, self.up(y) - some.wrap(wide, high)[1])

    def rule(self, y: float, left: float = 4, right: float = 4) -> None:
        """A line across, as far as so many millimetres from the edges."""
        self.canvas.line(left * MM, self.up(y), (self.width - right) * MM, self.up(y))


class Paper:
    """A PDF, begun."""

    def __init__(self, title: str, size: tuple[int, int] = A4) -> None:
        # Imported only by who prints: the library costs the process 20 MB, the font 6.
        from services.kit.printing import canvas

        (self._width, self._height), self._written, self._pages = size, BytesIO(), 0
        self._canvas = canvas(self._written, (self._width * MM, self._height * MM), title)

    def page(self) -> Page:
        """The next one."""
        if self._pages:
            self._canvas.showPage()
        self._pages += 1
        return Page(self._canvas, self._width, self._height)

    def done(self) -> bytes:
        """The document."""
        self._canvas.showPage()
        self._canvas.save()
        return self._written.getvalue()
