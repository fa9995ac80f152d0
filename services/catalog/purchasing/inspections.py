"""This is where it is said how many units of a delivery are looked at, and how many of those may be bad. Pure.

Single sampling after ISO 2859-1, general level II, AQL 2.5 %: the plans its tables lead to, arrows followed.
"""

_PLANS = (  # deliveries of up to so many units: units looked at, bad ones accepted
    (50, 5, 0),
    (150, 20, 1),
    (280, 32, 2),
    (500, 50, 3),
    (1_200, 80, 5),
    (3_200, 125, 7),
    (10_000, 200, 10),
    (35_000, 315, 14),
)
_LARGEST = (500, 21)


def plan(units: int) -> tuple[int, int]:
    """How many of a delivery of so many units to look at, and up to how many bad ones among them it passes."""
    for most, sample, accept in _PLANS:
        if units <= most:
            return min(sample, units), accept
    return _LARGEST
