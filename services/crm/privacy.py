"""This is where what names a person is sealed: a key per person, wrapped by the master key; no key, no person."""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass

from services.kit.errors import NotFound
from services.kit.seal import Seal
from services.kit.store import Store

from .people import email_key


@dataclass
class DataKey:
    """A person's key. Deleting it erases the person wherever their data lie, backups of the rest included."""

    id: str  # whose: `cus_…` or `stf_…`
    wrapped: bytes
    version: int = 0


class Forgotten(NotFound):
    """There is no key: this person has been erased, or never was."""


class PersonSeal:
    """Seals and opens the fields of one person; a field's seal does not open as another field, nor as another person's."""

    def __init__(self, subject: str, raw: bytes) -> None:
        self._subject, self._seal = subject, Seal(base64.b64encode(raw).decode())

    def close(self, field: str, plain: str) -> bytes:
        """The field, sealed."""
        return self._seal.close(plain.encode(), f"{self._subject}|{field}")

    def open(self, field: str, sealed: bytes) -> str:
        """The field in clear. Raises `SealBroken`."""
        return self._seal.open(sealed, f"{self._subject}|{field}").decode()


class Privacy:
    """Makes, finds and destroys the keys of people, and indexes e-mail addresses blindly."""

    def __init__(self, keys: Store[DataKey], master_key: str) -> None:
        self._keys, self._master = keys, Seal(master_key)
        # Its own key, so that the index says nothing about the seals: HMAC as a key derivation, one label a purpose.
        self._index_key = hmac.digest(base64.b64decode(master_key), b"shop.crm|e-mail index", hashlib.sha256)

    async def begin(self, subject: str) -> PersonSeal:
        """A new person's seal."""
        raw = os.urandom(32)
        await self._keys.insert(DataKey(subject, self._master.close(raw, subject)))
        return PersonSeal(subject, raw)

    async def find(self, subject: str) -> PersonSeal | None:
        """A person's seal; None when there is no such person, or no more."""
        return (await self.find_many([subject])).get(subject)

    async def of(self, subject: str) -> PersonSeal:
        """A person's seal. Refuses with FORGOTTEN."""
        seal = await self.find(subject)
        if seal is None:
            raise Forgotten("no key of this person is left")
        return seal

    async def find_many(self, subjects: Sequence[str]) -> dict[str, PersonSeal]:
        """The seals there are of several people, in one read."""
        keys = await self._keys.get_many(subjects)
        return {key.id: PersonSeal(key.id, self._master.open(key.wrapped, key.id)) for key in keys.values()}

    async def forget(self, subject: str) -> None:
        """Destroys a person's key: nothing sealed with it opens again."""
        await self._keys.collection.delete_one({"_id": subject})

    def email_index(self, email: str) -> bytes:
        """What an address is found by: HMAC-SHA256 of its normal form; the address cannot be read from it."""
        return hmac.digest(self._index_key, email_key(email).encode("utf-8", "replace"), hashlib.sha256)

    def phone_index(self, e164: str) -> bytes:
        """The same of a phone number, with a label of its own."""
        return hmac.digest(self._index_key, b"phone|" + e164.encode("ascii", "replace"), hashlib.sha256)
