"""This is where a partner carrier lives: everything it needs it fetches at `/carrier/v1` or is told by webhook."""

from collections.abc import Mapping, Sequence
from datetime import date

from services.logistics.carriers import NotOffered, Offer, Parcel, PickupWish, Told, vocabulary
from services.logistics.carriers.numbers import waybill
from services.logistics.regions import Region, city


class Partner:
    """One of any number: its code, title, prefix and vocabulary are data. Numbers come from its own series, made here."""

    abilities = frozenset({"ship", "void", "label", "pickup", "manifest"})
    account_fields: tuple[str, ...] = ()

    def __init__(self, code: str, title: str, prefix: str, speaks: str) -> None:
        self.code, self.title, self.prefix, self.speaks = code, title, prefix, speaks
        self.vocabulary = vocabulary("canonical", speaks)

    async def rate(self, parcel: Parcel) -> list[Offer]:
        """Its prices are our freight templates. Refuses with NOT_OFFERED."""
        raise NotOffered(f"{self.title} is paid as our freight templates say")

    async def make_waybill(self, parcel: Parcel) -> str:
        """The next of its series; it finds the parcel among its shipments."""
        return waybill(self.prefix)

    async def void(self, shipment_id: str, waybill: str) -> None:
        """It finds the parcel cancelled, and is told of it."""

    async def label(self, waybill: str, form: str) -> bytes | None:
        """We draw it; it may fetch it."""
        return None

    async def track(self, waybills: Sequence[str], phones: Mapping[str, str]) -> list[Told]:
        """It tells, it is not asked. Refuses with NOT_OFFERED."""
        raise NotOffered(f"{self.title} tells its scans itself")

    async def pickup(self, wish: PickupWish) -> str:
        """It lists its pickups; ours is the number."""
        return wish.id

    async def manifest(self, day: date, waybills: Sequence[str]) -> str:
        """It lists its shipments; the number is ours."""
        return f"{self.prefix}{day:%Y%m%d}"

    def sort_code(self, region: Region) -> str:
        """The city."""
        return city(region.city).upper()
