"""This is where what names a person is sealed before it is kept or told outside crm (AES-256-GCM)."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.kit.errors import Invalid


class SealBroken(Invalid):
    """Not sealed with this key, for this subject; or tampered with."""


class Seal:
    """Seals bytes for a subject; what is sealed for one subject does not open for another."""

    def __init__(self, key: str) -> None:
        raw = base64.b64decode(key)
        if len(raw) != 32:
            raise Invalid("a seal key is 32 bytes, base64")
        self._cipher = AESGCM(raw)

    def close(self, plain: bytes, subject: str) -> bytes:
        """nonce + ciphertext + tag."""
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, plain, subject.encode())

    def open(self, sealed: bytes, subject: str) -> bytes:
        """What was sealed. Raises `SealBroken`."""
        try:
            return self._cipher.decrypt(sealed[:12], sealed[12:], subject.encode())
        except InvalidTag as broken:
            raise SealBroken(f"the seal of {subject} is broken") from broken
