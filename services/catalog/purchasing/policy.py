"""This is where it stands how the shop buys: who may approve what, when pools close, how suppliers are judged."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.catalog.fields import MAX_MINOR, Faults
from services.catalog.store import Table
from services.kit.errors import AlreadyExists, Invalid, VersionMismatch
from services.kit.store import encode

_ID = "policy"


class CostMethod(StrEnum):
    """What a SKU costs once goods have come."""

    MOVING_AVERAGE = "moving_average"  # over what was on hand and what came
    LAST = "last"  # what was paid last


class InvalidPurchasePolicy(Invalid):
    """No policy can be so."""


@dataclass
class Weights:
    """What each part of a scorecard counts; only their proportions matter."""

    on_time: int = 30
    quality: int = 30
    fill: int = 20
    cost: int = 15
    response: int = 5


@dataclass
class Policy:
    """How the shop buys. Shares are in basis points (1 bp = 0.01 %)."""

    id: str
    approve_above_minor: int = 1_000_000  # orders worth more need `supply.approve`
    over_receipt_bp: int = 500  # so much more than ordered may be received
    cost_method: CostMethod = CostMethod.MOVING_AVERAGE
    reject_limit_bp: int = 1_000  # a supplier that has more of its units rejected is proposed for suspension
    pool_weekday: int = 1  # ISO: Monday
    weights: Weights | None = None
    by: str = ""
    version: int = 0

    @property
    def weighing(self) -> Weights:
        """The weights, the usual ones unless others are set."""
        return self.weights or Weights()


class Policies:
    """Keeps the one policy there is."""

    def __init__(self, policies: Table[Policy]) -> None:
        self._policies = policies

    async def get(self) -> Policy:
        """The policy; the usual one, with version 0, until somebody has set another."""
        return await self._policies.get(_ID) or Policy(_ID)

    async def put(self, wanted: Policy, if_version: int = 0) -> Policy:
        """The policy from now on. Refuses with INVALID_PURCHASE_POLICY, VERSION_MISMATCH."""
        _check(wanted)
        there = await self.get()
        if if_version and there.version != if_version:
            raise VersionMismatch(f"the policy has changed since version {if_version}")
        wanted.id = _ID
        if not there.version:
            try:
                return await self._policies.insert(wanted)
            except AlreadyExists as taken:
                raise VersionMismatch("the policy has changed") from taken
        content: dict[str, Any] = encode(wanted)
        del content["id"], content["version"]
        if changed := await self._policies.change({"_id": _ID, "version": there.version}, {"$set": content}):
            return changed
        raise VersionMismatch("the policy has changed")


def _check(policy: Policy) -> None:
    faults = Faults()
    faults.number("/approve_above_minor", policy.approve_above_minor, 0, MAX_MINOR)
    faults.number("/over_receipt_bp", policy.over_receipt_bp, 0, 10_000)
    faults.number("/reject_limit_bp", policy.reject_limit_bp, 0, 10_000)
    faults.number("/pool_weekday", policy.pool_weekday, 1, 7)
    weights = vars(policy.weighing)
    for name, weight in weights.items():
        faults.number(f"/weights/{name}", weight, 0, 1_000)
    if not any(weights.values()):
        faults.add("/weights", "must not all be zero")
    faults.text("/by", policy.by, 128)
    faults.refuse(InvalidPurchasePolicy)
