"""This is where the sandbox provider is spoken to over HTTP."""

from typing import Any

import aiohttp
import msgspec

from services.kit.money import Money
from services.kit.rpc import time_left

from .provider import Moved, OutcomeUnknown, Payment, ProviderAway, ProviderConflict, ProviderRefused

_MOST_S = 2.2
_RESERVE_S = 0.4  # kept back, to still be able to ask what became of it
_LEAST_S = 0.05


class _Shown(msgspec.Struct):
    """A payment as it is shown to us."""

    id: str
    status: str
    amount_minor: int
    currency: str = ""
    captured_minor: int = 0
    refunded_minor: int = 0
    decline_code: str = ""
    confirm_url: str = ""
    released_minor: int = 0

    def payment(self) -> Payment:
        """As the features know it."""
        return Payment(
            self.id,
            self.status,
            self.amount_minor,
            self.captured_minor,
            self.refunded_minor,
            self.decline_code,
            self.confirm_url,
            self.currency,
            self.released_minor,
        )


class _Found(msgspec.Struct):
    payments: list[_Shown]


class _Entry(msgspec.Struct):
    seq: int
    kind: str
    amount_minor: int
    currency: str
    key: str = ""


class _Entries(msgspec.Struct):
    movements: list[_Entry]


_entries = msgspec.json.Decoder(_Entries)
_payment = msgspec.json.Decoder(_Shown)
_found = msgspec.json.Decoder(_Found)
_BEST = ("captured", "authorised", "requires_confirmation", "declined", "voided")


class SandboxProvider:
    """The sandbox's HTTP protocol; one session, opened when it is first needed."""

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url.rstrip("/"), secret
        self._session: aiohttp.ClientSession | None = None

    async def charge(self, reference: str, amount: Money, token: str, *, capture: bool = True) -> Payment:
        """Authorises, and captures unless told not to, once a reference."""
        body = {
            "amount_minor": amount.minor,
            "currency": amount.currency,
            "token": token,
            "capture": capture,
            "reference": reference,
        }
        return _payment.decode(await self._ask("POST", "/v1/payments", body, key=reference)).payment()

    async def find(self, reference: str) -> Payment | None:
        """The payment of a reference; the one furthest on, should there be several."""
        found = _found.decode(await self._ask("GET", f"/v1/payments?reference={reference}", reserve_s=0.05)).payments
        ranked = sorted(found, key=lambda shown: _BEST.index(shown.status) if shown.status in _BEST else len(_BEST))
        return ranked[0].payment() if ranked else None

    async def capture(self, payment_id: str, minor: int = 0, key: str = "") -> Payment:
        """Takes what was authorised, or so much of it once a key."""
        body = {"amount_minor": minor} if minor else None
        return _payment.decode(await self._ask("POST", f"/v1/payments/{payment_id}/capture", body, key=key)).payment()

    async def confirm(self, payment_id: str) -> Payment:
        """Goes on with what the customer has confirmed."""
        return _payment.decode(await self._ask("POST", f"/v1/payments/{payment_id}/confirm")).payment()

    async def void(self, payment_id: str, key: str = "") -> None:
        """Lets go of what was not captured."""
        await self._ask("POST", f"/v1/payments/{payment_id}/void", key=key)

    async def refund(self, payment_id: str, minor: int, key: str) -> None:
        """Gives back, once a key."""
        await self._ask("POST", f"/v1/payments/{payment_id}/refunds", {"amount_minor": minor}, key=key)

    async def movements(self, payment_id: str) -> list[Moved]:
        """All it did with a payment, oldest first."""
        answer = await self._ask("GET", f"/v1/payments/{payment_id}/movements", reserve_s=0.05)
        rows = _entries.decode(answer).movements
        return [Moved(f"{row.seq:012}", row.kind, row.key, row.amount_minor, row.currency) for row in rows]

    async def close(self) -> None:
        """Closes the session, if there ever was one."""
        if self._session is not None:
            await self._session.close()

    async def _ask(
        self, method: str, path: str, body: Any = None, *, key: str = "", reserve_s: float = _RESERVE_S
    ) -> bytes:
        left = time_left()
        within = _MOST_S if left is None else min(_MOST_S, left - reserve_s)
        if within < _LEAST_S:
            raise ProviderAway("no time left to ask the payment provider")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {self._secret}"},
                connector=aiohttp.TCPConnector(limit=64),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        headers = {"Idempotency-Key": key} if key else {}
        data = None
        if body is not None:
            data, headers["Content-Type"] = msgspec.json.encode(body), "application/json"
        timeout = aiohttp.ClientTimeout(total=within)
        try:
            async with self._session.request(
                method, self._url + path, data=data, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                content = await answer.read()
        except aiohttp.ClientConnectorError as away:
            raise ProviderAway("the payment provider is away") from away
        except (TimeoutError, aiohttp.ClientError, OSError) as lost:
            raise OutcomeUnknown("the payment provider did not answer") from lost
        if answer.status == 409:
            raise ProviderConflict("the payment is in another state")
        if answer.status in (400, 404, 422):
            raise ProviderRefused("the payment provider did nothing")
        if answer.status >= 300:
            # What it did before it failed is unknown, and what it says may repeat what it was sent: it is not passed on.
            raise OutcomeUnknown(f"the payment provider answered {answer.status}")
        return content
