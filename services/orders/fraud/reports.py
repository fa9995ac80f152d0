"""This is where it is written down what was lost: a bank took the money back, or an order let pass turned out to be fraud.

Once an order. A report is a label: the next training learns from it; and whoever it was is kept out from now on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid
from services.kit.money import Money
from services.kit.store import Store
from services.orders import limits
from services.orders.looking import OrderNotFound
from services.orders.orders import Order

from .listings import Listings
from .messages import fraud_loss_reported
from .scoring import unpacked
from .trails import Listing

KINDS = ("chargeback", "confirmed_fraud")
KEPT_OUT = timedelta(days=180)


class InvalidFraudReport(Invalid):
    """No loss can be so."""


class FraudReportedAlready(AlreadyExists):
    """Something else is written down for this order."""


@dataclass
class FraudReport:
    """A loss. `id` is the order's; `loss_minor` at most what was charged."""

    id: str
    kind: str
    loss_minor: int
    currency: str
    reference: str
    note: str
    by: str
    at: datetime
    version: int = 0

    def says(self, kind: str, loss: Money | None, reference: str) -> bool:
        """Whether that is the same again."""
        same_loss = loss is None or loss == Money(self.currency, self.loss_minor)
        return same_loss and (self.kind, self.reference) == (kind, reference)


class Reports:
    """Losses."""

    def __init__(self, reports: Store[FraudReport], orders: Store[Order], listings: Listings, clock: Clock) -> None:
        self._reports, self._orders, self._listings, self._clock = reports, orders, listings, clock

    async def report(
        self, order_id: str, kind: str, loss: Money | None, reference: str, note: str, by: str
    ) -> FraudReport:
        """Writes it down; the same again answers as the first time. Refuses with ORDER_NOT_FOUND, INVALID_FRAUD_REPORT,
        FRAUD_REPORTED_ALREADY."""
        if kind not in KINDS:
            raise _wrong("/kind", "`chargeback` or `confirmed_fraud`")
        order = await self._orders.get(order_id) if limits.is_id(order_id, "ord") else None
        if order is None:
            raise OrderNotFound("no such order")
        earlier = await self._reports.get(order.id)
        if earlier is not None:
            return await self._again(earlier, kind, loss, reference.strip())
        wanted = FraudReport(
            order.id,
            kind,
            _lost(order, loss),
            order.currency,
            limits.text(reference, "/reference", 100, InvalidFraudReport),
            limits.text(note, "/note", 500, InvalidFraudReport),
            by,
            self._clock.now(),
        )
        await self._keep_out(order, wanted)  # first: said again it changes nothing
        try:
            return await self._reports.insert(wanted, fraud_loss_reported(wanted))
        except AlreadyExists:
            earlier = await self._reports.get(order.id)
            return await self._again(earlier or wanted, kind, loss, wanted.reference)

    async def _again(self, earlier: FraudReport, kind: str, loss: Money | None, reference: str) -> FraudReport:
        if not earlier.says(kind, loss, reference):
            raise FraudReportedAlready("something else is written down for this order")
        return earlier

    async def _keep_out(self, order: Order, report: FraudReport) -> None:
        if decision := unpacked(order.risk):
            until = report.at + KEPT_OUT
            deny = Listing("deny", until, report.by, f"{report.kind} of {order.id}", report.at)
            await self._listings.put_all(list(decision.marks.values()), deny)


def _lost(order: Order, loss: Money | None) -> int:
    """What is lost, in minor units: what is said, else all that was charged and not given back."""
    if order.paid_at is None:
        raise _wrong("/order_id", "nothing was charged")
    if loss is None:
        minor = order.captured_minor - order.refunded_minor
    elif loss.currency != order.currency:
        raise _wrong("/loss/currency", f"the order is in {order.currency}")
    else:
        minor = loss.minor
    if not 0 < minor <= order.total_minor:
        raise _wrong("/loss/minor", "more than nothing, at most what was charged")
    return minor


def _wrong(pointer: str, message: str) -> InvalidFraudReport:
    return InvalidFraudReport(message, errors=[FieldError(pointer, message)])
