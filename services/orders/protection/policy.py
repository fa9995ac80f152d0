"""This is where it is kept how far the shop protects its customers against falling prices."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from services.kit.errors import AlreadyExists, FieldError, Invalid, VersionMismatch
from services.kit.store import Store

THE_POLICY = "policy"
_MOST_MINOR = 10**12
_MOST_NAMED = 1_000


class InvalidProtectionPolicy(Invalid):
    """No policy can be so."""


@dataclass
class ProtectionPolicy:
    """What is protected, how long, and up to where. Amounts in minor units of the order's currency; 0 is no cap.

    A drop by one of `excluded_causes` (the kinds of price rules, `promotion`, `flash_sale`) counts for nobody; orders of one
    of `excluded_channels`, goods of one of `excluded_categories` or `excluded_skus` (what is cleared) are not protected.
    """

    id: str = THE_POLICY
    mode: Literal["automatic", "claim", "off"] = "automatic"
    days: int = 30  # after payment
    claim_days: int = 7  # after that, in which what fell before may still be claimed
    cap_order_minor: int = 0
    cap_customer_minor: int = 0  # within the window
    most_units: int = 20  # of a SKU of an order
    most_claims: int = 20  # payments to a customer within the window
    window_days: int = 90
    guests: bool = True
    businesses: bool = False  # orders of B2B customers
    excluded_causes: list[str] = field(default_factory=lambda: ["flash_steps"])
    excluded_channels: list[str] = field(default_factory=list)
    excluded_categories: list[str] = field(default_factory=list)
    excluded_skus: list[str] = field(default_factory=list)
    by: str = ""
    version: int = 0

    @property
    def span(self) -> timedelta:
        """How long after payment a price may fall."""
        return timedelta(days=self.days)

    @property
    def window(self) -> timedelta:
        """How far back payments to a customer count."""
        return timedelta(days=self.window_days)

    def check(self) -> None:
        """Refuses with INVALID_PROTECTION_POLICY."""
        bounds = {
            "days": (1, 365),
            "claim_days": (0, 90),
            "cap_order_minor": (0, _MOST_MINOR),
            "cap_customer_minor": (0, _MOST_MINOR),
            "most_units": (1, 99_999),
            "most_claims": (1, 1_000),
            "window_days": (1, 365),
        }
        faults = [
            FieldError(f"/{name}", f"{least} to {most}")
            for name, (least, most) in bounds.items()
            if not least <= getattr(self, name) <= most
        ]
        if self.mode not in ("automatic", "claim", "off"):
            faults.append(FieldError("/mode", "automatic, claim or off"))
        for name in ("excluded_causes", "excluded_channels", "excluded_categories", "excluded_skus"):
            words = getattr(self, name)
            if len(words) > _MOST_NAMED or any(not 0 < len(word) <= 64 for word in words):
                faults.append(FieldError(f"/{name}", "at most 1,000 words of 1 to 64 characters"))
        if faults:
            raise InvalidProtectionPolicy("this cannot be the policy", errors=faults)


class Policies:
    """The one policy: as it was put, or as it comes."""

    def __init__(self, policies: Store[ProtectionPolicy]) -> None:
        self._policies = policies

    async def get(self) -> ProtectionPolicy:
        """What holds now."""
        return await self._policies.get(THE_POLICY) or ProtectionPolicy()

    async def put(self, policy: ProtectionPolicy, if_version: int) -> ProtectionPolicy:
        """Holds from now on. Refuses with INVALID_PROTECTION_POLICY, VERSION_MISMATCH."""
        policy.check()
        held = await self.get()
        if if_version and if_version != held.version:
            raise VersionMismatch("the policy has changed since you read it")
        policy.version = held.version
        try:
            return await (self._policies.save(policy) if held.version else self._policies.insert(policy))
        except AlreadyExists as taken:
            raise VersionMismatch("somebody else has just put one") from taken
