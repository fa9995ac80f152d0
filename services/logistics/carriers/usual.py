"""This is where it stands what most carriers do alike: each says for itself only what is its own."""

from collections.abc import Mapping, Sequence

from services.logistics.carriers import HandedOver, NotOffered, Offer, Parcel, PickupWish, Told
from services.logistics.regions import Region, city


class Usual:
    """A carrier that is paid as our freight templates say, whose labels we draw, whose couriers come by agreement, that
    tells its scans itself, takes no manifests, and sorts by city."""

    title: str

    async def rate(self, parcel: Parcel) -> list[Offer]:
        """Refuses with NOT_OFFERED."""
        raise NotOffered(f"{self.title} is paid as our freight templates say")

    async def labels(self, waybills: Sequence[str], form: str) -> Mapping[str, bytes]:
        """We draw them."""
        return {}

    async def track(self, waybills: Sequence[str], phones: Mapping[str, str]) -> list[Told]:
        """Refuses with NOT_OFFERED."""
        raise NotOffered(f"{self.title} tells its scans itself")

    async def pickup(self, wish: PickupWish) -> str:
        """Its couriers come without being called; the number is ours."""
        return wish.id

    async def manifest(self, handed: HandedOver) -> str:
        """Refuses with NOT_OFFERED."""
        raise NotOffered(f"{self.title} takes no manifests")

    def sort_code(self, region: Region) -> str:
        """The city."""
        return city(region.city).upper()
