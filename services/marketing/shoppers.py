"""This is where it is said who a cart is for, as far as the rules ask. Pure."""

from dataclasses import dataclass
from typing import Protocol

CHANNELS = ("storefront", "app", "mini_program", "live", "marketplace", "store", "phone", "subscription")
STOREFRONT = CHANNELS[0]


@dataclass(frozen=True, slots=True)
class Shopper:
    """Who asks: `cus_…` or empty for a guest, their tier and the groups (segments) they are in, and where they shop."""

    id: str = ""
    tier: str = ""
    groups: frozenset[str] = frozenset()
    channel: str = STOREFRONT


class Audience(Protocol):
    """A rule for some: of one of the tiers or in one of the groups (both empty: anybody), in one of the channels (empty:
    in all), and `signed_in`: not for guests."""

    tiers: list[str]
    groups: list[str]
    signed_in: bool
    channels: list[str]


def is_for(rule: Audience, shopper: Shopper) -> bool:
    """Whether a rule is for them."""
    if (rule.signed_in and not shopper.id) or (rule.channels and shopper.channel not in rule.channels):
        return False
    named = rule.tiers or rule.groups
    return not named or shopper.tier in rule.tiers or not shopper.groups.isdisjoint(rule.groups)
