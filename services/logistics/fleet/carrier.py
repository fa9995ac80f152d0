"""This is where the shop is a carrier itself: parcels of `fleet` are brought by its own riders."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date

from services.logistics.carriers import NotOffered, Offer, Parcel, PickupWish, Told, vocabulary
from services.logistics.regions import Region

OWN_FLEET = "fleet"
_DIGITS = 12


class OwnFleet:
    """Speaks the canonical names."""

    code = OWN_FLEET
    title = "同城配送 Own fleet"

    abilities = frozenset({"ship", "void", "label"})
    account_fields: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.vocabulary = vocabulary("canonical")

    async def make_waybill(self, parcel: Parcel) -> str:
        """`OF` and twelve digits nobody can guess."""
        return f"OF{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"

    async def rate(self, parcel: Parcel) -> list[Offer]:
        """Freight templates say what same-city costs. Refuses with NOT_OFFERED."""
        raise NotOffered("our riders cost what our freight templates say")

    async def void(self, shipment_id: str, waybill: str) -> None:
        """Riders are not given what was stopped."""

    async def label(self, waybill: str, form: str) -> bytes | None:
        """We draw it."""
        return None

    async def track(self, waybills: Sequence[str], phones: Mapping[str, str]) -> list[Told]:
        """Riders tell. Refuses with NOT_OFFERED."""
        raise NotOffered("our riders tell what they do")

    async def pickup(self, wish: PickupWish) -> str:
        """They leave from our depots. Refuses with NOT_OFFERED."""
        raise NotOffered("our riders leave from our depots")

    async def manifest(self, day: date, waybills: Sequence[str]) -> str:
        """Their route sheets are their manifests. Refuses with NOT_OFFERED."""
        raise NotOffered("our riders have route sheets")

    def sort_code(self, region: Region) -> str:
        """The district: riders sort by it."""
        return (region.district or region.city).strip()
