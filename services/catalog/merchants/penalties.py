"""This is where penalty points are given, appealed, upheld and taken back (C19)."""

from datetime import datetime

from services.catalog.content import OWN_MERCHANT, Product
from services.catalog.fields import Faults
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import Invalid
from services.kit.ids import new_id

from .merchants import Closure, Merchant, MerchantClosed, Merchants
from .points import (
    MOST_POINTS,
    OUT,
    REASONS,
    InvalidPenalty,
    Penalty,
    PenaltyNotFound,
    PenaltySettled,
    PenaltyState,
    a_year_after,
)


class KeyReused(Invalid):
    """This key was used for another request."""


class Penalties:
    """Gives points and settles them."""

    def __init__(self, merchants: Merchants, products: Table[Product], clock: Clock) -> None:
        self._merchants, self._products, self._clock = merchants, products, clock

    async def give(self, merchant_id: str, asked: Penalty) -> tuple[Penalty, bool]:
        """Keeps points, once a request id, and whether it was asked before. From the thresholds on its listings come down.

        Refuses with MERCHANT_NOT_FOUND, INVALID_PENALTY, MERCHANT_CLOSED, KEY_REUSED.
        """
        await self._check(merchant_id, asked)
        now = self._clock.now()
        asked.id, asked.at, asked.expires_at = new_id("pen"), now, a_year_after(now)

        def decide(merchant: Merchant) -> None:
            if any(each.request_id == asked.request_id for each in merchant.penalties):
                return
            if merchant.closure:
                raise MerchantClosed("it is closed: nothing more can be held against it")
            merchant.penalties.append(asked)
            self._weigh(merchant, now)

        merchant = await self._merchants.change(merchant_id, decide)
        kept = next(each for each in merchant.penalties if each.request_id == asked.request_id)
        if kept.fingerprint != asked.fingerprint:
            raise KeyReused("this key was used for another request")
        return kept, kept.id != asked.id

    async def appeal(self, merchant_id: str, penalty_id: str, text: str, scope: str) -> Penalty:
        """Says why points are wrong, once. Refuses with MERCHANT_NOT_FOUND, PENALTY_NOT_FOUND, PENALTY_SETTLED,
        INVALID_PENALTY."""
        text, now = _text("/text", text), self._clock.now()

        def decide(merchant: Merchant) -> None:
            penalty = _penalty_of(merchant, penalty_id)
            if penalty.appeal or penalty.decision or penalty.state(now) is not PenaltyState.COUNTS:
                raise PenaltySettled("it was appealed or decided already, or does not count any more")
            penalty.appeal, penalty.appealed_at = text, now
            self._merchants.attend(merchant)

        return _penalty_of(await self._merchants.change(merchant_id, decide, scope=scope), penalty_id)

    async def settle(self, merchant_id: str, penalty_id: str, *, revoke: bool, reason: str, by: str) -> Penalty:
        """Takes points back, or upholds them against an appeal; why is kept. Points upheld may still be taken back.

        Refuses with MERCHANT_NOT_FOUND, PENALTY_NOT_FOUND, PENALTY_SETTLED, INVALID_PENALTY.
        """
        reason, now = _text("/reason", reason), self._clock.now()

        def decide(merchant: Merchant) -> None:
            penalty = _penalty_of(merchant, penalty_id)
            if penalty.revoked or (penalty.decision and not revoke):
                raise PenaltySettled("it was decided already")
            penalty.revoked, penalty.decision, penalty.decided_by, penalty.decided_at = revoke, reason, by, now
            closure, most = merchant.closure, self._merchants.thresholds.closure
            if closure and closure.by_points and merchant.points(now) < most:
                self._merchants.open(merchant, reason, by)
            self._merchants.attend(merchant)

        return _penalty_of(await self._merchants.change(merchant_id, decide), penalty_id)

    def _weigh(self, merchant: Merchant, now: datetime) -> None:
        """What the points that were just added make of it."""
        thresholds, points = self._merchants.thresholds, merchant.points(now)
        if points >= thresholds.closure:
            merchant.closures.append(Closure(f"{points} penalty points", "catalog", now, by_points=True))
        self._merchants.attend(merchant, sweep=merchant.standing(thresholds, now) in OUT)

    async def _check(self, merchant_id: str, asked: Penalty) -> None:
        faults = Faults()
        faults.number("/points", asked.points, 1, MOST_POINTS)
        if asked.reason not in REASONS:
            faults.add("/reason", f"must be one of {', '.join(REASONS)}")
        asked.evidence = faults.text("/evidence", asked.evidence, 2_000, least=1, lines=True)
        if merchant_id == OWN_MERCHANT:
            faults.add("/id", "is the shop itself")
        elif asked.product_id and not await self._products.parts(
            {"_id": asked.product_id, "merchant_id": merchant_id}, {"_id": 1}
        ):
            faults.add("/product_id", "is no product of this merchant's")
        faults.refuse(InvalidPenalty)


def _text(pointer: str, text: str) -> str:
    faults = Faults()
    text = faults.text(pointer, text, 2_000, least=1, lines=True)
    faults.refuse(InvalidPenalty)
    return text


def _penalty_of(merchant: Merchant, penalty_id: str) -> Penalty:
    for penalty in merchant.penalties:
        if penalty.id == penalty_id:
            return penalty
    raise PenaltyNotFound("the merchant has no such penalty")
