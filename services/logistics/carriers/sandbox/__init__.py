"""The built-in carrier, for tests, demonstrations and partners who try things out."""

from services.logistics.carriers.numbers import check_digit

from .carrier import Sandbox

__all__ = ["Sandbox", "check_digit"]
