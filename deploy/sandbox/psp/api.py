"""This is where merchants, customers and witnesses come in over HTTP."""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from aiohttp import web

from deploy.sandbox.psp.ledger import Ledger
from deploy.sandbox.psp.payment import Charge, Payment, Refusal, fingerprint_of
from deploy.sandbox.psp.settings import PspSettings
from deploy.sandbox.psp.settlements import settlement_file
from deploy.sandbox.psp.tokens import card_of
from deploy.sandbox.psp.webhooks import Webhooks

Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]
_BODY_LIMIT = 16 * 1024
_Amount = Annotated[int, msgspec.Meta(ge=1, le=10**12)]
_PAGE = """<!doctype html><meta charset="utf-8"><title>Sandbox bank</title><h1>Pay {amount}?</h1>
<form method="post"><button>Confirm</button> <button formaction="?decline=1">Decline</button></form>"""


class PaymentBody(msgspec.Struct):
    """`POST /v1/payments`."""

    amount_minor: _Amount
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    token: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    reference: Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]{1,128}$")]
    capture: bool = True


class CaptureBody(msgspec.Struct):
    """`POST /v1/payments/{id}/capture`; without an amount all that is left."""

    amount_minor: Annotated[int, msgspec.Meta(ge=0, le=10**12)] = 0


class RefundBody(msgspec.Struct):
    """`POST /v1/payments/{id}/refunds`."""

    amount_minor: _Amount


_payment_body = msgspec.json.Decoder(PaymentBody)
_capture_body = msgspec.json.Decoder(CaptureBody)
_refund_body = msgspec.json.Decoder(RefundBody)


