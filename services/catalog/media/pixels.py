"""This is where a picture is opened with care, cleaned and packed. Only imported in a process of its own."""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from .assets import InvalidMedia
from .darkroom import Developed
from .measures import facts_of

_MOST_PIXELS = 40_000_000
_LEAST_SIDE = 16
_MOST_SIDE = 12_000
_TOO_MANY = f"at most {_MOST_PIXELS // 1_000_000} million pixels and {_MOST_SIDE} a side"
_MOST_PACKED = 7 * 1024 * 1024
_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture, upright, and the format it came in."""

    image: Image.Image
    format: str


def opened(content: bytes) -> Opened:
    """A JPEG, PNG or WebP that is whole, still, and not so large that opening it does harm. Refuses with INVALID_MEDIA."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            image = Image.open(io.BytesIO(content), formats=tuple(_TYPES))
            _check(image)
            image.load()
            upright = ImageOps.exif_transpose(image)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise InvalidMedia(_TOO_MANY) from None
        except UnidentifiedImageError:
            raise InvalidMedia("not a JPEG, PNG or WebP picture") from None
        except (OSError, ValueError, SyntaxError, MemoryError, Warning) as broken:
            raise InvalidMedia("the picture is broken or cut short") from broken
    return Opened(upright, image.format if image.format in _TYPES else "JPEG")


def _check(image: Image.Image) -> None:
    width, height = image.size
    if width * height > _MOST_PIXELS or max(width, height) > _MOST_SIDE:
        raise InvalidMedia(_TOO_MANY)
    if min(width, height) < _LEAST_SIDE:
        raise InvalidMedia(f"at least {_LEAST_SIDE} pixels a side")
    # A phone's JPEG may carry a second frame (a gain map); a moving picture is something else.
    if image.format in ("PNG", "WEBP") and getattr(image, "n_frames", 1) > 1:
        raise InvalidMedia("a moving picture is not taken")


def develop(picture: Opened, widths: Sequence[int]) -> Developed:
    """The picture without what was hidden in it, the smaller ones, and what was measured."""
    whole = packed(picture.image, picture.format)
    if len(whole) > _MOST_PACKED:
        raise InvalidMedia("the picture is too large once cleaned: save it as JPEG")
    pictures = {0: (whole, _TYPES[picture.format])}
    for width in widths:
        if width < picture.image.width:
            pictures[width] = (packed(_narrowed(picture.image, width), "WEBP"), "image/webp")
    return Developed(pictures, facts_of(picture.image))


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    height = max(1, round(image.height * width / image.width))
    plain = image if image.mode in ("RGB", "RGBA", "L") else image.convert("RGBA" if _see_through(image) else "RGB")
    return plain.resize((width, height), Image.Resampling.LANCZOS)


def _see_through(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def packed(image: Image.Image, kind: str) -> bytes:
    """As bytes: the pixels and their colour profile, no EXIF, no comment, no place."""
    out, profile = io.BytesIO(), image.info.get("icc_profile")
    clean = image.convert("RGB") if kind == "JPEG" and image.mode not in ("RGB", "L", "CMYK") else image.copy()
    clean.info = {name: clean.info[name] for name in ("transparency",) if name in clean.info}
    if kind == "JPEG":
        clean.save(out, kind, quality=92, optimize=True, progressive=True, icc_profile=profile)
    elif kind == "WEBP":
        clean.save(out, kind, quality=85, method=4, icc_profile=profile, exif=b"", xmp=b"")
    else:
        clean.save(out, kind, icc_profile=profile)
    return out.getvalue()
