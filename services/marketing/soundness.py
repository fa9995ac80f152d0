"""This is where it is checked that a promotion can be: what each kind needs, what it cannot have, all said at once. Pure."""

from collections.abc import Callable

from .checking import MOST_MINOR, Check, is_currency, is_sku
from .promotions import (
    ADD_ON,
    BUNDLE,
    FREE_SHIPPING,
    GIFT,
    KINDS,
    LIMITED_TIME,
    PRICE_LIST,
    SPEND_THRESHOLD,
    InvalidPromotion,
    Promotion,
)

MOST_STEPS, MOST_GIFTS, MOST_PRICES, MOST_BUNDLED = 10, 5, 500, 200
MOST_COUNTED = 10_000  # units: they are counted in one document
_MOST_UNITS = 99_999
_FIELDS = {
    LIMITED_TIME: {"percent_bp", "amount_off", "steps", "limit_per_order", "limit_per_customer"},
    SPEND_THRESHOLD: {"threshold", "percent_bp", "amount_off", "steps", "repeats"},
    GIFT: {"threshold", "gifts", "repeats"},
    ADD_ON: {"threshold", "prices", "limit_per_order", "limit_per_customer"},
    BUNDLE: {"bundle_quantity", "bundle_price", "percent_bp"},
    PRICE_LIST: {"prices", "limit_per_order", "limit_per_customer"},
    FREE_SHIPPING: {"threshold", "amount_off"},
}


def check_promotion(rule: Promotion, check: Check) -> None:
    """Refuses with `InvalidPromotion`, saying all that is wrong; `check` may bring more."""
    check.selected(rule.skus, rule.categories)
    check.audience(rule.tiers, rule.groups, rule.channels)
    check.demand(-1_000 <= rule.priority <= 1_000, "/priority", "from -1,000 to 1,000")
    check.word(rule.group, "/group")
    if rule.kind not in KINDS:
        check.demand(False, "/kind", f"one of {', '.join(KINDS)}")
    else:
        _check_fields(rule, check)
        _CHECKS[rule.kind](rule, check)
    check.refuse_as(InvalidPromotion, "this cannot be a promotion")


def _check_fields(rule: Promotion, check: Check) -> None:
    given = {
        "percent_bp": rule.percent_bp,
        "threshold": rule.threshold_minor,
        "amount_off": rule.amount_off_minor,
        "steps": rule.steps,
        "repeats": rule.repeats,
        "gifts": rule.gifts,
        "prices": rule.prices,
        "bundle_quantity": rule.bundle_quantity,
        "bundle_price": rule.bundle_minor,
        "limit_per_order": rule.limit_per_order,
        "limit_per_customer": rule.limit_per_customer,
    }
    for name, value in given.items():
        check.demand(not value or name in _FIELDS[rule.kind], f"/{name}", f"not with {rule.kind.upper()}")
    for name in ("limit_per_order", "limit_per_customer"):
        check.demand(0 <= getattr(rule, name) <= _MOST_UNITS, f"/{name}", f"from 0 to {_MOST_UNITS}")
    best_deal = not rule.best_deal or (bool(rule.group) and rule.kind not in (GIFT, FREE_SHIPPING))
    check.demand(best_deal, "/best_deal", "of a named group that takes something off items or the order")


def _check_amount(rule: Promotion, check: Check, minor: int, pointer: str) -> None:
    """An amount above zero; the currency is one for all of them."""
    check.demand(0 < minor <= MOST_MINOR, f"{pointer}/minor", f"from 1 to {MOST_MINOR}")
    check.demand(is_currency(rule.currency), f"{pointer}/currency", "three capital letters")


def _check_discount(rule: Promotion, check: Check, percent_bp: int, off_minor: int, at: str) -> None:
    """Either a percentage or an amount."""
    if percent_bp and off_minor:
        check.demand(False, f"{at}/amount_off", "either amount_off or percent_bp")
    elif off_minor:
        _check_amount(rule, check, off_minor, f"{at}/amount_off")
    else:
        check.percent(percent_bp, at)


def _check_limited_time(rule: Promotion, check: Check) -> None:
    if not rule.steps:
        _check_discount(rule, check, rule.percent_bp, rule.amount_off_minor, "")
        return
    _check_steps(rule, check)
    by_units = any(each.units for each in rule.steps)
    for place, (step, last) in enumerate(zip(rule.steps, [*rule.steps[1:], None], strict=True)):
        check.demand(not step.threshold_minor, f"/steps/{place}/threshold", "not with LIMITED_TIME")
        check.demand(0 <= step.units <= MOST_COUNTED, f"/steps/{place}/units", f"from 0 to {MOST_COUNTED}")
        check.demand(not (by_units and step.until), f"/steps/{place}/until", "steps end by units or by time")
        fine = last is None or bool(step.units if by_units else step.until)
        check.demand(fine, f"/steps/{place}", "only the last step may go on without end")
        rising = last is None or not step.until or not last.until or step.until < last.until
        check.demand(rising, f"/steps/{place}/until", "before that of the next step")
        check.demand(step.until is None or step.until > rule.starts_at, f"/steps/{place}/until", "after starts_at")
    total = sum(each.units for each in rule.steps)
    check.demand(total <= MOST_COUNTED, "/steps", f"at most {MOST_COUNTED} units in all")


