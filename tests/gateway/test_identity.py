"""This is where tokens are forged in every way known, and none gets in."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from shop.crm.v1.sessions_pb2 import GetKeysResponse

from gateway.identity import Identity, InvalidToken, Keyring, TokenExpired
from services.kit.errors import Unavailable
from tests.gateway.gate import KID, Gate

STRANGER = Ed25519PrivateKey.generate()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parts(header: Any, claims: Any, signature: bytes = b"") -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}.{b64(signature)}"


def claims(**more: Any) -> dict[str, Any]:
    now = int(time.time())
    said = {"iss": "shop", "aud": "shop", "sub": "cus_1", "iat": now, "exp": now + 600, "jti": "j"} | more
    return {name: value for name, value in said.items() if value is not None}


def resigned(gate: Gate, header: dict[str, Any], said: dict[str, Any]) -> str:
    """Signed with the right key, under a header of the forger's."""
    signing = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(said).encode())}"
    return f"{signing}.{b64(gate.key.sign(signing.encode()))}"


def hmac_with_public_key(gate: Gate, alg: str = "HS256") -> str:
    pem = gate.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signing = f"{b64(json.dumps({'alg': alg, 'kid': KID}).encode())}.{b64(json.dumps(claims()).encode())}"
    return f"{signing}.{b64(hmac.new(pem, signing.encode(), hashlib.sha256).digest())}"


def tampered(gate: Gate) -> str:
    header, _, signature = gate.token(subject="cus_1").split(".")
    return f"{header}.{b64(json.dumps(claims(sub='cus_2')).encode())}.{signature}"


def flipped(gate: Gate) -> str:
    head, signature = gate.token().rsplit(".", 1)
    return f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def own_key_in_header(gate: Gate, field: str, value: Any) -> str:
    return jwt.encode(claims(), STRANGER, "EdDSA", {"kid": KID, field: value})


