"""This is where a label's page becomes a picture, as far as bars go: what it fills, black on white, 203 dpi times two."""

import re

from PIL import Image, ImageDraw

from tests.papers import Document

_SCALE = 406 / 72
_TOKEN = re.compile(rb"\((?:\\.|[^\\()])*\)|\S+", re.DOTALL)


def pictures(document: bytes) -> list[Image.Image]:
    """Its pages."""
    sizes = [
        (float(width), float(height))
        for width, height in re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", document)
    ]
    return [_picture(page, *size) for page, size in zip(Document(document).pages(), sizes, strict=True)]


def _picture(page: bytes, width: float, height: float) -> Image.Image:
    picture = Image.new("L", (round(width * _SCALE), round(height * _SCALE)), 255)
    draw, at, stack = ImageDraw.Draw(picture), (0.0, 0.0), list[tuple[float, float]]()
    numbers: list[float] = []
    boxes: list[tuple[float, float, float, float]] = []
    for token in _TOKEN.findall(page):
        if re.fullmatch(rb"-?[\d.]+", token):
            numbers.append(float(token))
            continue
        if token == b"q":
            stack.append(at)
        elif token == b"Q":
            at = stack.pop()
        elif token == b"cm":
            at = (at[0] + numbers[-2], at[1] + numbers[-1])  # nothing here turns or grows
        elif token == b"re":
            x, y, wide, high = numbers[-4:]
            boxes.append((at[0] + x, at[1] + y, wide, high))
        elif token in (b"f", b"f*"):
            for x, y, wide, high in boxes:
                left, top = round(x * _SCALE), round((height - y - high) * _SCALE)
                right, bottom = round((x + wide) * _SCALE), round((height - y) * _SCALE)
                draw.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), fill=0)
        if token in (b"f", b"f*", b"S", b"n", b"B"):
            boxes = []
        numbers = []
    return picture
