"""ZTO Express (中通), by its open platform."""

from .carrier import Zto

__all__ = ["Zto"]