def _check_steps(rule: Promotion, check: Check) -> None:
    check.demand(len(rule.steps) <= MOST_STEPS, "/steps", f"at most {MOST_STEPS}")
    for pointer, value in (("/percent_bp", rule.percent_bp), ("/amount_off", rule.amount_off_minor)):
        check.demand(not value, pointer, "not beside steps")
    for place, step in enumerate(rule.steps[:MOST_STEPS]):
        _check_discount(rule, check, step.percent_bp, step.off_minor, f"/steps/{place}")


def _check_spend_threshold(rule: Promotion, check: Check) -> None:
    check.demand(
        not (rule.repeats and (rule.steps or rule.percent_bp)), "/repeats", "with one threshold and amount_off"
    )
    if rule.steps:
        _check_steps(rule, check)
        check.demand(not rule.threshold_minor, "/threshold", "not beside steps")
    else:
        _check_discount(rule, check, rule.percent_bp, rule.amount_off_minor, "")
    before = None
    for place, step in enumerate(rule.turns):
        at = f"/steps/{place}" if rule.steps else ""
        _check_amount(rule, check, step.threshold_minor, f"{at}/threshold")
        check.demand(step.off_minor < max(1, step.threshold_minor), f"{at}/amount_off/minor", "below the threshold")
        check.demand(not (step.units or step.until), at, "units and until are for LIMITED_TIME")
        if before:
            check.demand(
                before.threshold_minor < step.threshold_minor, f"{at}/threshold/minor", "above the step before"
            )
            more = bool(step.percent_bp) == bool(before.percent_bp) and (before.percent_bp, before.off_minor) < (
                step.percent_bp,
                step.off_minor,
            )
            check.demand(more, at, "more off than the step before, in the same way")
        before = step


def _check_threshold_if_any(rule: Promotion, check: Check) -> None:
    check.demand(0 <= rule.threshold_minor <= MOST_MINOR, "/threshold/minor", f"from 1 to {MOST_MINOR}")
    if rule.threshold_minor:
        check.demand(is_currency(rule.currency), "/threshold/currency", "three capital letters")


def _check_gift(rule: Promotion, check: Check) -> None:
    _check_threshold_if_any(rule, check)
    check.demand(not rule.repeats or bool(rule.threshold_minor), "/repeats", "needs a threshold")
    check.demand(1 <= len(rule.gifts) <= MOST_GIFTS, "/gifts", f"1 to {MOST_GIFTS}")
    for place, gift in enumerate(rule.gifts[:MOST_GIFTS]):
        check.demand(is_sku(gift.sku), f"/gifts/{place}/sku", "not well-formed")
        check.demand(1 <= gift.quantity <= 10, f"/gifts/{place}/quantity", "from 1 to 10")
    check.demand(len({each.sku for each in rule.gifts}) == len(rule.gifts), "/gifts", "each SKU once")


def _check_prices(rule: Promotion, check: Check, *, steps: bool) -> None:
    check.demand(1 <= len(rule.prices) <= MOST_PRICES, "/prices", f"1 to {MOST_PRICES}")
    for place, price in enumerate(rule.prices[:MOST_PRICES]):
        check.demand(is_sku(price.sku), f"/prices/{place}/sku", "not well-formed")
        _check_amount(rule, check, price.minor, f"/prices/{place}/price")
        most = _MOST_UNITS if steps else 1
        check.demand(1 <= price.from_quantity <= most, f"/prices/{place}/from_quantity", f"from 1 to {most}")
    once = len({(each.sku, each.from_quantity) for each in rule.prices}) == len(rule.prices)
    check.demand(once, "/prices", "each SKU once, or once a quantity")


def _check_add_on(rule: Promotion, check: Check) -> None:
    _check_threshold_if_any(rule, check)
    _check_prices(rule, check, steps=False)
    check.demand(rule.limit_per_order >= 1, "/limit_per_order", "at least 1 with ADD_ON")


def _check_price_list(rule: Promotion, check: Check) -> None:
    _check_prices(rule, check, steps=True)
    check.demand(not rule.categories, "/categories", "not with PRICE_LIST: `prices` names its SKUs")


def _check_bundle(rule: Promotion, check: Check) -> None:
    check.demand(2 <= rule.bundle_quantity <= 100, "/bundle_quantity", "from 2 to 100")
    check.demand(1 <= len(rule.skus) <= MOST_BUNDLED, "/skus", f"1 to {MOST_BUNDLED}: a bundle names its SKUs")
    if rule.percent_bp and rule.bundle_minor:
        check.demand(False, "/bundle_price", "either bundle_price or percent_bp")
    elif rule.bundle_minor:
        _check_amount(rule, check, rule.bundle_minor, "/bundle_price")
    else:
        check.percent(rule.percent_bp)


def _check_free_shipping(rule: Promotion, check: Check) -> None:
    _check_threshold_if_any(rule, check)
    if rule.amount_off_minor:
        _check_amount(rule, check, rule.amount_off_minor, "/amount_off")


_CHECKS: dict[str, Callable[[Promotion, Check], None]] = {
    LIMITED_TIME: _check_limited_time,
    SPEND_THRESHOLD: _check_spend_threshold,
    GIFT: _check_gift,
    ADD_ON: _check_add_on,
    BUNDLE: _check_bundle,
    PRICE_LIST: _check_price_list,
    FREE_SHIPPING: _check_free_shipping,
}
