"""This is where money is exact: integer minor units of one currency. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.kit.errors import Invalid


class CurrencyMismatch(Invalid):
    """Two currencies do not add up."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units (fen, pence); `currency` is an ISO 4217 code."""

    currency: str
    minor: int

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not add up")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.currency, self.minor + other.minor)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.currency, self.minor - other.minor)

    def __neg__(self) -> "Money":
        return Money(self.currency, -self.minor)

    def __mul__(self, count: int) -> "Money":
        return Money(self.currency, self.minor * count)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def allocate(self, weights: Sequence[int]) -> list["Money"]:
        """Splits into shares in proportion to `weights`, by largest remainder: they add up exactly.

        Equal remainders go to the earlier share. All-zero weights share evenly. Negative weights are refused.
        """
        return [Money(self.currency, share) for share in split(self.minor, weights)]


def zero(currency: str) -> Money:
    """No money of a currency."""
    return Money(currency, 0)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of `amounts`, all of `currency`."""
    result = zero(currency)
    for amount in amounts:
        result = result + amount
    return result


def split(minor: int, weights: Sequence[int]) -> list[int]:
    """Largest-remainder split of `minor` by `weights` (Hamilton's method); the parts add up to `minor`."""
    if not weights or any(weight < 0 for weight in weights):
        raise Invalid("shares need weights that are not negative")
    weights = weights if any(weights) else [1] * len(weights)
    whole, sign = sum(weights), -1 if minor < 0 else 1
    parts = [divmod(abs(minor) * weight, whole) for weight in weights]
    left = abs(minor) - sum(quotient for quotient, _ in parts)
    lucky = set(sorted(range(len(parts)), key=lambda i: (-parts[i][1], i))[:left])
    return [sign * (quotient + (i in lucky)) for i, (quotient, _) in enumerate(parts)]
