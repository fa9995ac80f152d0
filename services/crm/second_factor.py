"""This is where six digits prove that somebody holds their telephone: TOTP (RFC 6238), each code good once."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime

import pyotp

_STEP_S = 30
_DRIFT = 1  # steps a telephone's clock may be off


@dataclass
class SecondFactor:
    """A member of staff's second factor: begun, then on once a code has proved it. `last_step` is the last one used."""

    sealed: bytes
    on: bool = False
    last_step: int = -1


def new_secret() -> str:
    """160 bits, base 32."""
    return pyotp.random_base32(32)


def enrolment_uri(secret: str, email: str) -> str:
    """What an authenticator app reads, as a QR code or as text."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Shop")


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step a code is right for, one either side of now at most; None when it is wrong."""
    if not re.fullmatch("[0-9]{6}", code):
        return None
    current = int(now.timestamp()) // _STEP_S
    codes = pyotp.TOTP(secret)
    for step in range(current - _DRIFT, current + _DRIFT + 1):
        if hmac.compare_digest(codes.at(step * _STEP_S), code):
            return step
    return None