HEADER = {"alg": "EdDSA", "kid": KID, "typ": "JWT"}
FORGED: dict[str, Callable[[Gate], str]] = {
    "another key, our kid": lambda gate: jwt.encode(claims(), STRANGER, "EdDSA", {"kid": KID}),
    "another key, its kid": lambda gate: jwt.encode(claims(), STRANGER, "EdDSA", {"kid": "k2"}),
    "no kid": lambda gate: jwt.encode(claims(), gate.key, "EdDSA"),
    "kid a number": lambda gate: resigned(gate, HEADER | {"kid": 1}, claims()),
    "kid a path": lambda gate: resigned(gate, HEADER | {"kid": "../../dev/null"}, claims()),
    "kid an injection": lambda gate: resigned(gate, HEADER | {"kid": "' OR 1=1 --"}, claims()),
    "alg none": lambda gate: parts({"alg": "none", "kid": KID}, claims()),
    "alg None": lambda gate: parts({"alg": "None", "kid": KID}, claims()),
    "alg none, signed": lambda gate: resigned(gate, HEADER | {"alg": "none"}, claims()),
    "alg HS256 with the public key": hmac_with_public_key,
    "alg HS512 with the public key": lambda gate: hmac_with_public_key(gate, "HS512"),
    "alg RS256": lambda gate: parts(HEADER | {"alg": "RS256"}, claims(), b"x" * 256),
    "alg ES256": lambda gate: jwt.encode(claims(), new_ec_key(SECP256R1()), "ES256", {"kid": KID}),
    "alg lower case": lambda gate: resigned(gate, HEADER | {"alg": "eddsa"}, claims()),
    "alg a list": lambda gate: resigned(gate, HEADER | {"alg": ["EdDSA"]}, claims()),
    "own key by jwk": lambda gate: own_key_in_header(gate, "jwk", {"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
    "own key by jku": lambda gate: own_key_in_header(gate, "jku", "https://evil.example/keys"),
    "own key by x5u": lambda gate: own_key_in_header(gate, "x5u", "https://evil.example/cert"),
    "jku with our signature": lambda gate: resigned(gate, HEADER | {"jku": "https://evil.example"}, claims()),
    "crit unknown": lambda gate: resigned(gate, HEADER | {"crit": ["exp2"], "exp2": 1}, claims()),
    "b64 false": lambda gate: resigned(gate, HEADER | {"b64": False, "crit": ["b64"]}, claims()),
    "claims tampered with": tampered,
    "signature flipped": flipped,
    "signature missing": lambda gate: gate.token().rsplit(".", 1)[0] + ".",
    "signature cut": lambda gate: gate.token()[:-20],
    "two parts": lambda gate: ".".join(gate.token().split(".")[:2]),
    "four parts": lambda gate: gate.token() + ".x",
    "empty parts": lambda gate: "..",
    "not base64": lambda gate: "!!!.???.###",
    "header not JSON": lambda gate: f"{b64(b'{')}.{b64(b'{}')}.{b64(b'x')}",
    "header a list": lambda gate: f"{b64(b'[]')}.{b64(b'{}')}.{b64(b'x')}",
    "header nested deep": lambda gate: f"{b64(b'[' * 2000)}.{b64(b'{}')}.{b64(b'x')}",
    "claims a list": lambda gate: resigned(gate, HEADER, [1]),  # type: ignore[arg-type]
    "claims a string": lambda gate: resigned(gate, HEADER, "cus_1"),  # type: ignore[arg-type]
    "not yet": lambda gate: gate.token(nbf=int(time.time()) + 3600),
    "issued tomorrow": lambda gate: gate.token(iat=int(time.time()) + 86400),
    "exp a string": lambda gate: gate.token(exp="tomorrow"),
    "exp missing": lambda gate: gate.token(exp=None),
    "exp huge": lambda gate: gate.token(exp=10**30, nbf=10**30),
    "iat missing": lambda gate: gate.token(iat=None),
    "sub missing": lambda gate: jwt.encode(claims(sub=None), gate.key, "EdDSA", {"kid": KID}),
    "sub empty": lambda gate: jwt.encode(claims(sub=""), gate.key, "EdDSA", {"kid": KID}),
    "sub a number": lambda gate: resigned(gate, HEADER, claims(sub=1)),
    "sub an object": lambda gate: resigned(gate, HEADER, claims(sub={"$ne": ""})),
    "sub of staff in the shop": lambda gate: gate.token(subject="stf_1"),
    "sub with a NUL": lambda gate: gate.token(subject="cus_1\x00"),
    "sub with a newline": lambda gate: gate.token(subject="cus_1\n"),
    "aud missing": lambda gate: gate.token(aud=None),
    "aud another": lambda gate: gate.token(aud="metrics"),
    "aud both": lambda gate: gate.token(aud=["shop", "staff"]),
    "aud a list of one": lambda gate: gate.token(aud=["shop"]),
    "iss another": lambda gate: gate.token(iss="evil"),
    "iss missing": lambda gate: gate.token(iss=None),
    "jti missing": lambda gate: gate.token(jti=None),
    "staff without roles": lambda gate: gate.token("staff", roles=None),
    "staff with roles as text": lambda gate: gate.token("staff", roles="owner"),
    "staff with roles as numbers": lambda gate: gate.token("staff", roles=[1]),
    "very long": lambda gate: gate.token(pad="x" * 5000),
    "a refresh token": lambda gate: "rft_" + "x" * 43,
}
OTHERS = {
    "Basic": "Basic b3duZXI6b3Blbi1zZXNhbWU=",
    "no scheme": "token",
    "two tokens": "Bearer a b",
    "empty bearer": "Bearer ",
    "only bearer": "Bearer",
}


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.parametrize("path", ["/v1/customers/me", "/v1/carts/crt_1", "/v1/staff"])
async def test_a_forged_token_gets_nobody_in(gate: Gate, name: str, path: str) -> None:
    answer = await gate.call("GET", path, token=FORGED[name](gate))
    assert (answer.status, answer.body["code"]) == (401, "INVALID_TOKEN"), name
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("name", OTHERS)
async def test_another_kind_of_authorization_gets_nobody_in(gate: Gate, name: str) -> None:
    answer = await gate.call("GET", "/v1/customers/me", authorization=OTHERS[name])
    assert (answer.status, answer.body["code"]) == (401, "INVALID_TOKEN")


async def test_a_token_that_has_ended_says_so(gate: Gate) -> None:
    answer = await gate.call("GET", "/v1/customers/me", token=gate.token(exp=int(time.time()) - 60))
    assert (answer.status, answer.body["code"]) == (401, "TOKEN_EXPIRED")


async def test_a_good_token_gets_in_and_is_checked_once(gate: Gate) -> None:
    token = gate.token(subject="cus_1")
    for _ in range(3):
        assert (await gate.call("GET", "/v1/customers/me", token=token)).status == 200
    assert [row.id for row in gate.fakes["crm"].asked["GetCustomer"]] == ["cus_1"] * 3
    assert gate.gateway.identity.known(f"Bearer {token}") is not None


async def test_a_token_in_the_query_is_no_token(gate: Gate) -> None:
    answer = await gate.call("GET", f"/v1/customers/me?access_token={gate.token()}")
    assert answer.body["code"] == "NOT_SIGNED_IN"


class Crm:
    """Keys that can be changed, and taken away."""

    def __init__(self, **keys: Ed25519PrivateKey) -> None:
        self.keys, self.fetched, self.away = keys, 0, False

    async def fetch(self) -> bytes:
        self.fetched += 1
        if self.away:
            raise Unavailable("crm is away")
        rows = [
            json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key())) | {"kid": kid}
            for kid, key in self.keys.items()
        ]
        return GetKeysResponse(jwks=json.dumps({"keys": rows}).encode()).jwks


