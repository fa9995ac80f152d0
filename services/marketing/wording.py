"""This is where a discount, or a coupon that gives none, is put into words: English, then Chinese. Pure."""

from services.kit.money import Money

_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$", "JPY": "JP¥", "SGD": "S$"}
# ISO 4217: how many digits the minor unit has where it is not two.
_DIGITS = dict.fromkeys(
    ("JPY", "KRW", "VND", "CLP", "ISK", "UGX", "XAF", "XOF", "XPF", "PYG", "RWF"), 0
) | dict.fromkeys(("KWD", "BHD", "OMR", "TND", "JOD", "IQD", "LYD"), 3)


def amount(money: Money) -> str:
    """`¥199.00`, `JP¥500`, `CHF 12.50`."""
    return _SYMBOLS.get(money.currency, f"{money.currency} ") + number(money, exact=True)


def number(money: Money, *, exact: bool = False) -> str:
    """`199` or `199.50`; with all digits when `exact`."""
    digits = _DIGITS.get(money.currency, 2)
    whole, part = divmod(money.minor, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits and (part or exact) else str(whole)


def _hundredths(number: int) -> str:
    """1250 is `12.5`."""
    return f"{number // 100}.{number % 100:02d}".rstrip("0").rstrip(".")


def percent(basis_points: int) -> str:
    """`12.5%`."""
    return f"{_hundredths(basis_points)}%"


def fold(percent_bp: int) -> str:
    """20 % off is `8折`, 15 % off `8.5折`: tenths of the price that are left."""
    left = 10_000 - percent_bp
    return f"{left // 1000}.{left % 1000:03d}".rstrip("0").rstrip(".") + "折"


def titled(title: str, words: str) -> str:
    """The title in front, where there is one."""
    return f"{title} · {words}" if title else words


def limited_time(percent_bp: int) -> str:
    """`20% off for a limited time · 限時8折`."""
    return f"{_hundredths(percent_bp)}% off for a limited time · 限時{fold(percent_bp)}"


def spend_threshold(threshold: Money, off: Money) -> str:
    """`Spend ¥199.00, save ¥30.00 · 滿199減30`."""
    return f"Spend {amount(threshold)}, save {amount(off)} · 滿{number(threshold)}減{number(off)}"


def coupon_amount(code: str, off: Money) -> str:
    """`Coupon SAVE30: ¥30.00 off · 優惠券減30`."""
    return f"Coupon {code}: {amount(off)} off · 優惠券減{number(off)}"


def coupon_percent(code: str, percent_bp: int) -> str:
    """`Coupon TEN: 10% off · 優惠券9折`."""
    return f"Coupon {code}: {_hundredths(percent_bp)}% off · 優惠券{fold(percent_bp)}"


def below_threshold(threshold: Money, missing: Money) -> str:
    """`Needs ¥100.00 of matching goods, ¥1.00 more · 還差¥1.00`."""
    return f"Needs {amount(threshold)} of matching goods, {amount(missing)} more · 還差{amount(missing)}"


UNKNOWN = "No such code · 優惠碼無效"
NOT_YET = "Not valid yet · 優惠券尚未生效"
EXPIRED = "Expired · 優惠券已過期"
USED_UP = "Used up · 優惠券已被領完"
TWICE = "Entered twice · 優惠碼已使用"
NOT_TOGETHER = "Not together with another coupon · 不可與其他優惠券同時使用"
SIGN_IN = "Sign in to use it · 請登入後使用"
CUSTOMER_DONE = "You have used it as often as you may · 已達個人使用上限"
NO_GOODS = "Nothing in the cart it applies to · 購物車中沒有適用商品"
NOTHING_LEFT = "Nothing left to take off · 已無可減金額"
OTHER_CURRENCY = "For another currency · 幣種不適用"
PAUSED = "Suspended for now · 優惠券暫停使用"
VOUCHER_USED = "Used already · 優惠券已使用"
ONE_OF_A_KIND = "One of a kind an order · 同類優惠券每單限用一張"
NOT_FOR_YOU = "Not for you · 您不符合使用條件"
STANDING_UNKNOWN = "Who it is for cannot be looked up just now · 暫時無法核對使用條件"
