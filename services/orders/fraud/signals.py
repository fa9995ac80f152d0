"""This is where the signals are: each a number made of a checkout and the trails of its marks, a weight, and words. Pure.

A signal's weight is what one unit of it adds to the log-odds of fraud. The weights here are the hand-made rules; training
moves them (`training.py`), each held to its rule by a prior, and keeps what it found as data. Counts enter as ln(1 + n), so
that the tenth adds less than the first; amounts as logarithms of ratios.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp, expm1, log, log1p

from services.kit.ids import made_at

from .marks import short, who
from .trails import Sighting, Trail

WINDOWS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "30d": timedelta(days=30)}
_PROVEN = timedelta(hours=24)  # who bought longer ago than that, and well, is known
_MOST_RATIO = 3.0  # e³, twenty times


@dataclass(frozen=True, slots=True)
class Looked:
    """A checkout as it is looked at. `marks` by kind; amounts in minor units. `differs`: what does not fit together."""

    key: str
    at: datetime
    marks: Mapping[str, str]
    minor: int
    currency: str
    units: Mapping[str, int] = field(default_factory=dict)  # the dearest unit by category
    coupon: bool = False
    differs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Signal:
    """`weight` in log-odds a unit; `{n}` in the words is the plain number behind the value."""

    weight: float
    en: str
    zh: str
    counts: bool = False  # the value is ln(1 + n)


_OF = {
    "customer": (1.0, "by this customer", "该客户"),
    "email": (1.0, "with this e-mail address", "该邮箱"),
    "device": (1.0, "from this device", "该设备"),
    "address": (0.5, "to this address", "该收货地址"),
    "card": (1.0, "with this card", "该支付卡"),
    "ip": (0.4, "from this network address", "该网络地址"),
}
_WITHIN = {"1h": ("an hour", "1 小时"), "24h": ("a day", "24 小时"), "30d": ("30 days", "30 天")}
_VELOCITY = {"1h": 0.45, "24h": 0.15, "30d": 0.0}
_DECLINES = {"1h": 0.9, "24h": 0.3, "30d": 0.1}
_AMOUNTS = {"1h": 0.1, "24h": 0.1, "30d": 0.0}


def _velocity() -> dict[str, Signal]:
    table: dict[str, Signal] = {}
    for kind, (factor, en, zh) in _OF.items():
        for window, (within, within_zh) in _WITHIN.items():
            table[f"{kind}_orders_{window}"] = Signal(
                factor * _VELOCITY[window],
                f"{{n}} other orders {en} within {within}",
                f"{zh}{within_zh}内另有 {{n}} 单",
                True,
            )
            table[f"{kind}_declined_{window}"] = Signal(
                factor * _DECLINES[window],
                f"{{n}} attempts {en} declined or refused within {within}",
                f"{zh}{within_zh}内有 {{n}} 次被拒",
                True,
            )
            table[f"{kind}_amount_{window}"] = Signal(
                factor * _AMOUNTS[window],
                f"{{n}} times this amount besides, {en}, within {within}",
                f"{zh}{within_zh}内另有本单 {{n}} 倍金额",
                True,
            )
    return table


BIAS = -6.5  # the log-odds of an order about which there is nothing to say: one in 665
SIGNALS: dict[str, Signal] = {
    **_velocity(),
    "device_cards_30d": Signal(
        1.0, "{n} other cards from this device within 30 days", "该设备 30 天内另用过 {n} 张卡", True
    ),
    "device_people_30d": Signal(
        0.6, "{n} other buyers on this device within 30 days", "该设备 30 天内另有 {n} 名买家", True
    ),
    "card_people_30d": Signal(
        0.9, "{n} other buyers with this card within 30 days", "该卡 30 天内另有 {n} 名买家", True
    ),
    "coupon_people_30d": Signal(
        0.8,
        "{n} other accounts used coupons on this device or address within 30 days",
        "该设备或地址 30 天内另有 {n} 个账户用券",
        True,
    ),
    "amount_to_own": Signal(0.6, "{n} times what this buyer usually spends", "为该买家平均消费的 {n} 倍"),
    "amount_to_category": Signal(0.4, "a unit {n} times dearer than its category's mean", "单价为品类均价的 {n} 倍"),
    "country_differs": Signal(1.5, "sent to another country than it was ordered from", "下单地与收货国家不符"),
    "billing_differs": Signal(0.9, "the card is of another country than the address", "支付卡国家与收货国家不符"),
    "name_differs": Signal(0.4, "another name on the card than on the parcel", "持卡人与收件人姓名不符"),
    "new_address": Signal(0.5, "a known buyer, a new address", "老客户使用新地址"),
    "new_device": Signal(0.5, "a known buyer, a new device", "老客户使用新设备"),
    "first_order": Signal(0.6, "nobody who bought here before", "首次下单"),
    "young_account": Signal(0.5, "an account not a day old", "账户注册不足一天"),
    "guest": Signal(0.2, "a guest", "游客下单"),
    "no_device": Signal(0.2, "no device said who it is", "无设备标识"),
    "risky_category": Signal(0.8, "goods that are sold on easily", "易转售品类"),
}


def features(
    looked: Looked, trails: Mapping[str, Trail], means: Mapping[str, float], risky: Sequence[str]
) -> dict[str, float]:
    """Every signal that is not zero. `means`: of categories, as `category/currency`, minor units a unit."""
    found: dict[str, float] = {}
    of = {kind: trails[mark].others(looked.key) for kind, mark in looked.marks.items() if mark in trails}
    for kind, seen in of.items():
        if seen:
            _velocity_of(kind, seen, looked, found)
    _company(of, looked, found)
    _amounts(of, looked, means, found)
    _standing(of, looked, found)
    for name in looked.differs:
        found[name] = 1.0
    if any(category in looked.units for category in risky):
        found["risky_category"] = 1.0
    return found


def _velocity_of(kind: str, seen: Sequence[Sighting], looked: Looked, found: dict[str, float]) -> None:
    """One pass for all windows: `sums` has orders, declines and minor units of each, the narrowest first."""
    since = [looked.at - width for width in WINDOWS.values()]
    sums = [[0, 0, 0] for _ in since]
    for each in seen:
        for window, start in zip(sums, since, strict=True):
            if each.at > start:
                if each.outcome:
                    window[1] += 1
                else:
                    window[0] += 1
                    window[2] += each.minor if each.currency == looked.currency else 0
    for name, (orders, declined, minor) in zip(WINDOWS, sums, strict=True):
        if orders:
            found[f"{kind}_orders_{name}"] = log1p(orders)
        if declined:
            found[f"{kind}_declined_{name}"] = log1p(declined)
        if minor and looked.minor:
            found[f"{kind}_amount_{name}"] = log1p(minor / looked.minor)


def _company(of: Mapping[str, Sequence[Sighting]], looked: Looked, found: dict[str, float]) -> None:
    """Who else was seen with the same marks."""
    since = looked.at - WINDOWS["30d"]
    card, me = short(looked.marks["card"]) if "card" in looked.marks else "", _me(looked)
    device = [each for each in of.get("device", ()) if each.at > since]
    _count(found, "device_cards_30d", {each.card for each in device} - {"", card})
    _count(found, "device_people_30d", {each.who for each in device} - {"", me})
    _count(found, "card_people_30d", {each.who for each in of.get("card", ()) if each.at > since} - {"", me})
    if looked.coupon:
        near = [*device, *(each for each in of.get("address", ()) if each.at > since)]
        _count(found, "coupon_people_30d", {each.who for each in near if each.coupon} - {"", me})


def _count(found: dict[str, float], name: str, others: set[str]) -> None:
    if others:
        found[name] = log1p(len(others))


def _amounts(
    of: Mapping[str, Sequence[Sighting]], looked: Looked, means: Mapping[str, float], found: dict[str, float]
) -> None:
    own = [each.minor for each in _own(of) if not each.outcome and each.currency == looked.currency and each.minor]
    if own and looked.minor:
        _ratio(found, "amount_to_own", looked.minor * len(own) / sum(own))
    dearer = [
        unit / means[f"{category}/{looked.currency}"]
        for category, unit in looked.units.items()
        if means.get(f"{category}/{looked.currency}", 0) > 0
    ]
    if dearer:
        _ratio(found, "amount_to_category", max(dearer))


def _ratio(found: dict[str, float], name: str, ratio: float) -> None:
    if ratio > 1:
        found[name] = min(_MOST_RATIO, log(ratio))


def _standing(of: Mapping[str, Sequence[Sighting]], looked: Looked, found: dict[str, float]) -> None:
    """How long the shop knows whoever this is."""
    before = looked.at - _PROVEN
    known = any(not each.outcome and each.at < before for each in _own(of))
    if not known:
        found["first_order"] = 1.0
    else:
        for kind in ("address", "device"):
            seen = of.get(kind, ())
            if kind in looked.marks and not any(not each.outcome for each in seen):
                found[f"new_{kind}"] = 1.0
    customer = looked.marks.get("customer", "")
    if not customer:
        found["guest"] = 1.0
    elif (born := made_at(customer.partition(".")[2])) and born > before:
        found["young_account"] = 1.0
    if "device" not in looked.marks:
        found["no_device"] = 1.0


def _own(of: Mapping[str, Sequence[Sighting]]) -> Sequence[Sighting]:
    return of.get("customer") or of.get("email") or ()


def _me(looked: Looked) -> str:
    return short(who(looked.marks))


def words(name: str, value: float) -> tuple[str, str]:
    """What a signal says, in English and Chinese."""
    signal = SIGNALS.get(name)
    if signal is None:
        return name, name
    n = _plain(name, signal, value)
    return signal.en.replace("{n}", n), signal.zh.replace("{n}", n)


def _plain(name: str, signal: Signal, value: float) -> str:
    if not signal.counts:
        return f"{exp(value):.1f}"
    return f"{expm1(value):.1f}" if "_amount_" in name else str(round(expm1(value)))
