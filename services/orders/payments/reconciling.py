"""This is where an order's money is made what the provider says: what is half-done is finished, what was done by hand at the
provider's own desk is written down. Said again, and in any order, it changes nothing."""

from collections.abc import Sequence

from google.protobuf.message import Message

from services.kit.clock import Clock
from services.orders.orders import Order
from services.orders.paying import Kind, Movement, Step

from . import claims, outcome
from .moving import Moving
from .provider import Moved, Provider

_KINDS = {"capture": Kind.CAPTURE, "void": Kind.VOID, "refund": Kind.REFUND}


class Reconciling:
    """Asks the provider of an order's payments, and believes it."""

    def __init__(self, moving: Moving, provider: Provider, clock: Clock) -> None:
        self._moving, self._provider, self._clock = moving, provider, clock

    async def order(self, order: Order) -> str:
        """What came of it, in a word: `written_down` or `known`. Refuses with MONEY_UNFINISHED."""
        order = await self._moving.finish(order)
        charges = {m.payment_id for m in order.movements if m.kind is Kind.CHARGE}
        changed = False
        for payment_id in sorted({order.payment_id, *charges} - {""}):
            moved = await self._provider.movements(payment_id)
            for each in moved:
                strange = not each.key and each.kind in _KINDS
                if strange and not (each.kind == "void" and payment_id in charges):
                    changed |= await self._write_down(order.id, payment_id, each)
        return "written_down" if changed else "known"

    async def _write_down(self, order_id: str, payment_id: str, moved: Moved) -> bool:
        key, now, written = f"desk:{moved.id}", self._clock.now(), False

        def writing(order: Order) -> Sequence[Message] | None:
            nonlocal written
            written = False
            if claims.known(order.movements, key) or moved.currency != order.currency:
                return None
            kind = _KINDS[moved.kind]
            if kind is not Kind.REFUND and not order.deferred:
                return None  # taken by checkout itself
            shares = claims.shares_of(order, moved.minor) if kind is Kind.REFUND else []
            found = Movement(
                key, kind, moved.minor, now, "provider", payment_id=payment_id, reason="by hand", shares=shares
            )
            if kind is Kind.REFUND:
                order.refunded_minor += moved.minor
            elif order.paying:
                order.paying.claimed_minor += moved.minor
            order.movements.append(found)
            written = True
            return outcome.write(order, found, Step.DONE, None, "", now)

        await self._moving.changed(order_id, writing)
        return written
