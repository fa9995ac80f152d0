"""This is where it stands which orders are looked at before they are sent: staff's rules, a reason code each (O03, O06)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.kit.errors import AlreadyExists, FieldError, Invalid, VersionMismatch
from services.kit.store import Store
from services.orders import limits
from services.orders.orders import Order

WRONG_ADDRESS = "wrong_address"
_MOST = 200


class InvalidTriageRule(Invalid):
    """No order can be sorted by that."""


@dataclass(frozen=True)
class When:
    """What must all hold, of what is given. `amount_from_minor` of `currency`; `regions` begin like `CN/新疆`;
    `below_cost_percent`: something is priced below that share of its cost; `address_below`: so little confidence (0–100)."""

    amount_from_minor: int = 0
    currency: str = ""
    units_from: int = 0
    first_order: bool = False
    customer_types: Sequence[str] = ()
    regions: Sequence[str] = ()
    channels: Sequence[str] = ()
    delivery_options: Sequence[str] = ()
    below_cost_percent: int = 0
    address_below: int = 0


@dataclass
class TriageRule:
    """A rule. Orders it fits are put in the class `reason`; if it `holds` they are held for it until staff let them go, and
    if that `pauses` they wait for the customer. `priority` 1 (first) to 9; 0 leaves it."""

    id: str
    reason: str
    text: str
    when: When = field(default_factory=When)
    active: bool = True
    holds: bool = True
    pauses: bool = False
    priority: int = 0
    version: int = 0


def first_rules() -> list[TriageRule]:
    """What there is before staff say anything; those that need to know the shop are not active."""
    large = When(amount_from_minor=20_000_000, currency="CNY")
    return [
        TriageRule("large_order", "audit", "A large order: see that it is meant", large),
        TriageRule(
            "first_b2b", "audit", "The first order of a business", When(first_order=True, customer_types=["b2b"]), False
        ),
        TriageRule("risky_region", "audit", "Much is lost there", When(regions=["CN/"]), False),
        TriageRule("price_mismatch", "price_mismatch", "Priced below half of its cost", When(below_cost_percent=50)),
        TriageRule("address", WRONG_ADDRESS, "The address cannot be meant", When(address_below=50), pauses=True),
    ]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an order beside itself."""

    first: bool
    confidence: int


def fits(when: When, order: Order, known: Known) -> bool:
    """Whether all that is asked for holds."""
    region = order.region
    place = "/".join((region.country, region.province, region.city, region.district))
    told = (
        not when.amount_from_minor or (order.currency == when.currency and order.total_minor >= when.amount_from_minor),
        not when.units_from or sum(line.quantity for line in order.lines) >= when.units_from,
        not when.first_order or known.first,
        not when.customer_types or order.customer_type in when.customer_types,
        not when.regions or any(place.startswith(prefix) for prefix in when.regions),
        not when.channels or (order.channel or "storefront") in when.channels,
        not when.delivery_options or order.delivery.id in when.delivery_options,
        not when.below_cost_percent
        or any(line.unit_minor * 100 < line.cost_minor * when.below_cost_percent for line in order.lines),
        not when.address_below or known.confidence < when.address_below,
    )
    return all(told)


class TriageRules:
    """The rules; `active` are those this replica knows, refreshed by a chore."""

    def __init__(self, kept: Store[TriageRule]) -> None:
        self._kept = kept
        self.active: list[TriageRule] = []

    async def refresh(self) -> None:
        """Reads them again."""
        self.active = [rule for rule in await self.all() if rule.active]

    async def found(self) -> None:
        """Keeps what there is at first, and reads."""
        known = {rule.id for rule in await self.all()}
        for rule in first_rules():
            if rule.id not in known:
                await self._insert(rule)
        await self.refresh()

    async def all(self) -> list[TriageRule]:
        """All, by id."""
        return await self._kept.find({"_id": {"$gt": ""}}, limit=_MOST)

    async def put(self, rule: TriageRule, if_version: int) -> TriageRule:
        """Keeps a rule. Refuses with INVALID_TRIAGE_RULE, VERSION_MISMATCH."""
        _check(rule)
        seen = await self._kept.get(rule.id)
        if if_version and (seen is None or seen.version != if_version):
            raise VersionMismatch(f"it has changed since version {if_version}")
        if seen is None:
            if len(await self.all()) >= _MOST:
                raise _no("/id", f"at most {_MOST} rules")
            kept = await self._insert(rule)
        else:
            rule.version = seen.version
            kept = await self._kept.save(rule)
        await self.refresh()
        return kept

    async def _insert(self, rule: TriageRule) -> TriageRule:
        try:
            return await self._kept.insert(rule)
        except AlreadyExists as taken:
            kept = await self._kept.get(rule.id)
            if kept is None:
                raise VersionMismatch("it has just changed") from taken
            return kept


def _no(pointer: str, message: str) -> InvalidTriageRule:
    return InvalidTriageRule(message, errors=[FieldError(pointer, message)])


def _check(rule: TriageRule) -> None:
    limits.code(rule.id, "/id")
    limits.code(rule.reason, "/reason")
    rule.text = limits.text(rule.text, "/text", 200, InvalidTriageRule, needed=True)
    when = rule.when
    if not any(value for name, value in vars(when).items() if name != "currency"):
        raise _no("/when", "say at least one thing that must hold")
    if when.amount_from_minor < 0 or bool(when.amount_from_minor) != bool(when.currency):
        raise _no("/when/amount_from", "an amount above zero")
    if not 0 <= when.units_from <= limits.MOST_OF_A_SKU:
        raise _no("/when/units_from", "zero or more")
    if not (0 <= when.below_cost_percent <= 1000 and 0 <= when.address_below <= 100 and 0 <= rule.priority <= 9):
        raise _no("/when", "percentages to 1000, confidence to 100, priorities to 9")
    for name in ("customer_types", "regions", "channels", "delivery_options"):
        words = getattr(when, name)
        if len(words) > 50 or any(not 0 < len(word) <= 100 for word in words):
            raise _no(f"/when/{name}", "at most 50, of 1 to 100 characters")
