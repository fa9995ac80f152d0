"""This is where an order carries what after-sales added to it: the insured way back, and what it was sent for. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cover:
    """The way back is insured: what was paid for that, the most it pays, and the return that claimed it. Minor units."""

    premium_minor: int
    cap_minor: int
    claimed_by: str = ""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What an order was sent for: of which order, why (`reship`, or the kind of the return), and for which return, if any.
    `root_id`: the order whose payment paid for its goods, as far as `credit_minor` says."""

    order_id: str
    kind: str
    root_id: str
    return_id: str = ""
