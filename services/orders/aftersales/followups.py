"""This is where the order is made out that follows up another: what it is sent for paid already, as far as it was."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.kit.clock import Clock
from services.kit.ids import new_id
from services.kit.money import split
from services.kit.seal import Seal
from services.kit.store import Store
from services.orders.leases import LEASE
from services.orders.lines import OrderLine
from services.orders.orders import Happened, Order, State
from services.orders.pricing import Discount, Share, Total
from services.orders.quotes import SkuQuote

from .cover import FollowUp
from .returns import Return

CHANNEL = "after_sales"


@dataclass(frozen=True, slots=True)
class Instead:
    """What is sent, what it costs now, what the goods it stands for were worth to their buyer (in money and points), and
    what of that was money. Minor units; `difference` above zero is to be paid."""

    lines: Sequence[tuple[SkuQuote, int]]
    cost: int
    worth: int
    money: int
    even: bool

    @classmethod
    def of(cls, rma: Return, order: Order, lines: Sequence[tuple[SkuQuote, int]]) -> "Instead":
        """The same goods anew cost nothing more, whatever they cost by now."""
        cost = sum(quote.price_minor * count for quote, count in lines)
        worth = rma.worth_minor
        for line in rma.lines:  # what points paid counts too, to the whole fen
            bought = order.line(line.sku)
            worth += bought.points_minor * line.quantity // bought.quantity if bought else 0
        back = {line.sku: line.quantity for line in rma.lines if line.quantity}
        return cls(lines, cost, worth, rma.worth_minor, {quote.sku: n for quote, n in lines} == back)

    @property
    def difference(self) -> int:
        """What is to be paid, or (below zero) given back."""
        return 0 if self.even else self.cost - self.worth

    @property
    def credit(self) -> int:
        """What of the money stays in the goods that are sent."""
        return self.money - min(self.money, max(0, -self.difference))


class Followups:
    """Makes out orders."""

    def __init__(self, orders: Store[Order], seal: Seal, clock: Clock) -> None:
        self._orders, self._seal, self._clock = orders, seal, clock

    async def drafted(self, rma: Return, instead: Instead, token: str) -> Order:
        """The order, as it is to be kept and driven."""
        before = await self._orders.get(rma.order_id)
        assert before is not None  # noqa: S101 - whoever asks has just read it
        order_id, now = new_id("ord"), self._clock.now()
        due = max(0, instead.difference)
        off = instead.cost - due
        lines = _lines(instead, off, before)
        shares = [Share(line.sku, line.discount_minor) for line in lines if line.discount_minor]
        address = self._seal.open(before.sealed_address, before.id)
        return Order(
            id=order_id,
            request_id=f"aftersales:{rma.id}:{rma.attempts}",
            fingerprint=b"",
            cart_id="",
            cart_claim="",
            customer_id=before.customer_id,
            state=State.CHECKING_OUT,
            currency=before.currency,
            lines=lines,
            totals=_totals(instead.cost, off, due),
            discounts=[Discount("after_sales", "items", rma.kind.value, "", off, shares)] if off else [],
            coupons=[],
            points=0,
            delivery=replace(before.delivery, price_minor=0),
            region=before.region,
            sealed_address=self._seal.close(address, order_id),
            sealed_email=self._resealed(before, order_id),
            sealed_token=self._seal.close(token.encode(), order_id),
            placed_at=now,
            due_at=now + LEASE,
            events=[Happened("placed", "placed", now, f"Sent for the return {rma.id}.")],
            channel=CHANNEL,
            follow_up=FollowUp(before.id, rma.kind.value, before.root_id, rma.id),
        )

    def _resealed(self, before: Order, order_id: str) -> bytes:
        if not before.sealed_email:
            return b""
        return self._seal.close(self._seal.open(before.sealed_email, before.id), order_id)


def _lines(instead: Instead, off: int, before: Order) -> list[OrderLine]:
    costs = [quote.price_minor * count for quote, count in instead.lines]
    offs, credits = split(off, costs), split(instead.credit, costs)
    lines: list[OrderLine] = []
    for (quote, count), line_off, credit in zip(instead.lines, offs, credits, strict=True):
        bought = before.line(quote.sku) or before.lines[0]
        lines.append(
            OrderLine(
                sku=quote.sku,
                product_id=quote.product_id,
                title=quote.title,
                category=quote.category,
                quantity=count,
                unit_minor=quote.price_minor,
                discount_minor=line_off,
                points_minor=0,
                cost_minor=quote.cost_minor,
                weight_g=quote.weight_g,
                credit_minor=credit,
                terms=bought.terms,
            )
        )
    return lines


def _totals(cost: int, off: int, due: int) -> list[Total]:
    taken = [Total("items_discount", -off)] if off else []
    return [Total("subtotal", cost), *taken, Total("fulfillment", 0), Total("total", due)]