class Api:
    """The routes."""

    def __init__(self, settings: PspSettings, ledger: Ledger, webhooks: Webhooks) -> None:
        self._secret, self._ledger, self._webhooks = settings.secret, ledger, webhooks
        self._bearer = f"Bearer {settings.secret}".encode()

    def app(self) -> web.Application:
        """The application."""
        app = web.Application(client_max_size=_BODY_LIMIT, middlewares=[self._doors])
        app.add_routes(
            [
                web.get("/healthz", self.health),
                web.post("/v1/payments", self.charge),
                web.get("/v1/payments", self.find),
                web.get("/v1/payments/{id}", self.get),
                web.post("/v1/payments/{id}/capture", self.capture),
                web.post("/v1/payments/{id}/void", self.void),
                web.post("/v1/payments/{id}/confirm", self.confirm),
                web.post("/v1/payments/{id}/refunds", self.refund),
                web.get("/v1/payments/{id}/movements", self.movements),
                web.post("/v1/desk/{id}/{what:capture|refund}", self.at_the_desk),
                web.get("/v1/settlements", self.settlement),
                web.get("/v1/ledger", self.entries),
                web.get("/sandbox/confirm/{id}", self.confirm_page),
                web.post("/sandbox/confirm/{id}", self.customer_confirms),
            ]
        )
        return app

    @web.middleware
    async def _doors(self, request: web.Request, handler: Answers) -> web.StreamResponse:
        """Lets in who has the secret; turns refusals and bad input into answers."""
        try:
            self._let_in(request)
            return await handler(request)
        except Refusal as refusal:
            return _json({"error": {"code": refusal.code, "message": refusal.message}}, refusal.status)
        except msgspec.DecodeError as bad:
            return _json({"error": {"code": "invalid_request", "message": str(bad)}}, 400)
        except web.HTTPException as error:
            code = error.reason.lower().replace(" ", "_")
            return _json({"error": {"code": code, "message": error.reason}}, error.status)

    def _let_in(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "").encode(errors="replace")
        if request.path.startswith("/v1/") and not hmac.compare_digest(given, self._bearer):
            raise Refusal(401, "unauthenticated", "Authorization: Bearer and the secret, please")

    async def health(self, _request: web.Request) -> web.Response:
        """It lives."""
        return _json({"status": "ok"})

    async def charge(self, request: web.Request) -> web.StreamResponse:
        """Charges once a key; a card may take its time, or lose the answer the first time."""
        key, asked = _key(request), _payment_body.decode(await request.read())
        card = card_of(asked.token)
        charge = Charge(asked.amount_minor, asked.currency, asked.capture, asked.reference, card)
        answer = self._ledger.charge(key, fingerprint_of(self._secret, msgspec.structs.astuple(asked)), charge)
        if not answer.replayed:
            self._webhooks.wake()
            if card.loses_the_answer and request.transport:
                request.transport.abort()
            await asyncio.sleep(card.answers_after_s)
        body = self._shown(request, answer.body)
        return _json(body, 201, replayed=answer.replayed)

    async def find(self, request: web.Request) -> web.Response:
        """A reference's payments."""
        found = self._ledger.payments_of(request.query.get("reference", ""))
        return _json({"payments": [self._shown(request, payment.shown()) for payment in found]})

    async def get(self, request: web.Request) -> web.Response:
        """One payment."""
        return self._answer(request, self._ledger.payment(request.match_info["id"]))

    async def capture(self, request: web.Request) -> web.Response:
        """Takes what was authorised, or some of it once a key."""
        content = await request.read()
        amount = _capture_body.decode(content).amount_minor if content else 0
        key = request.headers.get("Idempotency-Key", "")[:255]
        return self._answer(request, self._ledger.capture(request.match_info["id"], amount, key))

    async def void(self, request: web.Request) -> web.Response:
        """Lets go of what was not captured."""
        key = request.headers.get("Idempotency-Key", "")[:255]
        return self._answer(request, self._ledger.void(request.match_info["id"], key))

    async def confirm(self, request: web.Request) -> web.Response:
        """As if the customer had confirmed."""
        return self._answer(request, self._ledger.confirm(request.match_info["id"]))

    async def refund(self, request: web.Request) -> web.Response:
        """Gives back once a key."""
        key, asked, payment_id = _key(request), _refund_body.decode(await request.read()), request.match_info["id"]
        fingerprint = fingerprint_of(self._secret, payment_id, asked.amount_minor)
        answer = self._ledger.refund(key, fingerprint, payment_id, asked.amount_minor)
        self._webhooks.wake()
        return _json(answer.body, 201, replayed=answer.replayed)

    async def movements(self, request: web.Request) -> web.Response:
        """What was done with a payment."""
        return _json({"movements": self._ledger.movements(request.match_info["id"])})

    async def at_the_desk(self, request: web.Request) -> web.Response:
        """What the merchant's people do by hand in the provider's own back office: no key, told by webhook."""
        payment_id, what = request.match_info["id"], request.match_info["what"]
        amount = _refund_body.decode(await request.read()).amount_minor
        if what == "capture":
            self._ledger.capture(payment_id, amount)
            self._ledger.tell(payment_id, "captured")
        else:
            self._ledger.refund(f"desk {time.time_ns()}", b"desk", payment_id, amount, desk=True)
        return self._answer(request, self._ledger.payment(payment_id))

    async def settlement(self, request: web.Request) -> web.Response:
        """The settlement file of a span of time: CSV, paid out the next day."""
        begin, end = (_number(request, name, default) for name, default in (("from", 0), ("to", int(time.time()) + 1)))
        text = settlement_file(self._ledger.between(begin, end))
        return web.Response(text=text, content_type="text/csv")

    async def entries(self, request: web.Request) -> web.Response:
        """What was done."""
        entries = self._ledger.entries(_number(request, "since", 0), _number(request, "limit", -1))
        return _json({"entries": entries})

    async def confirm_page(self, request: web.Request) -> web.Response:
        """What the customer sees."""
        payment = self._ledger.payment(request.match_info["id"])
        if payment.status != "requires_confirmation":
            return web.Response(text=f"<p>{payment.status}", content_type="text/html")
        amount = f"{payment.amount} {payment.currency} (minor units)"
        return web.Response(text=_PAGE.format(amount=amount), content_type="text/html")

    async def customer_confirms(self, request: web.Request) -> web.Response:
        """What the customer does: confirms, or with `?decline=1` does not. Whoever has the address is the customer."""
        payment = self._ledger.confirm(request.match_info["id"], agreed="decline" not in request.query)
        if "text/html" in request.headers.get("Accept", ""):
            self._webhooks.wake()
            return web.Response(text=f"<p>{payment.status}", content_type="text/html")
        return self._answer(request, payment)

    def _answer(self, request: web.Request, payment: Payment) -> web.Response:
        self._webhooks.wake()
        return _json(self._shown(request, payment.shown()))

    @staticmethod
    def _shown(request: web.Request, payment: dict[str, Any]) -> dict[str, Any]:
        if payment["status"] != "requires_confirmation":
            return payment
        return payment | {"confirm_url": f"{request.scheme}://{request.host}/sandbox/confirm/{payment['id']}"}


def _key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not (0 < len(key) <= 255 and key.isprintable()):
        raise Refusal(400, "key_missing", "Idempotency-Key, 1 to 255 printable characters, please")
    return key


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if text != str(default) and not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Refusal(400, "invalid_request", f"{name} is a whole number")
    return int(text)


def _json(body: dict[str, Any], status: int = 200, *, replayed: bool = False) -> web.Response:
    headers = {"Idempotent-Replayed": "true"} if replayed else None
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json", headers=headers)
