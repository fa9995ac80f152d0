"""This is where promotions are put into words: why they give it, and why not more. English, then Chinese. Pure."""

from collections.abc import Iterable

from services.kit.money import Money

from .offers import Missed, Offer
from .promotions import ADD_ON, BUNDLE, FREE_SHIPPING, GIFT, LIMITED_TIME, PRICE_LIST, Promotion, Step
from .reaching import Reached
from .wording import amount, fold, limited_time, number, percent, spend_threshold, titled

_STEPS = "Flash sale, cheaper for the first · 階梯秒殺"
_WHY = {
    "add_on_available": "Can be added now · 可換購",
    "purchase_limit": "No more at this price · 已達限購數量",
    "sold_out": "No more left at this price · 優惠名額已搶完",
    "sign_in": "Sign in to have it · 請登入後享受",
    "outdone": "Something better applies · 已享其他優惠",
    "other_deal": "Another choice is cheaper · 已為您選擇更優惠的組合",
}


def of_offer(offer: Offer) -> str:
    """Why something is taken off items."""
    rule = offer.promotion
    if rule.kind == LIMITED_TIME:
        return _limited_time(rule, offer.step) if offer.step else _STEPS
    return _words(rule)


def of_reached(found: Reached) -> str:
    """Why a threshold gives what it gives."""
    return _words(found.promotion, found.step)


def of_missed(missed: Missed) -> str:
    """Why a promotion gives nothing, or not more."""
    rule = missed.promotion
    if missed.code != "not_reached":
        return titled(titled(rule.title, _words(rule)), _WHY[missed.code])
    if missed.missing_units:
        more = f"{missed.missing_units} more · 還差{missed.missing_units}件"
    else:
        lack = amount(Money(rule.currency, missed.missing_minor))
        more = f"{lack} more · 還差{lack}"
    return f"{more} · {titled(rule.title, _words(rule, missed.step))}"


def _limited_time(rule: Promotion, step: Step) -> str:
    if step.percent_bp:
        return limited_time(step.percent_bp)
    off = Money(rule.currency, step.off_minor)
    return f"{amount(off)} off each for a limited time · 限時直降{number(off)}"


def _words(rule: Promotion, step: Step | None = None) -> str:
    step, currency = step or rule.turns[0], rule.currency
    threshold = Money(currency, step.threshold_minor)
    if rule.kind == LIMITED_TIME:
        return _limited_time(rule, step) if len(rule.turns) == 1 else _STEPS
    if rule.kind == PRICE_LIST:
        return "Your price · 專享價"
    if rule.kind == ADD_ON:
        return f"Add-on deal · {_reach(threshold)}換購"
    if rule.kind == BUNDLE:
        return _bundle(rule)
    if rule.kind == GIFT:
        each = "Every" if rule.repeats else "Spend"
        spend = f"{each} {amount(threshold)}, get a gift" if threshold.minor else "A gift with it"
        return f"{spend} · {'每' if rule.repeats else ''}{_reach(threshold)}贈"
    if rule.kind == FREE_SHIPPING:
        return _freight(rule, threshold)
    return _spend(rule, step, threshold)


def _reach(threshold: Money) -> str:
    return f"滿{number(threshold)}" if threshold.minor else "買即"


def _spend(rule: Promotion, step: Step, threshold: Money) -> str:
    if step.percent_bp:
        off_bp = step.percent_bp
        return f"Spend {amount(threshold)}, get {percent(off_bp)} off · 滿{number(threshold)}享{fold(off_bp)}"
    off = Money(rule.currency, step.off_minor)
    if rule.repeats:
        return f"Every {amount(threshold)}, save {amount(off)} · 每滿{number(threshold)}減{number(off)}"
    return spend_threshold(threshold, off)


def _bundle(rule: Promotion) -> str:
    size = rule.bundle_quantity
    if rule.percent_bp:
        return f"Every {size}th {percent(rule.percent_bp)} off · 第{size}件{fold(rule.percent_bp)}"
    price = Money(rule.currency, rule.bundle_minor)
    return f"{size} for {amount(price)} · {size}件{number(price)}"


def _freight(rule: Promotion, threshold: Money) -> str:
    over = f" from {amount(threshold)}" if threshold.minor else ""
    if rule.amount_off_minor:
        most = Money(rule.currency, rule.amount_off_minor)
        return f"Up to {amount(most)} off delivery{over} · {_reach(threshold)}運費減{number(most)}"
    return f"Free delivery{over} · {_reach(threshold)}包郵"


_NEAR = {"add_on_available": 0, "not_reached": 1, "purchase_limit": 2, "sold_out": 2, "sign_in": 2}


def nearest(missed: Iterable[Missed], most: int) -> list[Missed]:
    """At most so many, each promotion once: first what can be had now, then what the least is missing for."""
    by_rule: dict[str, Missed] = {}
    for each in sorted(missed, key=_distance):
        by_rule.setdefault(each.promotion.id, each)
        if len(by_rule) == most:
            break
    return list(by_rule.values())


def _distance(missed: Missed) -> tuple[int, int, str]:
    return _NEAR.get(missed.code, 3), missed.missing_minor + missed.missing_units, missed.promotion.id
