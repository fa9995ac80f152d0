"""This is where it is said how goods are replenished (C46): for a class of them, and for one SKU apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.catalog.fields import MAX_UNITS, Faults
from services.catalog.skus import Sku, SkuNotFound
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, NotFound, VersionMismatch
from services.kit.store import decode_cursor, encode, encode_cursor, found

CLASSES = ("A", "B", "C")
_REVIEW_DAYS = {"A": 1, "B": 7, "C": 28}
_MOST = 100
_TRIES = 5


class Mode(StrEnum):
    """What the autopilot does."""

    OFF = "off"
    SUGGEST = "suggest"  # it shows what to order, and tells staff when a line is crossed
    DRAFT = "draft"  # it drafts purchase orders, which a person approves


class InvalidReplenishmentPolicy(Invalid):
    """Not a policy as it is."""


class ReplenishmentPolicyNotFound(NotFound):
    """This SKU has no policy of its own."""


@dataclass
class ReplenishmentPolicy:
    """How goods are replenished. The id is `class:A` or `sku:MUG-01`.

    `service_bp`: the share of days on which there should be stock, in hundredths of a percent. `lead_days` is used while no
    supplier says or shows its own. A level is kept within `min_units` and `max_units`.
    """

    id: str
    mode: Mode
    service_bp: int
    review_days: int
    lead_days: int = 7
    min_units: int = 0
    max_units: int | None = None
    by: str = ""
    at: datetime | None = None
    version: int = 0


def default(stock_class: str) -> ReplenishmentPolicy:
    """A daily, just in time; B weekly; C pooled every four weeks; each is to have stock on 97 % of days."""
    return ReplenishmentPolicy(f"class:{stock_class}", Mode.DRAFT, 9_700, _REVIEW_DAYS[stock_class])


def check_policy(policy: ReplenishmentPolicy) -> None:
    """Refuses with INVALID_REPLENISHMENT_POLICY, naming each fault."""
    faults = Faults()
    faults.number("/service_bp", policy.service_bp, 5_000, 9_999)
    faults.number("/review_days", policy.review_days, 1, 91)
    faults.number("/lead_days", policy.lead_days, 1, 365)
    faults.number("/min_units", policy.min_units, 0, MAX_UNITS)
    if policy.max_units is not None:
        faults.number("/max_units", policy.max_units, 0, MAX_UNITS)
        if policy.max_units < policy.min_units:
            faults.add("/max_units", "must not be less than min_units")
    faults.text("/by", policy.by, 128)
    faults.refuse(InvalidReplenishmentPolicy)


class ReplenishmentPolicies:
    """Keeps policies; the classes have one before anybody writes it."""

    def __init__(self, policies: Table[ReplenishmentPolicy], skus: Table[Sku], clock: Clock) -> None:
        self._policies, self._skus, self._clock = policies, skus, clock

    async def put(self, wanted: ReplenishmentPolicy, if_version: int = 0) -> ReplenishmentPolicy:
        """Holds from the next run on. Refuses with INVALID_REPLENISHMENT_POLICY, SKU_NOT_FOUND, VERSION_MISMATCH."""
        check_policy(wanted)
        kind, _, name = wanted.id.partition(":")
        if kind == "class" and name not in CLASSES:
            raise InvalidReplenishmentPolicy("there are the classes A, B and C")
        if kind == "sku" and not await self._skus.by_keys([name], {"_id": 1}):
            raise SkuNotFound("there is no such SKU")
        wanted.at = self._clock.now()
        for _ in range(_TRIES):
            there = await self._policies.get(wanted.id)
            if if_version and (there.version if there else 0) != if_version:
                break
            try:
                if there is None:
                    return await self._policies.insert(wanted)
                seen, fields = {"_id": wanted.id, "version": there.version}, encode(wanted)
                del fields["id"], fields["version"]
                if changed := await self._policies.change(seen, {"$set": fields}):
                    return changed
            except AlreadyExists:
                continue
        raise VersionMismatch(f"{wanted.id} has changed since version {if_version}")

    async def drop(self, sku: str) -> None:
        """Its class's policy holds again. Refuses with REPLENISHMENT_POLICY_NOT_FOUND."""
        found(await self._policies.get(f"sku:{sku}"), ReplenishmentPolicyNotFound("this SKU has no policy of its own"))
        await self._policies.remove([f"sku:{sku}"])

    async def page(self, limit: int, cursor: str) -> tuple[list[ReplenishmentPolicy], str]:
        """The classes' first, then those of single SKUs, and where the next page starts."""
        size = min(limit or 20, _MOST)
        after = decode_cursor(cursor, 1)[0] if cursor else ""
        items = await self._policies.find({"_id": {"$gt": max(str(after), "sku:")}}, limit=size + 1)
        more = encode_cursor(items[size - 1].id) if len(items) > size else ""
        return ([] if cursor else await self.of_classes()) + items[:size], more

    async def of_classes(self) -> list[ReplenishmentPolicy]:
        """One a class."""
        there = await self._policies.get_many([f"class:{name}" for name in CLASSES])
        return [there.get(f"class:{name}") or default(name) for name in CLASSES]

    async def of(self, skus: Iterable[str]) -> "Chosen":
        """What holds for each of these SKUs."""
        own = await self._policies.get_many([f"sku:{sku}" for sku in skus])
        return Chosen({policy.id[4:]: policy for policy in own.values()}, await self.of_classes())


class Chosen:
    """The policies of some SKUs."""

    def __init__(self, own: Mapping[str, ReplenishmentPolicy], classes: Iterable[ReplenishmentPolicy]) -> None:
        self._own, self._classes = own, {policy.id[6:]: policy for policy in classes}

    def of(self, sku: str, stock_class: str) -> ReplenishmentPolicy:
        """Its own, or its class's."""
        return self._own.get(sku) or self._classes[stock_class]
