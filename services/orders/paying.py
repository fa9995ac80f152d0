"""This is where it is defined how an order is paid, and what moved since: authorised, captured, let go, given back. Pure.

An order that is paid by card at once needs none of it: its one charge is `captured_minor`, and `paying` stays None.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .pricing import Share

CARD, CASH = "card", "cod"
WALLETS = ("alipay", "wechat_pay")


class Capture(StrEnum):
    """When money is taken: at payment, when the first parcel leaves, or at the door in cash."""

    PAYMENT = "payment"
    SHIPMENT = "shipment"
    DELIVERY = "delivery"


class Kind(StrEnum):
    """What a movement does. A `charge` is a second payment for the same order, as a balance is."""

    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    CHARGE = "charge"
    PAYOUT = "payout"  # what one payment gives back of a refund that is written down as a whole


class Step(StrEnum):
    """Where a movement is: claimed and asked for, done, or failed and its claim let go; `awaiting` its customer."""

    ASKED = "asked"
    AWAITING = "awaiting"
    DONE = "done"
    FAILED = "failed"


@dataclass
class Movement:
    """Money that moves after checkout. It is claimed in the order, by one conditional write, before anybody is asked; `id`
    is the provider's idempotency key, and what makes it once. `via`: `provider`, `cash` or `transfer` (by hand)."""

    id: str
    kind: Kind
    minor: int
    at: datetime
    by: str
    step: Step = Step.ASKED
    via: str = "provider"
    payment_id: str = ""
    reason: str = ""
    detail: str = ""  # why it failed
    units: dict[str, int] = field(default_factory=dict)  # of each SKU, of a refund
    shares: list[Share] = field(default_factory=list)  # where a refund falls
    done_at: datetime | None = None
    # Of a charge alone: what it has been given back, and what the customer needs to go on.
    refunded_minor: int = 0
    confirm_url: str = ""
    sealed_token: bytes = b""


@dataclass
class Paying:
    """How an order is paid that is not paid by card at once. `claimed_minor` of `authorised_minor` is captured, let go, or
    on its way to either; cash to be collected is authorised by nobody and counted alike."""

    method: str
    capture: Capture
    authorised_minor: int = 0
    claimed_minor: int = 0
    voided_minor: int = 0
    authorised_until: datetime | None = None
    first_minor: int = 0  # what checkout charges; 0: all of it
    lasts_days: int = 7  # an authorisation
    at_expiry: str = "capture"  # or `void`: what becomes of what is left of an authorisation that runs out

    @property
    def left_minor(self) -> int:
        """What can still be captured or let go."""
        return self.authorised_minor - self.claimed_minor

    @property
    def awaited_minor(self) -> int:
        """What is captured in the end, if nothing else is let go: what is on its way is neither in nor gone."""
        return self.authorised_minor - self.voided_minor

    @property
    def deferred(self) -> bool:
        """Whether the money is taken later than the order is placed."""
        return self.capture is not Capture.PAYMENT

    @property
    def cash(self) -> bool:
        """Whether it is collected at the door."""
        return self.method == CASH


_BEFORE_EXPIRY = timedelta(hours=12)


def authorised(paying: Paying, minor: int, at: datetime) -> datetime | None:
    """So much is authorised, and nothing taken yet; answers when it must be looked after, if ever."""
    paying.authorised_minor = minor
    if paying.cash:
        return None
    paying.authorised_until = at + timedelta(days=paying.lasts_days)
    return looked_after_at(paying)


def looked_after_at(paying: Paying) -> datetime | None:
    """A while before what is left of an authorisation runs out."""
    return paying.authorised_until - _BEFORE_EXPIRY if paying.authorised_until and paying.left_minor else None


def state_of(state: str, paying: Paying | None, captured: int, refunded: int, total: int) -> str:
    """Where the money of an order is, in one word, by the state of the order and its amounts (minor units)."""
    if state in ("checking_out", "awaiting_confirmation", "declined", "refused"):
        return {"checking_out": "pending", "refused": "none"}.get(state, state)
    if not total:
        return "none"
    if captured:
        if refunded >= captured:
            return "refunded"
        whole = "collected" if paying and paying.cash else "captured"
        if paying and captured < (total if paying.first_minor else paying.awaited_minor):
            whole = f"partially_{whole}"
        return "partially_refunded" if refunded else whole
    if paying is None or state == "cancelled" or (paying.authorised_minor and not paying.awaited_minor):
        return "voided"
    return "to_collect" if paying.cash else "authorised"


def shares_left(paid: Mapping[str, int], given: Mapping[str, int], minor: int) -> list[Share]:
    """How `minor` that goes back falls on lines: first what is left of what was paid for each (given back: minor units by
    SKU), in their order; what goes beyond the goods (freight) falls on no line."""
    shares: list[Share] = []
    for sku, amount in paid.items():
        share = min(amount - given.get(sku, 0), minor)
        if share > 0:
            shares.append(Share(sku, -share))
            minor -= share
    return shares
