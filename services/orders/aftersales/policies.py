"""This is where after-sales policies are published: one for the shop, one for each category that has its own."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, VersionMismatch
from services.kit.store import Store
from services.orders import limits
from services.orders.memory import Memory

from .terms import DELIVERY_DAYS, EXCLUSIONS, FAULT_DAYS, NO_REASON_DAYS, Terms

SHOP = "shop"
_MOST = 500
_MOST_DAYS = 365
_MOST_MINOR = 10**9
_FRESH_S = 2.0
_INSURANCES = ("none", "offered", "free")


class InvalidPolicy(Invalid):
    """Not what an after-sales policy must be."""


@dataclass
class Policy:
    """What holds for a category (its id), or for all others (`shop`). Amounts in minor units of `currency`.

    `insurance`: whether the way back can be insured: `none`, `offered` for `premium_minor`, or `free`; it pays at most
    `cap_minor`. `goods_stay_minor`: up to here support may give money back, or send anew, and let the goods stay.
    """

    id: str
    text: str = ""
    no_reason_days: int = NO_REASON_DAYS
    fault_days: int = FAULT_DAYS
    delivery_days: int = DELIVERY_DAYS
    excluded: str = ""
    freight: str = "customer"
    insurance: str = "offered"
    premium_minor: int = 100
    cap_minor: int = 1200
    goods_stay_minor: int = 5000
    currency: str = "CNY"
    by: str = "shop"
    updated_at: datetime | None = None
    version: int = 0


AT_FIRST = Policy(
    SHOP,
    "签收次日起 7 天内无理由退货；质量问题、发错货 15 天内，破损、少件 7 天内凭照片申请。/ "
    "Seven days without a reason from the day after delivery; fifteen for faults and wrong items, seven for damage and "
    "what is missing, with photos.",
)


@dataclass(frozen=True, slots=True)
class Insurance:
    """What insuring the way back costs and pays at most; both in minor units."""

    premium_minor: int
    cap_minor: int


class Policies:
    """Keeps the policies and says what holds for a line. Checkouts ask, so they are remembered for two seconds."""

    def __init__(self, policies: Store[Policy], clock: Clock) -> None:
        self._policies, self._clock = policies, clock
        self._known: Memory[str, dict[str, Policy]] = Memory(1, _FRESH_S)

    async def all(self) -> dict[str, Policy]:
        """Every policy by what it is for."""
        known = self._known.get("all")
        if known is None:
            stamp = self._known.stamp()
            rows = await self._policies.find({}, limit=_MOST)
            known = {SHOP: AT_FIRST} | {policy.id: policy for policy in rows}
            self._known.put("all", known, stamp)
        return known

    async def put(self, wanted: Policy, if_version: int) -> Policy:
        """Publishes a policy; orders placed before keep theirs. Refuses with INVALID_POLICY, VERSION_MISMATCH."""
        _check(wanted)
        there = await self._policies.get(wanted.id)
        seen = there.version if there else 0
        if if_version and if_version != seen:
            raise VersionMismatch(f"the policy has changed since version {if_version}")
        new = replace(wanted, version=seen, updated_at=self._clock.now())
        try:
            kept = await (self._policies.save(new) if there else self._policies.insert(new))
        except AlreadyExists as raced:
            raise VersionMismatch("somebody else has just published it") from raced
        self._known.clear()
        return kept

    async def of(self, category: str) -> Policy:
        """The category's own, or the shop's."""
        policies = await self.all()
        return policies.get(category) or policies[SHOP]


def terms_of(policy: Policy, promised: Terms | None) -> Terms:
    """The terms of a line: its category's, with what its own product promises on top."""
    terms = Terms(
        policy=policy.id,
        version=policy.version,
        no_reason_days=policy.no_reason_days,
        fault_days=policy.fault_days,
        delivery_days=policy.delivery_days,
        excluded=policy.excluded,
        freight=policy.freight,
        insured=policy.insurance == "free",
    )
    if promised is None:
        return terms
    if not promised.no_reason_days:
        return replace(terms, excluded=terms.excluded or "listed", insured=terms.insured or promised.insured)
    days = max(NO_REASON_DAYS, promised.no_reason_days)
    return replace(terms, no_reason_days=days, insured=terms.insured or promised.insured)


def insurance_of(policies: Iterable[Policy], currency: str) -> Insurance | None:
    """What insuring the way back of goods under these policies costs: the dearest decides; None when it is not offered."""
    offered = [p for p in policies if p.insurance == "offered" and p.currency == currency and not p.excluded]
    if not offered:
        return None
    return Insurance(max(p.premium_minor for p in offered), max(p.cap_minor for p in offered))


def _check(policy: Policy) -> None:
    faults: list[FieldError] = []
    if policy.id != SHOP:
        limits.sku(policy.id, "/scope")
    policy.text = limits.text(policy.text, "/text", 2_000, InvalidPolicy)
    if not 0 <= policy.no_reason_days <= _MOST_DAYS:
        faults.append(FieldError("/no_reason_days", f"0 to {_MOST_DAYS}"))
    if policy.no_reason_days < NO_REASON_DAYS and not policy.excluded:
        faults.append(FieldError("/no_reason_days", f"at least {NO_REASON_DAYS}: it is the consumer's right"))
    for name in ("fault_days", "delivery_days"):
        if not 1 <= getattr(policy, name) <= _MOST_DAYS:
            faults.append(FieldError(f"/{name}", f"1 to {_MOST_DAYS}"))
    for name in ("premium_minor", "cap_minor", "goods_stay_minor"):
        if not 0 <= getattr(policy, name) <= _MOST_MINOR:
            faults.append(FieldError(f"/{name}", f"0 to {_MOST_MINOR}"))
    chosen: list[tuple[str, tuple[Any, ...]]] = [
        ("excluded", ("", *EXCLUSIONS)),
        ("freight", ("customer", "shop")),
        ("insurance", _INSURANCES),
    ]
    for name, allowed in chosen:
        if getattr(policy, name) not in allowed:
            faults.append(FieldError(f"/{name}", f"one of {', '.join(word or 'empty' for word in allowed)}"))
    if faults:
        raise InvalidPolicy(faults[0].message, errors=faults)
