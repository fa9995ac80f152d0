"""This is where it is said where a request comes from without saying who sends it: the device and the network address leave
the gateway as salted hashes only, for the fraud score."""

import hashlib
import re

from fastapi import Request
from shop.orders.v1 import checkout_pb2 as pb

from gateway.bodies import header
from gateway.limits import client_of
from gateway.settings import GatewaySettings

DEVICE_HEADER, DEVICE_COOKIE = b"x-device-id", "shop_device"
_DEVICE = re.compile(r"[\x21-\x7e]{8,200}")
_COUNTRY, _UNKNOWN = re.compile(r"[A-Z]{2}"), "XX"


def origin_of(request: Request) -> pb.Origin:
    """Where it comes from. What is not as it should be is as if nobody had said it: no order fails because of it."""
    scope = request.scope
    settings: GatewaySettings = scope["app"].state.gateway.settings
    peer = (scope.get("client") or ("", 0))[0]
    hops = settings.forwarded_hops
    address = client_of(peer, header(scope, b"x-forwarded-for"), hops)
    country = header(scope, settings.country_header.lower().encode()) if hops and settings.country_header else ""
    return pb.Origin(
        device=_salted(settings.origin_salt, b"device", _device(request)),
        address=_salted(settings.origin_salt, b"address", address),
        country=country if _COUNTRY.fullmatch(country) and country != _UNKNOWN else "",
    )


def _device(request: Request) -> str:
    said = header(request.scope, DEVICE_HEADER) or request.cookies.get(DEVICE_COOKIE, "")
    return said if _DEVICE.fullmatch(said) else ""


def _salted(salt: str, kind: bytes, value: str) -> bytes:
    """128 bits that cannot be turned back without the salt; empty for nothing."""
    if not value:
        return b""
    key = hashlib.sha256(salt.encode()).digest()
    return hashlib.blake2b(value.encode(), digest_size=16, key=key, person=kind).digest()
