"""This is where an address is checked, and told apart from the region that names nobody. Pure."""

import re
from dataclasses import dataclass

from services.kit.errors import Invalid

from . import limits

_COUNTRY = re.compile(r"[A-Z]{2}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_CHINESE_MOBILE = re.compile(r"1[0-9]{10}")
DOUBTFUL = 50
_BETWEEN_DIGITS = str.maketrans("", "", " -().")


class InvalidAddress(Invalid):
    """Nothing can be sent there as it is written."""


@dataclass(frozen=True, slots=True)
class Region:
    """The part of an address that names nobody: enough to price and to route by."""

    country: str
    province: str = ""
    city: str = ""
    district: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where something is sent. Personal: kept sealed, never logged."""

    country: str
    province: str
    city: str
    district: str
    street: str
    name: str
    phone: str

    @property
    def region(self) -> Region:
        """Its part that names nobody."""
        return Region(self.country, self.province, self.city, self.district)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What logistics makes of an address: the GB/T 2260 code of its place (empty abroad), how sure it is (0 to 100), why not
    surer, and how the place is called where that is not how it was written."""

    code: str
    confidence: int
    reasons: tuple[str, ...] = ()
    better: Region | None = None

    @property
    def doubtful(self) -> bool:
        """Whether somebody should look."""
        return self.confidence < DOUBTFUL


def checked(address: Address) -> Address:
    """The address, tidied. Refuses with INVALID_ADDRESS and the field."""
    if not _COUNTRY.fullmatch(address.country):
        raise limits.refused("/country", "an ISO 3166-1 alpha-2 code", InvalidAddress)
    return Address(
        address.country,
        limits.text(address.province, "/province", 100, InvalidAddress),
        limits.text(address.city, "/city", 100, InvalidAddress, needed=True),
        limits.text(address.district, "/district", 100, InvalidAddress),
        limits.text(address.street, "/street", 300, InvalidAddress, needed=True),
        limits.text(address.name, "/name", 100, InvalidAddress, needed=True),
        _phone(address.phone, address.country),
    )


def _phone(given: str, country: str) -> str:
    """E.164. A Chinese mobile number without its country code is what people type, so it is understood."""
    digits = limits.text(given, "/phone", 40, InvalidAddress, needed=True).translate(_BETWEEN_DIGITS)
    if country == "CN" and _CHINESE_MOBILE.fullmatch(digits):
        digits = "+86" + digits
    if not _E164.fullmatch(digits):
        raise limits.refused("/phone", "an E.164 phone number: +8613812345678", InvalidAddress)
    return digits
