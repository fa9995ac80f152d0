"""This is where it is decided whether money may move, by the order as it is: each claim fits in what is left. Pure.

A claim changes the order it is given, which is then saved only if nobody changed it meanwhile: two claims never take the
same money.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.kit.errors import Invalid, WrongState
from services.orders.aftersales.returns import NothingToReturn
from services.orders.orders import Order, State
from services.orders.paying import Kind, Movement, Paying, Step, shares_left
from services.orders.pricing import Share

LIVING = (State.PAID, State.SHIPPED, State.DELIVERED)


class NothingToCapture(WrongState):
    """Nothing is left that could be taken (metadata: left_minor)."""


class NothingToVoid(WrongState):
    """Nothing is left that could be let go."""


class NothingToRefund(WrongState):
    """More would go back than came (metadata: left_minor)."""


class CancelInstead(WrongState):
    """Nothing is taken yet: cancel the order, and the money is let go with it."""


class OrderNotLiving(WrongState):
    """The order is not paid, or is over."""


class TooMuchCharged(WrongState):
    """More would be charged than the order costs (metadata: left_minor)."""


class InvalidRefund(Invalid):
    """An amount or lines, and why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A refund that is asked for: so much (minor units), or so many units of SKUs at what was paid for them."""

    minor: int
    units: dict[str, int]
    reason: str


def capture(order: Order, key: str, minor: int, at: datetime, by: str) -> None:
    """Takes `minor` of what is authorised; 0: all that is left."""
    paying = _living(order)
    left = paying.left_minor if paying else 0
    wanted = minor or left
    if paying is None or not 0 < wanted <= left:
        raise NothingToCapture(f"{left} are left to be taken", left_minor=left)
    via = "cash" if paying.cash else "provider"
    paying.claimed_minor += wanted
    order.movements.append(Movement(key, Kind.CAPTURE, wanted, at, by, via=via, payment_id=order.payment_id))


def void(order: Order, key: str, at: datetime, by: str, reason: str, *, whole: bool = False) -> None:
    """Lets go of all that is left; of everything only `whole`, else the order is to be cancelled."""
    paying = _living(order)
    if paying is None or not paying.left_minor:
        raise NothingToVoid("nothing is left to be let go")
    if not (order.captured_minor or whole):
        raise CancelInstead("nothing is taken yet: cancel the order instead")
    via = "cash" if paying.cash else "provider"
    left, paying.claimed_minor = paying.left_minor, paying.authorised_minor
    order.movements.append(Movement(key, Kind.VOID, left, at, by, via=via, payment_id=order.payment_id, reason=reason))


def charge(order: Order, key: str, minor: int, token: bytes, at: datetime, by: str, *, beyond: bool) -> None:
    """A second payment; together never more than the order costs, unless `beyond`."""
    _living(order)
    first = (order.paying.first_minor if order.paying else 0) or order.total_minor
    others = sum(m.minor for m in order.movements if m.kind is Kind.CHARGE and m.step is not Step.FAILED)
    left = order.total_minor - first - others
    if order.preorder and not order.preorder.owing and not beyond:
        left = 0  # closed, or paid
    if minor <= 0 or (minor > left and not beyond):
        raise TooMuchCharged(f"{left} are left to be charged", left_minor=left)
    order.movements.append(Movement(key, Kind.CHARGE, minor, at, by, sealed_token=token))


def refund(order: Order, key: str, wanted: Wanted, at: datetime, by: str) -> None:
    """Gives back, never more than was captured and not claimed to go back already."""
    _living(order)
    if wanted.units:
        shares = [_line(order, sku, count) for sku, count in wanted.units.items()]
        minor = -sum(share.minor for share in shares)
    else:
        minor = wanted.minor
        shares = shares_of(order, minor)
    left = order.captured_minor - order.refunded_minor
    if not 0 < minor <= left:
        raise NothingToRefund(f"{left} can go back", left_minor=left)
    order.refunded_minor += minor
    parts = _parts(order, f"{key}.", minor, at, by)
    whole = Movement(
        key, Kind.REFUND, minor, at, by, reason=wanted.reason, units=dict(wanted.units), shares=shares, via="parts"
    )
    if len(parts) == 1:
        whole.via, whole.payment_id = parts[0].via, parts[0].payment_id
        parts = []
    order.movements += [*parts, whole]


def payout(order: Order, key: str, minor: int, at: datetime, by: str) -> None:
    """The parts of a refund whose room is taken in the order already."""
    order.movements += _parts(order, f"{key}.", minor, at, by)


def shares_of(order: Order, minor: int) -> list[Share]:
    """How an amount that goes back falls on what is left of the lines."""
    return shares_left({line.sku: line.paid for line in order.lines}, given_back(order), minor)


def given_back(order: Order) -> dict[str, int]:
    """What went back for each SKU so far, or is on its way (minor units)."""
    given: dict[str, int] = {}
    pending = [m.shares for m in order.movements if m.kind is Kind.REFUND and m.step is Step.ASKED]
    for shares in [*(adjustment.shares for adjustment in order.adjustments), *pending]:
        for share in shares:
            given[share.sku] = given.get(share.sku, 0) - share.minor
    return given


def _living(order: Order) -> Paying | None:
    if order.state not in LIVING:
        raise OrderNotLiving(f"the order is {order.state.value}")
    return order.paying


def _line(order: Order, sku: str, count: int) -> Share:
    line = order.line(sku)
    left = line.quantity - line.returned if line else 0
    if line is None or not 0 < count <= left:
        raise NothingToReturn(f"{left} of {sku[:64]} can be refunded", sku=sku[:64], left=left)
    return Share(sku, -line.give_up(count))


def _parts(order: Order, key: str, minor: int, at: datetime, by: str) -> list[Movement]:
    """Which payment gives back how much: the youngest first, as far as each has room."""
    parts: list[Movement] = []
    charges = [m for m in order.movements if m.kind is Kind.CHARGE and m.step is Step.DONE]
    for number, earlier in reversed(list(enumerate(charges, 1))):
        share = min(earlier.minor - earlier.refunded_minor, minor)
        if share > 0:
            parts.append(Movement(f"{key}{number}", Kind.PAYOUT, share, at, by, payment_id=earlier.payment_id))
            earlier.refunded_minor += share
            minor -= share
    if minor > 0:
        via = "transfer" if order.paying and order.paying.cash else "provider"
        parts.append(Movement(f"{key}0", Kind.PAYOUT, minor, at, by, via=via, payment_id=order.payment_id))
    return parts


def known(movements: Sequence[Movement], key: str) -> Movement | None:
    """The movement of this key."""
    return next((m for m in movements if m.id == key), None)
