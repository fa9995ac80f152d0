"""This is where it is kept whom to reach at a merchant: sealed, and masked for who need not know. Pure."""

import re
from dataclasses import dataclass

import msgspec

from services.catalog.fields import Faults
from services.kit.seal import Seal

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,185}\.[^\s@.]{1,63}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_CHINESE_NUMBER = re.compile(r"(1[0-9]{10}|0[0-9]{9,11})")
_BETWEEN_DIGITS = str.maketrans("", "", " -().")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to reach. Personal: kept sealed, never logged."""

    name: str
    phone: str
    email: str

    @property
    def masked(self) -> "Contact":
        """Enough to know it again, too little to reach anybody."""
        name, _, domain = self.email.partition("@")
        return Contact(
            f"{self.name[:1]}**", f"{self.phone[:3]}****{self.phone[-4:]}", f"{name[:1]}***@{domain}" if domain else ""
        )


def checked(faults: Faults, pointer: str, contact: Contact) -> Contact:
    """The contact, tidied. A Chinese number without its country code is what people type, so it is understood."""
    name = faults.text(f"{pointer}/name", contact.name, 100, least=1)
    phone = contact.phone.translate(_BETWEEN_DIGITS)
    if _CHINESE_NUMBER.fullmatch(phone):
        phone = "+86" + phone.removeprefix("0")
    if not _E164.fullmatch(phone):
        faults.add(f"{pointer}/phone", "must be an E.164 phone number: +8613812345678")
    email = contact.email.strip()
    if not _EMAIL.fullmatch(email):
        faults.add(f"{pointer}/email", "must be an e-mail address")
    return Contact(name, phone, email)


def sealed(seal: Seal, contact: Contact, subject: str) -> bytes:
    """As it is kept with `subject`: an application or a merchant."""
    return seal.close(msgspec.json.encode(contact), subject)


def unsealed(seal: Seal, kept: bytes, subject: str) -> Contact:
    """As it was given."""
    return msgspec.json.decode(seal.open(kept, subject), type=Contact)
