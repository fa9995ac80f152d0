"""This is where it is said why a code entered cannot be used by this shopper now, whatever the cart. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from . import wording
from .coupons import Coupon
from .shoppers import Shopper, is_for
from .vouchers import Voucher

Refusal = tuple[str, str] | None  # UCP's code without `discount_code_`, and words


class CodeEntered(Protocol):
    """A code, what it names, and how often this shopper has used that."""

    @property
    def coupon(self) -> Coupon | None:
        """None: there is no such code."""
        ...

    @property
    def voucher(self) -> Voucher | None:
        """The copy of the coupon that the code is."""
        ...

    @property
    def uses_of_customer(self) -> int:
        """Not given back."""
        ...


def refused(entered: CodeEntered, shopper: Shopper, now: datetime) -> Refusal:
    """Why not, or None. What is another's is answered like what does not exist."""
    coupon, voucher = entered.coupon, entered.voucher
    if coupon is None or (coupon.vouchers_only and voucher is None):
        return "invalid", wording.UNKNOWN
    return (
        (_not_theirs(voucher, shopper, now) if voucher else None)
        or _not_now(coupon, now)
        or _not_for(coupon, shopper, entered.uses_of_customer)
    )


def clash(coupon: Coupon, code: str, used: Mapping[str, tuple[Coupon, str]]) -> Refusal:
    """Why not beside those `used` (by the coupon's id, each with its code): of those that are alike an order
    takes as many as they say, of one coupon's vouchers one."""
    if coupon.id in used:
        if used[coupon.id][1] == code:
            return "already_applied", wording.TWICE
        return "combination_disallowed", wording.ONE_OF_A_KIND
    if used and (coupon.exclusive or any(each.exclusive for each, _ in used.values())):
        return "combination_disallowed", wording.NOT_TOGETHER
    alike = [each for each, _ in used.values() if each.alike == coupon.alike]
    if len(alike) >= coupon.alike_per_order:
        return "combination_disallowed", wording.ONE_OF_A_KIND
    return None


def over_budget(coupon: Coupon, minor: int) -> Refusal:
    """Why so much cannot be given any more."""
    if coupon.budget_minor and coupon.given_minor + minor > coupon.budget_minor:
        return "expired", wording.USED_UP
    return None


def _not_theirs(voucher: Voucher, shopper: Shopper, now: datetime) -> Refusal:
    if voucher.customer_id and not shopper.id:
        return "not_signed_in", wording.SIGN_IN
    if not voucher.theirs(shopper.id):
        return "invalid", wording.UNKNOWN
    if voucher.order_id:
        return "expired", wording.VOUCHER_USED
    return ("expired", wording.EXPIRED) if now >= voucher.ends_at else None


def _not_now(coupon: Coupon, now: datetime) -> Refusal:
    if now < coupon.starts_at:
        return "invalid", wording.NOT_YET
    if now >= coupon.ends_at:
        return "expired", wording.EXPIRED
    if coupon.paused:
        return "invalid", wording.PAUSED
    return ("expired", wording.USED_UP) if coupon.used_up else None


def _not_for(coupon: Coupon, shopper: Shopper, uses: int) -> Refusal:
    if (coupon.limit_per_customer or coupon.tiers or coupon.groups or coupon.signed_in) and not shopper.id:
        return "not_signed_in", wording.SIGN_IN
    if not is_for(coupon, shopper):
        unknown = not shopper.tier and (coupon.tiers or coupon.groups)
        return "user_ineligible", wording.STANDING_UNKNOWN if unknown else wording.NOT_FOR_YOU
    if coupon.limit_per_customer and uses >= coupon.limit_per_customer:
        return "user_ineligible", wording.CUSTOMER_DONE
    return None
