"""This is where the shop is a carrier itself: parcels of `fleet` are brought by its own riders."""

import secrets

from services.logistics.carriers import Parcel, vocabulary
from services.logistics.regions import Region

OWN_FLEET = "fleet"
_DIGITS = 12


class OwnFleet:
    """Speaks the canonical names."""

    code = OWN_FLEET
    title = "同城配送 Own fleet"

    def __init__(self) -> None:
        self.vocabulary = vocabulary("canonical")

    async def make_waybill(self, parcel: Parcel) -> str:
        """`OF` and twelve digits nobody can guess."""
        return f"OF{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"

    def sort_code(self, region: Region) -> str:
        """The district: riders sort by it."""
        return (region.district or region.city).strip()
