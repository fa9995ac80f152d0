"""This is where it is measured what a picture shows: white, blank, sharp, marked. Only imported in a process of its own.

All of it on a copy of at most 400 pixels a side. The mark is a suspicion, not a fact: letterings and logos apart from the
subject along an edge, and bands from edge to edge. It cannot see a mark that lies over the subject, nor one as pale as the
background; a small part of the goods laid out near an edge looks like a mark to it. `tests/catalog/media` measures how often
it errs on pictures drawn and labelled there.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .assets import Facts

Pixels = NDArray[np.int16]
Mask = NDArray[np.bool_]
SIDE = 400
_WHITE, _GREY = 240, 12  # each channel at least; apart at most
_INK = 28  # how far from the background a pixel must be
_FRAME = 0.04
_BAND_FULL, _BAND_OVER = 0.85, 0.6
_BAND_BEGINS, _BAND_LEAST, _BAND_MOST = 0.06, 0.025, 0.25
_EDGE = 0.25  # a mark lies within this much of an edge
_THIN = 0.2  # and is no thicker than this
_SPECK, _OF_SUBJECT = 0.0004, 0.25
_LETTERS = 0.02  # closer than this belongs together
_BLANK_INK, _BLANK_DEVIATION = 0.003, 4.0


def flat(image: Image.Image) -> Image.Image:
    """As it looks on white paper."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        paper = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(paper, clear).convert("RGB")
    return image.convert("RGB")


def small(image: Image.Image) -> Pixels:
    """The pixels of a small copy."""
    copy = flat(image)
    copy.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(copy, dtype=np.int16)


def facts_of(image: Image.Image) -> Facts:
    """What there is to say of a picture."""
    pixels = small(image)
    frame = frame_of(pixels)
    white = (pixels.min(axis=2) >= _WHITE) & (np.ptp(pixels, axis=2) <= _GREY)
    ink = ink_of(pixels)
    grey = pixels.mean(axis=2)
    return Facts(
        width=image.width,
        height=image.height,
        white_border=round(float(white[frame].mean()), 4),
        white_share=round(float(white.mean()), 4),
        sharpness=round(_sharpness(grey, ink), 1),
        blank=bool(ink.mean() < _BLANK_INK or grey.std() < _BLANK_DEVIATION),
        mark=mark_in(ink),
        likeness=_likeness(image),
    )


def frame_of(pixels: Pixels) -> Mask:
    """The outermost part of a picture."""
    height, width = pixels.shape[:2]
    deep = max(2, round(_FRAME * min(height, width)))
    frame = np.ones((height, width), dtype=bool)
    frame[deep:-deep, deep:-deep] = False
    return frame


def ink_of(pixels: Pixels) -> Mask:
    """What stands out from the background, which is what most of the frame is."""
    background = np.median(pixels[frame_of(pixels)], axis=0)
    distance: NDArray[np.float64] = np.abs(pixels - background).max(axis=2)
    return np.asarray(distance > _INK)


def mark_in(ink: Mask) -> str:
    """Along which edge a band, a logo or lettering is suspected; empty when none is."""
    return next((side for side, deep in bands_in(ink).items() if deep), "") or _apart(ink)


def bands_in(ink: Mask) -> dict[str, int]:
    """How deep a band reaches in from each edge; 0 where there is none."""
    rows, columns = ink.mean(axis=1), ink.mean(axis=0)
    return {
        "top": _band(rows),
        "bottom": _band(rows[::-1]),
        "left": _band(columns),
        "right": _band(columns[::-1]),
    }


def _band(filled: NDArray[np.float64]) -> int:
    size = len(filled)
    full = np.flatnonzero(filled >= _BAND_FULL)
    if not full.size or full[0] > _BAND_BEGINS * size:
        return 0
    begin = int(full[0])
    ends = np.flatnonzero(filled[begin:] < _BAND_OVER)
    end = begin + int(ends[0]) if ends.size else size
    return end if _BAND_LEAST * size <= end - begin <= _BAND_MOST * size else 0


def pieces_of(ink: Mask) -> tuple[NDArray[np.int32], list[int]]:
    """What stands apart from each other, numbered from 1, and how much ink each has. Letters of a word are one piece."""
    reach = max(1, round(_LETTERS * min(ink.shape) / 2))
    labels, count = ndimage.label(ndimage.binary_dilation(ink, iterations=reach))
    return labels, [int(n) for n in np.bincount(labels[ink], minlength=count + 1)[1:]]


def _apart(ink: Mask) -> str:
    labels, sizes = pieces_of(ink)
    if len(sizes) < 2:
        return ""
    height, width = ink.shape
    largest = max(sizes)
    for size, box in zip(sizes, ndimage.find_objects(labels), strict=True):
        if size == largest or size < _SPECK * ink.size or size > _OF_SUBJECT * largest:
            continue
        rows, columns = box
        across, along = (rows.stop - rows.start) / height, (columns.stop - columns.start) / width
        if across <= _THIN and rows.stop <= _EDGE * height:
            return "top"
        if across <= _THIN and rows.start >= (1 - _EDGE) * height:
            return "bottom"
        if along <= _THIN and columns.stop <= _EDGE * width:
            return "left"
        if along <= _THIN and columns.start >= (1 - _EDGE) * width:
            return "right"
    return ""


def _sharpness(grey: NDArray[np.float64], ink: Mask) -> float:
    """The variance of the Laplacian where there is something to see."""
    seen = ndimage.binary_dilation(ink, iterations=2)
    edges = ndimage.laplace(grey)
    return float(edges[seen].var()) if seen.any() else 0.0


def _likeness(image: Image.Image) -> str:
    """The picture as 8 × 8 patches of colour."""
    return flat(image).resize((8, 8), Image.Resampling.BOX).tobytes().hex()
