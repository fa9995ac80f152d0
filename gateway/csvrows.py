"""This is where a CSV file is cut into rows, so that what is broken spoils its own row only. Pure."""

import csv
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

_LINE_BYTES = 64 * 1024
_JOINED_LINES = 50
_JOINED_BYTES = 32 * 1024
_BOM = b"\xef\xbb\xbf"
csv.field_size_limit(_LINE_BYTES)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as read; the header is row 1. `problem` says why it could not be read."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    problem: str = ""


class BrokenHeader(ValueError):
    """The first row does not name the columns."""


async def lines_of(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The file's physical lines, without a byte order mark."""
    rest, first = b"", True
    async for part in parts:
        rest += part
        if first and len(rest) >= len(_BOM):
            rest, first = rest.removeprefix(_BOM), False
        *whole, rest = rest.split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r")
    if rest := rest.removeprefix(_BOM if first else b""):
        yield rest.removesuffix(b"\r")


def header_of(line: bytes, needed: Sequence[str], allowed: Sequence[str]) -> list[str]:
    """The columns. Raises `BrokenHeader` when one is missing, unknown or there twice."""
    cells, problem = _parsed([line])
    if problem:
        raise BrokenHeader(problem)
    names = [cell.strip().lower() for cell in cells]
    if missing := [name for name in needed if name not in names]:
        raise BrokenHeader(f"the columns {', '.join(missing)} are missing")
    if unknown := [name for name in names if name not in needed and name not in allowed]:
        raise BrokenHeader(f"{len(unknown)} columns are not known")
    if len(set(names)) != len(names):
        raise BrokenHeader("a column is there twice")
    return names


def _parsed(lines: Sequence[bytes]) -> tuple[list[str], str]:
    try:
        text = b"\n".join(lines).decode()
    except UnicodeDecodeError:
        return [], "not UTF-8"
    if "\x00" in text:
        return [], "holds a NUL"
    try:
        return next(csv.reader([text + "\n"], strict=True), []), ""
    except csv.Error as error:
        return [], "unterminated" if "unexpected end" in str(error) else "broken quoting"


class Rows:
    """Cuts lines into rows. A quoted cell may run over lines; a quote that never closes breaks its own line only."""

    def __init__(self, header: Sequence[str]) -> None:
        self._header = list(header)
        self._waiting: deque[bytes] = deque()
        self._number = 1

    def feed(self, line: bytes) -> None:
        """One more physical line."""
        self._waiting.append(line)

    def ready(self, *, end: bool = False) -> list[Row]:
        """The rows that can be told by now; all of them at the `end`."""
        rows: list[Row] = []
        while self._waiting and (end or len(self._waiting) > _JOINED_LINES):
            if row := self._next():
                rows.append(row)
        return rows

    def _next(self) -> Row | None:
        first = self._waiting.popleft()
        if not first.strip():
            return None
        self._number += 1
        if len(first) > _LINE_BYTES:
            return Row(self._number, problem="longer than 64 KB")
        cells, problem = _parsed([first])
        if problem == "unterminated":
            cells, problem = self._joined(first)
        if not problem and len(cells) != len(self._header):
            problem = f"has {len(cells)} cells, the header {len(self._header)}"
        if problem:
            return Row(self._number, problem="broken quoting" if problem == "unterminated" else problem)
        return Row(self._number, dict(zip(self._header, cells, strict=True)))

    def _joined(self, first: bytes) -> tuple[list[str], str]:
        lines, size = [first], len(first)
        for line in self._waiting:
            lines.append(line)
            size += len(line)
            if len(lines) > _JOINED_LINES or size > _JOINED_BYTES:
                break
            if b'"' not in line:
                continue  # cannot close it
            cells, problem = _parsed(lines)
            if not problem and len(cells) == len(self._header):
                for _ in lines[1:]:
                    self._waiting.popleft()
                return cells, ""
            if problem != "unterminated":
                break
        return [], "broken quoting"
