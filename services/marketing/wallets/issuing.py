"""This is where a voucher of a coupon begins: only of one that runs and takes vouchers, and for as long as it says. Pure."""

import hashlib
import hmac
from datetime import datetime, timedelta

from services.kit.errors import WrongState
from services.marketing.coupons import Coupon

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class NotIssuing(WrongState):
    """No voucher of this coupon is to be had: it takes none, has not begun, is over or is suspended."""


def demand_issuing(coupon: Coupon, now: datetime) -> None:
    """Refuses with `NotIssuing`."""
    if not coupon.vouchers_only:
        raise NotIssuing(f"{coupon.id} is used by its code, not by vouchers")
    if coupon.paused or not now < coupon.ends_at:
        raise NotIssuing(f"{coupon.id} is over or suspended")


def good_until(coupon: Coupon, granted_at: datetime) -> datetime:
    """When a voucher granted then ends: so many days after, and never after its coupon."""
    if not coupon.valid_days:
        return coupon.ends_at
    return min(coupon.ends_at, granted_at + timedelta(days=coupon.valid_days))


def code_of(seed: bytes, number: int) -> str:
    """The code of a number, 80 bits in fours: nobody can guess one from others; a step done again makes the same ones."""
    bits = int.from_bytes(hmac.digest(seed, str(number).encode(), hashlib.sha256)[:10])
    text = "".join(_ALPHABET[(bits >> 5 * place) & 31] for place in range(16))
    return "-".join(text[place : place + 4] for place in range(0, 16, 4))
