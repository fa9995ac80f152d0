"""This is where a new promotion or coupon is held to the margin floor, together with all that may stack with it.

Catalog knows prices and costs, and says which SKUs would fall below their lowest price; while it cannot, nothing is made.
The owner may let a rule through all the same: why is kept with it, and in a ledger nobody changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import FieldError, Unavailable, WrongState
from services.kit.ids import new_id
from services.kit.money import Money
from services.kit.store import Store

from .checking import Check
from .choices import Rule
from .coupons import Coupon, InvalidCoupon
from .promotions import ADD_ON, BUNDLE, GIFT, PRICE_LIST, InvalidPromotion, Promotion
from .stackable import rule_of_coupon, rules_of
from .stacking import Stack, Way, stacks
from .turns import Turns
from .wording import amount, percent

_MOST_MET, _MOST_STACKS, _MOST_WAYS, _NAMED = 5_000, 2_000, 50, 6
_POINTERS = {GIFT: "/gifts", PRICE_LIST: "/prices", ADD_ON: "/prices", BUNDLE: "/bundle_price"}


class BelowMarginFloor(WrongState):
    """With all that may stack with it, it would sell something too cheaply."""


class MarginUntested(Unavailable):
    """Catalog cannot say now whether it would."""


class TooManyRules(WrongState):
    """More runs at the same time than can be looked at."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A SKU that would be sold below its lowest price (None: no price would do), by a way of one of the stacks."""

    stack: int
    way: Way
    sku: str
    price: Money
    left_minor: int
    lowest_minor: int | None
    shortfall_minor: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many times a SKU falls below its lowest price, and the worst of them first."""

    below: int = 0
    worst: Sequence[Shortfall] = ()


@dataclass(frozen=True, slots=True)
class Worth:
    """What one of a SKU is sold for, and what it costs the shop (its price, when that is not known)."""

    price: Money
    cost_minor: int


class Margins(Protocol):
    """Knows prices and costs."""

    async def worth(self, skus: Sequence[str]) -> Mapping[str, Worth]:
        """Those of these SKUs that exist. Refuses with `MarginUntested` when nobody can say."""
        ...

    async def check(self, stacks: Sequence[Stack]) -> Verdict:
        """What these stacks would sell too cheaply. Refuses with `MarginUntested` when nobody can say."""
        ...


class Met(Protocol):
    """Knows what runs."""

    async def during(self, start: datetime, end: datetime, most: int) -> list[Rule]:
        """Promotions and coupons with uses left that run at some time of these; alike coupons together."""
        ...


@dataclass
class FloorOverride:
    """What the owner let through, and how far below the floor it goes; never changed."""

    id: str
    rule: str
    reason: str
    at: datetime
    by: str
    below: int
    worst: list[str] = field(default_factory=list)
    version: int = 0


class Floor:
    """Holds new rules to the margin floor."""

    def __init__(self, met: Met, margins: Margins, ledger: Store[FloorOverride], turns: Turns, clock: Clock) -> None:
        self._met, self._margins, self._ledger, self._clock = met, margins, ledger, clock
        self.alone = turns.alone

    async def admit_promotion(self, promotion: Promotion, reason: str) -> str:
        """The owner's reason if it was needed. Refuses with BELOW_MARGIN_FLOOR, MARGIN_UNTESTED, TOO_MANY_RULES."""
        _check_reason(reason, InvalidPromotion)
        await self._appraise(promotion)
        pointer = "/percent_bp" if promotion.percent_bp else _POINTERS.get(promotion.kind, "/amount_off")
        return await self._admit(rules_of(promotion), promotion.id, pointer, reason, promotion.made_by)

    async def _appraise(self, promotion: Promotion) -> None:
        """Sets what depends on what goods cost today. Refuses with INVALID_PROMOTION when one does not exist."""
        named = [each.sku for each in promotion.gifts] or (promotion.skus if promotion.bundle_minor else [])
        if not named:
            return
        worths = await self._margins.worth(named)
        check = Check()
        for place, sku in enumerate(named):
            pointer = f"/gifts/{place}/sku" if promotion.gifts else f"/skus/{place}"
            check.demand(sku in worths, pointer, "no such SKU")
            same = sku not in worths or worths[sku].price.currency == (promotion.currency or worths[sku].price.currency)
            check.demand(same, pointer, "sold in another currency")
        check.refuse_as(InvalidPromotion, "this cannot be a promotion")
        if promotion.gifts:
            promotion.gift_worth_minor = sum(worths[each.sku].cost_minor * each.quantity for each in promotion.gifts)
            promotion.currency = promotion.currency or worths[named[0]].price.currency
        else:
            dearest = promotion.bundle_quantity * max(worths[sku].price.minor for sku in named)
            promotion.cap_bp = max(0, 10_000 - promotion.bundle_minor * 10_000 // max(1, dearest))

    async def admit_coupon(self, coupon: Coupon, reason: str) -> str:
        """The owner's reason if it was needed. Refuses with BELOW_MARGIN_FLOOR, MARGIN_UNTESTED, TOO_MANY_RULES."""
        _check_reason(reason, InvalidCoupon)
        pointer = "/percent_bp" if coupon.percent_bp else "/amount_off"
        return await self._admit([rule_of_coupon(coupon)], coupon.id, pointer, reason, coupon.made_by)

    async def page(self, limit: int, cursor: str) -> tuple[list[FloorOverride], str]:
        """What was let through, newest first. Refuses with `InvalidPage`, `CursorInvalid`."""
        return await self._ledger.page({}, limit, cursor)

    async def _admit(self, rules: Sequence[Rule], rule_id: str, pointer: str, reason: str, by: str) -> str:
        found: list[Stack] = []
        others = await self._met.during(rules[0].starts_at, rules[0].ends_at, _MOST_MET + 1) if rules else []
        for new in rules if len(others) <= _MOST_MET else ():
            stacked = stacks(new, [each for each in others if each.name != new.name])
            found += [part for each in stacked for part in each.in_parts(_MOST_WAYS)]
            if len(found) > _MOST_STACKS:
                break
        if len(others) > _MOST_MET or len(found) > _MOST_STACKS:
            raise TooManyRules("more promotions and coupons run at the same time than can be looked at")
        verdict = await self._margins.check(found)
        if not verdict.below:
            return ""
        said = [_said(each, found[each.stack]) for each in verdict.worst]
        if not reason:
            more = f"; and {verdict.below - 1} more" if verdict.below > 1 else ""
            errors = [FieldError(pointer, text) for text in said]
            worst = verdict.worst[0]
            raise BelowMarginFloor(
                f"{said[0]}{more}", errors=errors, sku=worst.sku, shortfall_minor=worst.shortfall_minor
            )
        entry = FloorOverride(new_id("flo"), rule_id, reason, self._clock.now(), by, verdict.below, said)
        await self._ledger.insert(entry)
        return reason


def _check_reason(reason: str, refusal: type[InvalidPromotion] | type[InvalidCoupon]) -> None:
    check = Check()
    fine = not reason or (10 <= len(reason) <= 1_000 and reason.isprintable())
    check.demand(fine, "/margin_override_reason", "10 to 1,000 printable characters: it is kept")
    check.refuse_as(refusal, "the reason will not do")


def _said(short: Shortfall, stack: Stack) -> str:
    """What is missing, and by what, for people."""
    rules = stack.ways[short.way]
    names = [_named(each) for each in rules[:_NAMED]] + ([f"{len(rules) - _NAMED} more"] if len(rules) > _NAMED else [])
    currency = short.price.currency
    lowest = "none" if short.lowest_minor is None else amount(Money(currency, short.lowest_minor))
    left, missing = amount(Money(currency, short.left_minor)), short.shortfall_minor
    return (
        f"{short.sku} at {amount(short.price)} would be sold for {left} after {' + '.join(names)}; "
        f"its floor price is {lowest}: short of it by {missing} minor units"
        f" / {short.sku} 叠加后售价 {left}，低于底价 {lowest}，差 {missing} 个最小货币单位"
    )


def _named(rule: Rule) -> str:
    if rule.fixed_minor is not None:
        return f"{rule.name} (for {amount(Money(rule.currency, rule.fixed_minor))})"
    off = percent(rule.percent_bp) if rule.percent_bp else amount(Money(rule.currency, rule.amount_minor))
    alike = f", {rule.alike} alike" if rule.alike > 1 else ""
    return f"{rule.name} ({off} off{alike})"
