"""SF Express (順豐), by its open platform's standard interface."""

from .carrier import Sf

__all__ = ["Sf"]
