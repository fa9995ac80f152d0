"""This is where webhooks of payment providers are kept once, by their id, and applied: now, or again when somebody asks.

Beside the checkout itself nothing else writes what a provider says into an order. A webhook only makes us ask the provider,
so they may come twice, late and in any order.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, NotFound, Refused, kind_of
from services.kit.ids import new_id
from services.kit.store import Store, found
from services.orders import limits

from .outcomes import Said
from .signatures import verify

log = logging.getLogger(__name__)
PROVIDERS = ("sandbox",)
STATES = ("received", "applied", "ignored", "failed")
_IGNORED = ("unknown", "mismatch")
_MOST_BYTES = 64 * 1024


class InvalidWebhook(Invalid):
    """Signed, but nothing we understand; or its id came with another body before."""


class UnknownProvider(NotFound):
    """No such provider."""


class WebhookNotFound(NotFound):
    """No such webhook."""


class _Payment(msgspec.Struct):
    """The part of a webhook's payment we look at; the rest the provider is asked."""

    reference: str
    amount_minor: int
    currency: str = ""


class _Refund(msgspec.Struct):
    key: str = ""


class _Body(msgspec.Struct):
    type: str
    payment: _Payment
    refund: _Refund | None = None


_decoder = msgspec.json.Decoder(_Body)


@dataclass
class Webhook:
    """A webhook as it came; `ref` is the provider's id of it, with its name before; unique. `state`: `received`, `applied`,
    `ignored` (nobody knows what it speaks of) or `failed` (to be applied again)."""

    id: str
    ref: str
    provider: str
    type: str
    reference: str
    order_id: str
    body: bytes
    digest: bytes
    received_at: datetime
    state: str = "received"
    outcome: str = ""
    deliveries: int = 1
    applied_at: datetime | None = None
    version: int = 0


class Inbox:
    """Takes webhooks in."""

    def __init__(
        self,
        webhooks: Store[Webhook],
        tell: Callable[[Said], Awaitable[str]],
        secret: str,
        clock: Clock,
        count: Callable[[str], None],
    ) -> None:
        self._webhooks, self._tell, self._secret = webhooks, tell, secret
        self._clock, self._count = clock, count

    async def receive(self, provider: str, webhook_id: str, timestamp: str, signature: str, body: bytes) -> Webhook:
        """Keeps and applies it; what was applied already is counted and left alone. Refuses with BAD_SIGNATURE,
        INVALID_WEBHOOK, and as applying does: then the provider sends it again."""
        if provider not in PROVIDERS:
            raise UnknownProvider("no such provider")
        if len(body) > _MOST_BYTES:
            raise InvalidWebhook("too long")
        now = self._clock.now()
        verify(self._secret, webhook_id, timestamp, signature, body, now)
        told = _understood(body).payment
        order_id = told.reference.partition("-")[0]
        kept = Webhook(
            id=new_id("whk"),
            ref=f"{provider}:{webhook_id}",
            provider=provider,
            type=_understood(body).type[:64],
            reference=told.reference[:128],
            order_id=order_id if limits.is_id(order_id, "ord") else "",
            body=body,
            digest=hashlib.sha256(body).digest(),
            received_at=now,
        )
        try:
            await self._webhooks.insert(kept)
        except AlreadyExists:
            return await self._again(kept)
        return await self.apply(kept.id)

    async def _again(self, came: Webhook) -> Webhook:
        where = {"ref": came.ref, "digest": came.digest}
        kept = await self._webhooks.change(where, {"$inc": {"deliveries": 1}})
        if kept is None:
            raise InvalidWebhook("this webhook-id came with another body before")
        return kept if kept.state in ("applied", "ignored") else await self.apply(kept.id)

    async def apply(self, webhook_id: str) -> Webhook:
        """Applies it, whether it was applied before or not. Refuses with WEBHOOK_NOT_FOUND, and with what was in the way."""
        webhook = await self.get(webhook_id)
        body = _understood(webhook.body)
        said = Said(
            body.payment.reference,
            body.payment.amount_minor,
            body.payment.currency,
            body.refund.key if body.refund else "",
        )
        try:
            outcome = await self._tell(said)
        except Refused as no:
            await self._left(webhook, "failed", no.reason.lower())
            log.info("%s is not applied yet: %s (%s)", webhook.id, no.reason, kind_of(no).__name__)
            raise
        return await self._left(webhook, "ignored" if outcome in _IGNORED else "applied", outcome)

    async def _left(self, webhook: Webhook, state: str, outcome: str) -> Webhook:
        self._count(state)
        left: dict[str, Any] = {"state": state, "outcome": outcome, "applied_at": self._clock.now()}
        return await self._webhooks.change({"_id": webhook.id}, {"$set": left}) or webhook

    async def get(self, webhook_id: str) -> Webhook:
        """Refuses with WEBHOOK_NOT_FOUND."""
        return found(await self._webhooks.get(webhook_id), WebhookNotFound("no such webhook"))

    async def page(self, state: str, limit: int, cursor: str) -> tuple[list[Webhook], str]:
        """Newest first. Refuses with INVALID_PAGE, CURSOR_INVALID."""
        return await self._webhooks.page({"state": state} if state else {}, limit, cursor)


def _understood(body: bytes) -> _Body:
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError as bad:
        raise InvalidWebhook("not a webhook of the sandbox") from bad
