"""This is where the shop is spoken to from outside, over its public HTTP API: by the demo, the stories and the benches."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

OWNER = {"email": "owner@example.com", "password": "open-sesame-dev"}
CARRIER_KEY = "dev-carrier"
CARRIER_SECRET = "whsec_ZGV2LWNhcnJpZXItc2VjcmV0LTAwMDAwMDAwMDAwMA=="
ADDRESS = {
    "country": "CN",
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "street": "文三路 90 号",
    "name": "王小明",
    "phone": "+8613812345678",
}


@dataclass
class Answer:
    """What the shop answered."""

    status: int
    body: Any
    headers: Mapping[str, str]  # names in any case

    def expect(self, *statuses: int) -> Any:
        """The body, if the status is one of these. Raises `Unexpected`."""
        if self.status not in statuses:
            raise Unexpected(f"{self.status} {self.body}")
        return self.body


class Unexpected(AssertionError):
    """The shop answered something else."""


@dataclass
class Client:
    """Somebody who talks to the shop; `token` is theirs once signed in."""

    base: str
    session: aiohttp.ClientSession
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", raw: bytes | None = None, **headers: str
    ) -> Answer:
        """One request. `key` is an Idempotency-Key; header names are given with underscores."""
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if key:
            sent["Idempotency-Key"] = key
        data = raw
        if body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), sent.get("Content-Type", "application/json")
        async with self.session.request(method, self.base + path, data=data, headers=sent) as response:
            content = await response.read()
            kind = response.headers.get("Content-Type", "")
            return Answer(response.status, json.loads(content) if "json" in kind else content, response.headers)

    async def get(self, path: str, **headers: str) -> Any:
        """A body that must be there."""
        return (await self.call("GET", path, None, key="", raw=None, **headers)).expect(200)

    def another(self) -> Self:
        """Somebody else, signed out."""
        return type(self)(self.base, self.session)


class Customer(Client):
    """A customer, or a guest until they sign in."""

    async def register(self, name: str = "王小明") -> str:
        """Registers under a fresh e-mail address and signs in; answers the customer's id."""
        who = {"email": f"c{uuid.uuid4().hex}@example.com", "password": f"pass-{uuid.uuid4().hex}"}
        customer = (await self.call("POST", "/v1/customers", who | {"name": name})).expect(201)
        self.token = (await self.call("POST", "/v1/sessions", who)).expect(201)["access_token"]
        return str(customer["id"])

    async def filled_cart(
        self, lines: dict[str, int], address: dict[str, str] | None = None, delivery: str = ""
    ) -> str:
        """A cart with lines, an address and a delivery, the cheapest unless named; its id."""
        cart = str((await self.call("POST", "/v1/carts")).expect(201)["id"])
        for sku, quantity in lines.items():
            (await self.call("PUT", f"/v1/carts/{cart}/lines/{sku}", {"quantity": quantity})).expect(200)
        (await self.call("PUT", f"/v1/carts/{cart}/address", address or ADDRESS)).expect(200)
        if not delivery:
            delivery = (await self.get(f"/v1/carts/{cart}/delivery-options"))["items"][0]["id"]
        (await self.call("PUT", f"/v1/carts/{cart}/delivery", {"option": delivery})).expect(200)
        return cart

    async def check_out(self, cart: str, token: str = "tok_ok", key: str = "", **more: Any) -> Answer:
        """Tries to order a cart."""
        body = {"cart_id": cart, "payment": {"method": "card", "token": token}} | more
        if not self.token:
            body.setdefault("email", "guest@example.com")
        return await self.call("POST", "/v1/checkouts", body, key=key or uuid.uuid4().hex)

    async def buy(self, lines: dict[str, int], token: str = "tok_ok", delivery: str = "", **more: Any) -> Any:
        """An order."""
        cart = await self.filled_cart(lines, delivery=delivery)
        return (await self.check_out(cart, token, **more)).expect(201)


class Staff(Client):
    """A member of staff."""

    async def sign_in(self, **who: str) -> Self:
        """As the owner unless told otherwise."""
        self.token = (await self.call("POST", "/v1/staff/sessions", who or OWNER)).expect(201)["access_token"]
        return self

    async def import_products(self, rows: list[dict[str, object]], publish: bool = True) -> Any:
        """Imports rows as CSV; every one must go in."""
        columns = list(rows[0])
        lines = [",".join(columns), *(",".join(_cell(row[column]) for column in columns) for row in rows)]
        path = f"/v1/products/import?publish={'true' if publish else 'false'}"
        answer = await self.call("POST", path, raw="\n".join(lines).encode(), Content_Type="text/csv")
        body = answer.expect(200)
        if body["rejected"]:
            raise Unexpected([row for row in body["rows"] if not row["ok"]][:5])
        return body


def _cell(value: object) -> str:
    return '"' + str(value).replace('"', '""') + '"'


class Carrier(Client):
    """A partner carrier, which signs what it sends (Standard Webhooks)."""

    key_id: str = CARRIER_KEY
    secret: str = CARRIER_SECRET

    async def signed(self, method: str, path: str, body: Any = None) -> Answer:
        """One signed request."""
        raw = json.dumps(body).encode() if body is not None else b""
        identity, at = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
        secret = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.new(secret, f"{identity}.{at}.".encode() + raw, hashlib.sha256).digest()
        headers = {
            "X-Carrier-Key": self.key_id,
            "webhook-id": identity,
            "webhook-timestamp": at,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        return await self.call(method, path, raw=raw or None, **headers)

    async def scan(self, waybill: str, *codes: str, at: str) -> Any:
        """Scans of one parcel, all accepted."""
        scans = [{"waybill": waybill, "code": code, "occurred_at": at} for code in codes]
        return (await self.signed("POST", "/carrier/v1/scans", {"scans": scans})).expect(200)
