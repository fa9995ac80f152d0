"""This is where the built-in carrier lives: it brings nothing, but answers as a carrier does."""

from collections.abc import Mapping, Sequence

from services.kit.clock import Clock, SystemClock
from services.kit.money import Money
from services.logistics.carriers import (
    ABILITIES,
    DEFAULT_CARRIER,
    CarrierRefused,
    HandedOver,
    Offer,
    Parcel,
    PickupWish,
    Told,
    vocabulary,
)
from services.logistics.carriers.numbers import waybill
from services.logistics.carriers.usual import Usual
from services.logistics.regions import Region, city, distance

from . import messages

_FIRST_KG, _MORE_KG, _FAR = 800, 300, 400  # minor units
_PICKED_UP_OR_LATER = frozenset({"delivered", "returning", "returned", "out_for_delivery"})


class Sandbox(Usual):
    """Speaks the canonical names and the codes of the Kuaidi100 family. Its magic numbers are in `messages`."""

    code = DEFAULT_CARRIER
    title = "沙盒快遞 Sandbox Express"
    abilities = frozenset(ABILITIES)
    account_fields: tuple[str, ...] = ()

    def __init__(self, clock: Clock | None = None) -> None:
        self.vocabulary = vocabulary("kuaidi100", "canonical")
        self._clock = clock or SystemClock()

    async def rate(self, parcel: Parcel) -> list[Offer]:
        """The first kilogram, each further one, and the distance."""
        more = max(0, -(-parcel.weight_g // 1000) - 1)
        far = distance(parcel.origin, parcel.region)
        return [Offer("standard", Money("CNY", _FIRST_KG + more * _MORE_KG + far * _FAR), 1 + far)]

    async def make_waybill(self, parcel: Parcel) -> str:
        """`SB`, eleven digits nobody can guess, a check digit."""
        return waybill("SB")

    async def void(self, shipment_id: str, waybill: str) -> None:
        """Done; refused for a magic number of a parcel that has left."""
        if messages.state_of(waybill) in _PICKED_UP_OR_LATER:
            raise CarrierRefused("this parcel has left", code="LEFT")

    async def track(self, waybills: Sequence[str], phones: Mapping[str, str]) -> list[Told]:
        """The journeys of magic numbers; of a parcel that is really sent it knows what was scanned, as we do."""
        now = self._clock.now()
        return [
            Told(number, code, at, "沙盒", f"sandbox: {code}")
            for number in waybills
            if (state := messages.state_of(number)) is not None
            for code, at in messages.journey(state, now)
        ]

    async def pickup(self, wish: PickupWish) -> str:
        """Confirmed: the courier comes in thought."""
        return f"SBP-{wish.id}"

    async def manifest(self, handed: HandedOver) -> str:
        """Numbered after ours."""
        return f"SBM-{handed.id}"

    def sort_code(self, region: Region) -> str:
        """Country and city."""
        return f"{region.country} {city(region.city)}".strip().upper()
