"""This is where routes are drawn: stops, lines, a scale, no map beneath and no network. SVG. Pure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from .geography import Position

MEDIA_TYPE = "image/svg+xml"
_WIDTH, _HEIGHT, _EDGE, _LEGEND = 900, 640, 40, 22
_M_A_DEGREE = 111_320
# Told apart by those who see few colours, too (Okabe and Ito, 2008).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
_LEAST_M = 500.0  # stops in one street fill no picture


@dataclass(frozen=True, slots=True)
class Line:
    """A route to draw: its stops in order, and which of them are over."""

    title: str
    stops: Sequence[Position]
    over: Sequence[bool] = ()


class _Sheet:
    """Degrees to pixels: north is up, a metre is as long both ways."""

    def __init__(self, depot: Position, lines: Sequence[Line]) -> None:
        every = [depot, *(stop for line in lines for stop in line.stops)]
        self._narrow = math.cos(math.radians(depot.lat))
        self._west, south = min(p.lng for p in every), min(p.lat for p in every)
        east, self._north = max(p.lng for p in every), max(p.lat for p in every)
        wide = max((east - self._west) * self._narrow * _M_A_DEGREE, _LEAST_M)
        high = max((self._north - south) * _M_A_DEGREE, _LEAST_M)
        self.px_a_metre = min((_WIDTH - 2 * _EDGE) / wide, (_HEIGHT - 2 * _EDGE) / high)
        self._left, self._top = (_WIDTH - wide * self.px_a_metre) / 2, (_HEIGHT - high * self.px_a_metre) / 2

    def at(self, place: Position) -> tuple[float, float]:
        x = (place.lng - self._west) * self._narrow * _M_A_DEGREE * self.px_a_metre + self._left
        return x, (self._north - place.lat) * _M_A_DEGREE * self.px_a_metre + self._top


def drawn(depot: Position, lines: Sequence[Line]) -> bytes:
    """The picture: a line a route, its stops numbered in order, the depot a square, a scale in metres."""
    sheet, height = _Sheet(depot, lines), _HEIGHT + _LEGEND * (len(lines) + 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for number, line in enumerate(lines):
        parts += _route(sheet, depot, line, _COLOURS[number % len(_COLOURS)])
    x, y = sheet.at(depot)
    parts.append(f'<rect class="depot" x="{x - 7:.1f}" y="{y - 7:.1f}" width="14" height="14" fill="#333"/>')
    parts += _scale(sheet)
    for number, line in enumerate(lines):
        top = _HEIGHT + _LEGEND * (number + 2)
        colour = _COLOURS[number % len(_COLOURS)]
        parts.append(f'<rect x="{_EDGE}" y="{top - 10}" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{_EDGE + 20}" y="{top}">{escape(line.title)}</text>')
    return "\n".join([*parts, "</svg>"]).encode()


def _route(sheet: _Sheet, depot: Position, line: Line, colour: str) -> Iterator[str]:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(sheet.at, [depot, *line.stops, depot]))
    yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-opacity="0.7"/>'
    for number, stop in enumerate(line.stops, 1):
        x, y = sheet.at(stop)
        over = number <= len(line.over) and line.over[number - 1]
        fill, ink = (colour, "#fff") if over else ("#fff", colour)
        yield f'<circle class="stop" cx="{x:.1f}" cy="{y:.1f}" r="10" fill="{fill}" stroke="{colour}" stroke-width="2"/>'
        yield f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" fill="{ink}">{number}</text>'


def _scale(sheet: _Sheet) -> Iterator[str]:
    most = 200 / sheet.px_a_metre  # metres that fit in 200 pixels, then the next round number below
    power = 10 ** math.floor(math.log10(most))
    metres = next(step * power for step in (5, 2, 1) if step * power <= most)
    long = metres * sheet.px_a_metre
    said = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    yield f'<path d="M{_EDGE},{_HEIGHT} h{long:.1f}" stroke="#333" stroke-width="3"/>'
    yield f'<text class="scale" x="{_EDGE + long + 8:.1f}" y="{_HEIGHT + 4}">{said}</text>'
