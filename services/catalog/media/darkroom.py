"""This is where work on pixels begins, in a process of its own: the service imports this, and never what it imports."""

from collections.abc import Sequence
from dataclasses import dataclass

from .assets import Facts


@dataclass(frozen=True, slots=True)
class Developed:
    """A picture that was opened, cleaned and measured: its bytes by width, 0 as it is, and their media types."""

    pictures: dict[int, tuple[bytes, str]]
    facts: Facts


def examine(content: bytes, widths: Sequence[int]) -> Developed:
    """Opens an upload with care, takes out what a camera wrote into it, measures it and makes the smaller ones.

    Refuses with INVALID_MEDIA.
    """
    from .pixels import develop, opened

    return develop(opened(content), widths)


def retouched(content: bytes, operations: Sequence[str]) -> bytes:
    """A picture with these done to it, as JPEG. Refuses with INVALID_MEDIA."""
    from .pixels import opened, packed
    from .touching import touch

    return packed(touch(opened(content).image, operations), "JPEG")