class Now:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


async def test_a_new_key_is_fetched_and_an_unknown_one_asked_for_at_most_every_thirty_seconds() -> None:
    old, new, now = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate(), Now()
    crm = Crm(old=old)
    identity = Identity(Keyring(crm.fetch, now), "shop")
    await identity.caller("Bearer " + jwt.encode(claims(), old, "EdDSA", {"kid": "old"}))
    crm.keys["new"] = new
    fresh = "Bearer " + jwt.encode(claims(), new, "EdDSA", {"kid": "new"})
    for _ in range(20):
        with pytest.raises(InvalidToken):
            await identity.caller(fresh)
    assert crm.fetched == 1
    now.at += 31
    assert (await identity.caller(fresh)).id == "cus_1"
    assert crm.fetched == 2


async def test_known_keys_serve_while_crm_is_away() -> None:
    key, now = Ed25519PrivateKey.generate(), Now()
    crm = Crm(k=key)
    identity = Identity(Keyring(crm.fetch, now), "shop")
    await identity.caller("Bearer " + jwt.encode(claims(), key, "EdDSA", {"kid": "k"}))
    crm.away = True
    now.at += 10_000
    assert await identity.caller("Bearer " + jwt.encode(claims(jti="2"), key, "EdDSA", {"kid": "k"}))


async def test_without_any_key_it_is_the_shops_trouble_and_not_the_callers() -> None:
    crm = Crm()
    crm.away = True
    with pytest.raises(Unavailable):
        await Identity(Keyring(crm.fetch), "shop").caller(
            "Bearer " + jwt.encode(claims(), STRANGER, "EdDSA", {"kid": "k"})
        )


async def test_a_remembered_token_ends_when_it_says() -> None:
    key, now = Ed25519PrivateKey.generate(), Now()
    now.at = time.time()
    identity = Identity(Keyring(Crm(k=key).fetch), "shop", now)
    token = "Bearer " + jwt.encode(claims(exp=int(now.at) - 3), key, "EdDSA", {"kid": "k"})  # within the leeway
    with_life = "Bearer " + jwt.encode(claims(exp=int(now.at) + 60), key, "EdDSA", {"kid": "k"})
    await identity.caller(with_life)
    assert identity.known(with_life)
    now.at += 61
    assert identity.known(with_life) is None
    now.at -= 61
    assert identity.known(token) is None
    with pytest.raises(TokenExpired):
        await identity.caller("Bearer " + jwt.encode(claims(exp=int(now.at) - 60), key, "EdDSA", {"kid": "k"}))
