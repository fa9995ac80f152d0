"""This is where the shop is a carrier itself: parcels of `fleet` are brought by its own riders."""

import secrets

from services.logistics.carriers import NotOffered, Parcel, PickupWish, vocabulary
from services.logistics.carriers.usual import Usual
from services.logistics.regions import Region

OWN_FLEET = "fleet"
_DIGITS = 12


class OwnFleet(Usual):
    """Speaks the canonical names. Route sheets are its manifests."""

    code = OWN_FLEET
    title = "同城配送 Own fleet"

    abilities = frozenset({"ship", "void", "label"})
    account_fields: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.vocabulary = vocabulary("canonical")

    async def make_waybill(self, parcel: Parcel) -> str:
        """`OF` and twelve digits nobody can guess."""
        return f"OF{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"

    async def void(self, shipment_id: str, waybill: str) -> None:
        """Riders are not given what was stopped."""

    async def pickup(self, wish: PickupWish) -> str:
        """They leave from our depots. Refuses with NOT_OFFERED."""
        raise NotOffered("our riders leave from our depots")

    def sort_code(self, region: Region) -> str:
        """The district: riders sort by it."""
        return (region.district or region.city).strip()
