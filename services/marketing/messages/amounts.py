"""This is where amounts and ends of time become what the contract has, and back."""

from datetime import datetime

from shop.type.v1 import money_pb2

from services.kit.clock import rfc3339
from services.marketing.checking import FOREVER, Check


def one_currency(check: Check, *amounts: money_pb2.Money) -> str:
    """The one currency of those amounts that are given; empty for none."""
    given = {each.currency for each in amounts if each.currency or each.minor}
    check.demand(len(given) <= 1, "/amount_off/currency", "the threshold's currency")
    return min(given, default="")


def money(currency: str, minor: int) -> money_pb2.Money | None:
    """An amount; not there for zero."""
    return money_pb2.Money(currency=currency, minor=minor) if minor else None


def end(moment: datetime) -> str:
    """When it ends; empty for never."""
    return "" if moment == FOREVER else rfc3339(moment)
