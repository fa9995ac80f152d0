"""This is where a test stands before a running gateway: real HTTP in front, fakes of the services behind."""

import asyncio
import contextlib
import io
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm
from shop.crm.v1.sessions_pb2 import GetKeysResponse

from gateway.__main__ import server_for
from gateway.app import Gateway
from gateway.settings import GatewaySettings
from services.kit.ids import new_id
from tests.gateway.neighbours import ROOMS, Neighbour
from tests.house import House, free_port

KID = "k1"
_LARGE = 1_000_000


@dataclass
class Answer:
    """What the gateway answered."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class Gate:
    """A running gateway and its faked neighbours."""

    base: str
    gateway: Gateway
    fakes: dict[str, Neighbour]
    session: aiohttp.ClientSession
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    async def call(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, token: str = "", **headers: Any
    ) -> Answer:
        """One request; header names are given with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["authorization"] = f"Bearer {token}"
        if body is not None:
            raw = json.dumps(body).encode()
            sent.setdefault("content-type", "application/json")
        sending = io.BytesIO(raw) if raw and len(raw) > _LARGE else raw
        async with self.session.request(method, self.base + path, data=sending, headers=sent) as response:
            content = await response.read()
            lower = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, lower, _read(content, lower))

    def token(self, audience: str = "shop", *roles: str, subject: str = "", **claims: Any) -> str:
        """An access token as crm signs it."""
        now = int(time.time())
        said: dict[str, Any] = {
            "iss": "shop",
            "aud": audience,
            "sub": subject or new_id("cus" if audience == "shop" else "stf"),
            "iat": now,
            "exp": now + 600,
            "jti": new_id("jti"),
        }
        if audience == "staff":
            said |= {"roles": list(roles), "mer": "mer_1" if "merchant" in roles else "self"}
        said = {name: value for name, value in (said | claims).items() if value is not None}
        return jwt.encode(said, self.key, "EdDSA", {"kid": KID})

    def staff(self, *roles: str) -> str:
        """A token of a member of staff."""
        return self.token("staff", *(roles or ("owner",)))

    def refuses(self, service: str, rpc: str, refusal: Exception) -> None:
        """From now on this rpc refuses."""

        def refuse(_request: Any) -> None:
            raise refusal

        self.fakes[service].script[rpc] = refuse

    def fresh(self) -> None:
        """As new, for the next test."""
        for fake in self.fakes.values():
            fake.forget()
        self.gateway.forget()
        public = json.loads(OKPAlgorithm.to_jwk(self.key.public_key()))
        jwks = json.dumps({"keys": [public | {"kid": KID, "use": "sig", "alg": "EdDSA"}]}).encode()
        self.fakes["crm"].script["GetKeys"] = lambda _: GetKeysResponse(jwks=jwks)


@contextlib.asynccontextmanager
async def opened(house: House, fakes: dict[str, Neighbour] | None = None, **settings: Any) -> AsyncIterator[Gate]:
    """A gateway on a free port, in this process, served by granian as in earnest."""
    if fakes is None:
        fakes = {name: Neighbour(name) for name in ROOMS}
        for name, fake in fakes.items():
            await house.fake(name, fake, fake.add)
    listen = f"127.0.0.1:{free_port()}"
    usual = {"rate_limit_per_s": 1e6, "metrics_listen": "off", "body_timeout_s": 0.5}
    chosen = GatewaySettings(**(house.settings | {"listen": listen} | usual | settings))
    async with Gateway(chosen).open() as gateway, aiohttp.ClientSession() as session:
        server = server_for(gateway)
        serving = asyncio.create_task(server.serve())
        gate = Gate(f"http://{listen}", gateway, fakes, session)
        gate.fresh()
        async with asyncio.timeout(10):
            while not await _answers(gate):
                await asyncio.sleep(0.01)
            await gateway.bus.connected.wait()
        yield gate
        gateway.live.end()
        server.stop()  # type: ignore[no-untyped-call]
        await serving


async def _answers(gate: Gate) -> bool:
    try:
        return (await gate.call("GET", "/healthz")).status == 200
    except aiohttp.ClientError:
        return False


def _read(content: bytes, headers: dict[str, str]) -> Any:
    return json.loads(content) if content and "json" in headers.get("content-type", "") else content
