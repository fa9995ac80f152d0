"""This is where tax is taken out of prices that include it, so that all of an invoice and its reversals add up. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Split:
    """An amount with its tax: `net + tax` is the amount exactly."""

    net: int
    tax: int


def tax_in(minor: int, rate_bp: int) -> int:
    """The tax in an amount that includes it, at a rate in hundredths of a percent: amount × rate ÷ (1 + rate), rounded half
    away from zero."""
    size = (2 * abs(minor) * rate_bp + 10_000 + rate_bp) // (2 * (10_000 + rate_bp))
    return size if minor >= 0 else -size


def split(minor: int, rate_bp: int) -> Split:
    """An amount and its tax."""
    tax = tax_in(minor, rate_bp)
    return Split(minor - tax, tax)


def next_part(before: int, minor: int, rate_bp: int) -> Split:
    """The next part taken off what `before` was taken off already: the parts' taxes add up to the tax of the whole."""
    tax = tax_in(before + minor, rate_bp) - tax_in(before, rate_bp)
    return Split(minor - tax, tax)
