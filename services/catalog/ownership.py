"""This is where a merchant's people are kept to what is theirs: whose it must be is a part of the query. Pure."""

from collections.abc import Mapping
from typing import Any

from services.kit.errors import NotAllowed


class OnlyAfterReview(NotAllowed):
    """A merchant's listing goes on sale when the shop has reviewed it."""


def theirs(merchant_id: str) -> Mapping[str, Any]:
    """The condition that a thing is this merchant's; none when `merchant_id` is empty: the shop's own people meet all."""
    return {"merchant_id": merchant_id} if merchant_id else {}
