"""This is where it stands why goods come back: reasons in groups, whose fault each is, what it needs and allows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """What a reason is about; each has a window of its own."""

    PREFERENCE = "preference"  # nothing is wrong with it
    FAULT = "fault"  # the goods are not what they should be
    DELIVERY = "delivery"  # something happened on the way, or it is not there


class Kind(StrEnum):
    """What is asked for."""

    RETURN = "return"  # goods back, money back
    EXCHANGE = "exchange"  # goods back, the same or others sent
    REPLACE = "replace"  # a new one for a bad one
    RESHIP = "reship"  # sent once more, for it never came
    REFUND_ONLY = "refund_only"  # money back, goods stay


GOODS_COME_BACK = frozenset({Kind.RETURN, Kind.EXCHANGE, Kind.REPLACE})
SENT_ANEW = frozenset({Kind.EXCHANGE, Kind.REPLACE, Kind.RESHIP})
_ANY = frozenset(Kind)
_CAME = _ANY - {Kind.RESHIP}
_NOT_THERE = frozenset({Kind.RESHIP, Kind.REFUND_ONLY})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why. `blames`: `customer`, `supplier`, `carrier` or `warehouse`, who hears of it; `details` are finer words."""

    group: Group
    blames: str
    kinds: frozenset[Kind]
    en: str
    zh: str
    photos: bool = False
    details: tuple[str, ...] = ()


REASONS: Mapping[str, Reason] = {
    "no_reason": Reason(
        Group.PREFERENCE, "customer", frozenset({Kind.RETURN, Kind.EXCHANGE}), "Changed my mind", "7 天无理由"
    ),
    "size": Reason(
        Group.PREFERENCE,
        "customer",
        frozenset({Kind.RETURN, Kind.EXCHANGE}),
        "The size does not fit",
        "尺寸不合适",
        details=("too_small", "too_large"),
    ),
    "colour": Reason(
        Group.PREFERENCE,
        "customer",
        frozenset({Kind.RETURN, Kind.EXCHANGE}),
        "The colour differs",
        "色差",
        details=("darker", "lighter", "other_colour"),
    ),
    "quality": Reason(
        Group.FAULT,
        "supplier",
        _CAME,
        "The quality is poor",
        "质量问题",
        photos=True,
        details=("does_not_work", "material", "stained", "expired"),
    ),
    "not_as_described": Reason(Group.FAULT, "supplier", _CAME, "It is not as described", "与描述不符", photos=True),
    "wrong_item": Reason(
        Group.FAULT,
        "warehouse",
        _CAME,
        "The wrong item came",
        "发错货",
        photos=True,
        details=("other_product", "other_variant"),
    ),
    "damaged": Reason(
        Group.DELIVERY,
        "carrier",
        _CAME,
        "It came damaged",
        "运输破损",
        photos=True,
        details=("box_crushed", "broken", "leaking"),
    ),
    "late": Reason(Group.DELIVERY, "carrier", frozenset({Kind.RETURN}), "It came too late", "送达太晚"),
    "missing": Reason(Group.DELIVERY, "warehouse", _NOT_THERE, "Something was missing", "少件"),
    "lost": Reason(Group.DELIVERY, "carrier", _NOT_THERE, "It never came", "包裹丢失"),
    "other": Reason(Group.PREFERENCE, "customer", _CAME, "Something else", "其他"),
}
