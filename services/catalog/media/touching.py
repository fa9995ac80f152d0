"""This is where a picture is made fit to be a main picture, as far as a rule can. Only imported in a process of its own.

A person looks at what comes out: the subject is what lies in the middle and is not the background's colour, so it errs where
goods are as pale as what they stand on, or the background is no plain colour.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageFilter, ImageOps
from scipy import ndimage

from .measures import Mask, bands_in, flat, ink_of, pieces_of, small

LEAST_SIDE = 800
_MOST_SIDE = 1_600
_MARGIN = 0.06
_MIDDLE = 0.2  # left out on each side when it is looked which piece is the subject
_SOFT = 0.002


def touch(image: Image.Image, operations: Sequence[str]) -> Image.Image:
    """Does them in the one order that makes sense, whichever they were named in."""
    picture = flat(image)
    picture.thumbnail((_MOST_SIDE, _MOST_SIDE), Image.Resampling.LANCZOS)
    subject = _subject(picture)
    if "autocontrast" in operations:
        # Half way only: the goods must still look as they are.
        picture = Image.blend(picture, ImageOps.autocontrast(picture, (0.5, 0.5), preserve_tone=True), 0.5)
    if "white_background" in operations:
        picture = _on_white(picture, subject)
    if "square_crop" in operations:
        picture = _squared(picture, subject, white="white_background" in operations)
    if "resize_800" in operations:
        picture = _large_enough(picture)
    return picture


def _subject(picture: Image.Image) -> Mask:
    """Where the goods are, on the small copy: without bands, and without what stands apart from the piece in the middle."""
    ink = ink_of(small(picture))
    height, width = ink.shape
    bands = bands_in(ink)
    ink[: bands["top"]] = ink[height - bands["bottom"] :] = False
    ink[:, : bands["left"]] = ink[:, width - bands["right"] :] = False
    labels, sizes = pieces_of(ink)
    if not sizes:
        return np.ones_like(ink)
    up, left = round(_MIDDLE * height), round(_MIDDLE * width)
    middle = (labels * ink)[up : height - up, left : width - left]
    counted = np.bincount(middle.ravel(), minlength=len(sizes) + 1)[1:]
    piece = labels == int(counted.argmax() if counted.any() else np.argmax(sizes)) + 1
    return np.asarray(ndimage.binary_fill_holes(piece & ink))


def _on_white(picture: Image.Image, subject: Mask) -> Image.Image:
    mask = Image.fromarray((subject * 255).astype(np.uint8)).resize(picture.size, Image.Resampling.BICUBIC)
    soft = mask.filter(ImageFilter.GaussianBlur(max(1.0, _SOFT * min(picture.size))))
    return Image.composite(picture, Image.new("RGB", picture.size, "white"), soft)


def _squared(picture: Image.Image, subject: Mask, *, white: bool) -> Image.Image:
    """The subject in the middle of a square, with a margin; the paper around it is white, or what the corner is."""
    rows, columns = np.flatnonzero(subject.any(axis=1)), np.flatnonzero(subject.any(axis=0))
    scale = picture.width / subject.shape[1]
    left, right = float(columns[0] * scale), float((columns[-1] + 1) * scale)
    top, bottom = float(rows[0] * scale), float((rows[-1] + 1) * scale)
    side = max(1, round(max(right - left, bottom - top) * (1 + 2 * _MARGIN)))
    paper = Image.new("RGB", (side, side), "white" if white else _corner(picture))
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    paper.paste(picture, (round(side / 2 - middle_x), round(side / 2 - middle_y)))
    return paper


def _corner(picture: Image.Image) -> tuple[int, int, int]:
    red, green, blue = picture.resize((20, 20), Image.Resampling.BOX).convert("RGB").load()[0, 0]  # type: ignore[index,misc]
    return int(red), int(green), int(blue)


def _large_enough(picture: Image.Image) -> Image.Image:
    short = min(picture.size)
    if short >= LEAST_SIDE:
        return picture
    grown = (round(side * LEAST_SIDE / short) for side in picture.size)
    width, height = grown
    return picture.resize((max(width, LEAST_SIDE), max(height, LEAST_SIDE)), Image.Resampling.LANCZOS)
