"""This is where the coupons a shop gives again and again are written down, to be begun with. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """What a coupon begins with; whatever staff says goes before it. Amounts in minor units of `currency`."""

    id: str
    title: str
    purpose: str
    amount_off_minor: int
    threshold_minor: int
    valid_days: int = 0
    limit_per_customer: int = 0
    vouchers_only: bool = False
    claims_per_customer: int = 0
    grantable: bool = False
    currency: str = "CNY"


TEMPLATES = {
    each.id: each
    for each in (
        Template(
            "group_5",
            "¥5 for the group · 群友專享5元券",
            "For a chat group: name it in `audience.groups`; members claim one each.",
            amount_off_minor=500,
            threshold_minor=3_000,
            valid_days=30,
            vouchers_only=True,
            claims_per_customer=1,
        ),
        Template(
            "newcomer_20",
            "¥20 off ¥99 · 新人滿99減20",
            "For who buys for the first time: one use a customer.",
            amount_off_minor=2_000,
            threshold_minor=9_900,
            limit_per_customer=1,
        ),
        Template(
            "apology_50",
            "¥50, with our apologies · 50元致歉券",
            "For a customer something went wrong for: granted by support, good for 30 days.",
            amount_off_minor=5_000,
            threshold_minor=20_000,
            valid_days=30,
            vouchers_only=True,
            grantable=True,
        ),
        Template(
            "hundred_30",
            "¥30 off ¥100 · 滿100減30",
            "For everybody who knows the code.",
            amount_off_minor=3_000,
            threshold_minor=10_000,
        ),
    )
}
