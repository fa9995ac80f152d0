"""This is where what people type is made fit to keep: names, e-mail addresses, ids. Pure."""

import re
import unicodedata
from dataclasses import dataclass, fields

from email_validator import EmailNotValidError, validate_email

from services.kit.errors import FieldError, Invalid

_JOINERS = "\u200c\u200d"  # Persian and Indic names are spelled with them
_EMAIL_LENGTH = 254
_NAME_LENGTH = 100


class InvalidEmail(Invalid):
    """Not an e-mail address anybody could be written to."""


class InvalidName(Invalid):
    """Empty, too long, or with characters that do not show."""


class InvalidId(Invalid):
    """Not an id of this kind."""


class InvalidAddress(Invalid):
    """A part of the address is missing, too long or not of its form."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where something is sent: ISO 3166-1 alpha-2 country, E.164 phone; province and district may be empty."""

    country: str
    province: str
    city: str
    district: str
    street: str
    name: str
    phone: str


def plain_text(text: str, most: int) -> str | None:
    """`text` in NFKC without blank ends; None when it is longer than `most` or holds control or invisible characters."""
    if len(text) > most * 4:
        return None
    text = unicodedata.normalize("NFKC", text).strip()
    hidden = any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and c not in _JOINERS for c in text)
    return None if hidden or len(text) > most else text


def person_name(name: str) -> str:
    """A name fit to keep, 1 to 100 characters. Refuses with INVALID_NAME."""
    text = plain_text(name, _NAME_LENGTH)
    if not text or not any(c.isalnum() for c in text):
        raise InvalidName(errors=[FieldError("/name", f"1 to {_NAME_LENGTH} characters that can be seen")])
    return text


def email_address(email: str, *, development: bool = False) -> str:
    """An address fit to write to. Refuses with INVALID_EMAIL.

    The part before the @ is ASCII: two accounts must not look the same (Cyrillic а, Latin a). `development` lets the
    reserved domain `.test` in.
    """
    text = plain_text(email, _EMAIL_LENGTH) or ""
    try:
        address = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, strict=True, test_environment=development
        )
    except EmailNotValidError as bad:
        raise InvalidEmail(errors=[FieldError("/email", "not an e-mail address")]) from bad
    return address.normalized


def email_key(email: str) -> str:
    """What two spellings of one address have in common: NFKC and casefold. Never fails: sign-in takes any text."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


_PART_LENGTH = {"country": 2, "province": 100, "city": 100, "district": 100, "street": 300, "name": 100, "phone": 32}
_MAY_BE_EMPTY = ("province", "district")
_FORM = {"country": re.compile("[A-Z]{2}"), "phone": re.compile(r"\+[1-9][0-9]{6,14}")}


def fit_address(typed: Address) -> Address:
    """An address fit to keep. Refuses with INVALID_ADDRESS, every part at once. A phone may come with blanks and dashes."""
    parts, errors = {}, []
    for part in (known.name for known in fields(Address)):
        text = plain_text(getattr(typed, part), _PART_LENGTH[part])
        if part == "phone" and text:
            text = re.sub(r"[ ()-]", "", text)
        if text is None or (not text and part not in _MAY_BE_EMPTY):
            errors.append(FieldError(f"/address/{part}", f"1 to {_PART_LENGTH[part]} characters that can be seen"))
        elif part in _FORM and not _FORM[part].fullmatch(text):
            errors.append(FieldError(f"/address/{part}", f"must match {_FORM[part].pattern}"))
        else:
            parts[part] = text
    if errors:
        raise InvalidAddress(errors=errors)
    return Address(**parts)


def checked_id(text: str, prefix: str, pointer: str) -> str:
    """An id of this kind, `prefix_…`. Refuses with INVALID_ID."""
    if not re.fullmatch(rf"{prefix}_[0-9A-Za-z_-]{{1,64}}", text):
        raise InvalidId(errors=[FieldError(pointer, f"an id begins with {prefix}_")])
    return text


def e164(typed: str) -> str:
    """A phone number as address books have it; empty for what is none. A Chinese mobile number may lack its country code."""
    number = "".join(c for c in typed if c not in " -().")
    number = f"+86{number}" if re.fullmatch("1[0-9]{10}", number) else number
    return number if _FORM["phone"].fullmatch(number) else ""
