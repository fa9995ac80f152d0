"""This is where it is said where a checkout came from, as far as that names nobody. Pure."""

import re
from dataclasses import dataclass, field

from services.kit.errors import Invalid

from . import limits

_COUNTRY = re.compile(r"([A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class Origin:
    """The device and the network address as salted hashes, that address's country, and what the buyer says of the card: its
    country, and the name on it, which is compared and never kept."""

    device: bytes = b""
    address: bytes = b""
    country: str = ""
    billing_country: str = ""
    billing_name: str = field(default="", repr=False)

    def check(self) -> None:
        """Refuses what could not have come from the gateway."""
        if len(self.device) > 64 or len(self.address) > 64 or not _COUNTRY.fullmatch(self.country):
            raise limits.refused("/origin", "hashes of at most 64 bytes, and a country", Invalid)
        if not _COUNTRY.fullmatch(self.billing_country):
            raise limits.refused("/payment/billing/country", "an ISO 3166-1 alpha-2 code", Invalid)
        limits.text(self.billing_name, "/payment/billing/name", 100)


NOWHERE = Origin()
