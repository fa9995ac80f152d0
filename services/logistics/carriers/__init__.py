"""This is where carriers meet the shop: one interface, a folder each with the same two rooms, their words data files.

`carrier.py` is who they are and what can be asked of them; `messages.py` is how they say it (no carrier's format leaves it).
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from services.kit.errors import WrongState
from services.kit.money import Money
from services.logistics.addresses import Address
from services.logistics.regions import Region

from .vocabulary import VOCABULARIES, Meaning, Vocabulary, vocabulary

__all__ = [
    "ABILITIES",
    "DEFAULT_CARRIER",
    "VOCABULARIES",
    "Account",
    "Carrier",
    "CarrierRefused",
    "HandedOver",
    "Meaning",
    "NotOffered",
    "Offer",
    "Parcel",
    "PickupWish",
    "Post",
    "Told",
    "Vocabulary",
    "canonical",
    "vocabulary",
]

DEFAULT_CARRIER = "sandbox"
ABILITIES = ("rate", "ship", "void", "label", "track", "pickup", "manifest")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a carrier needs to know to make a waybill. Asked again for one id, it answers the same or finds the first."""

    shipment_id: str
    region: Region
    weight_g: int
    order_id: str = ""
    origin: Region = field(default_factory=Region)
    sealed_address: bytes = field(default=b"", repr=False)
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Offer:
    """What a carrier asks for a parcel; `days` door to door, 0 when it does not say."""

    service: str
    price: Money
    days: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What a carrier says happened to a parcel when it is asked. `occurred_at` is RFC 3339."""

    waybill: str
    code: str
    occurred_at: str
    location: str = ""
    text: str = ""
    event_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PickupWish:
    """Parcels are to be fetched from a warehouse on a day. `id` is ours: asked again for it, it is one pickup."""

    id: str
    origin: Region
    day: date
    waybills: Sequence[str]
    weight_g: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Parcels that a carrier takes over at once. `id` is ours: told of it again, it is one manifest."""

    id: str
    origin: Region
    day: date
    waybills: Sequence[str]


class CarrierRefused(WrongState):
    """The carrier will not have it, whoever asks and how often: its own code and words are in `meta`."""


class NotOffered(WrongState):
    """This carrier cannot be asked that."""


class Post(Protocol):
    """A line to a carrier."""

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes, *, again: bool) -> Awaitable[bytes]:
        """The answer's body; `again`: it bears being asked twice. Refuses with `Unavailable`."""
        ...


class Account(Protocol):
    """What a carrier's adapter is given: our account with it, and addresses opened for nobody but it."""

    async def secrets(self) -> Mapping[str, str]:
        """The account's fields, unsealed, and `environment`: `live` or `test`. Refuses with CARRIER_NOT_CONNECTED."""
        ...

    def address(self, parcel: Parcel) -> Address:
        """Where a parcel goes."""
        ...


class Carrier(Protocol):
    """Somebody who brings parcels. What it cannot do (`abilities`) refuses with NOT_OFFERED; while it does not answer, every
    call refuses with `Unavailable` and bears asking again."""

    @property
    def code(self) -> str:
        """Its code, as freight templates name it."""
        ...

    @property
    def title(self) -> str:
        """What people read, on the label too."""
        ...

    @property
    def vocabulary(self) -> Vocabulary:
        """What its status codes mean."""
        ...

    @property
    def abilities(self) -> frozenset[str]:
        """What can be asked of it, of `ABILITIES`."""
        ...

    @property
    def account_fields(self) -> tuple[str, ...]:
        """What has to be known of our account with it; all of them are secret."""
        ...

    async def rate(self, parcel: Parcel) -> list[Offer]:
        """What it asks, the cheapest first."""
        ...

    async def make_waybill(self, parcel: Parcel) -> str:
        """A waybill number. Refuses with `CarrierRefused` for good, with `Unavailable` when it is to be asked again."""
        ...

    async def void(self, shipment_id: str, waybill: str) -> None:
        """The parcel will not come; again changes nothing. Refuses with `CarrierRefused` once it has left."""
        ...

    async def labels(self, waybills: Sequence[str], form: str) -> Mapping[str, bytes]:
        """The carrier's own labels by waybill, as `pdf` or `zpl`; those it leaves out we draw."""
        ...

    async def track(self, waybills: Sequence[str], phones: Mapping[str, str]) -> list[Told]:
        """All it knows of these parcels. Some carriers ask for the last four digits of the receiver's phone."""
        ...

    async def pickup(self, wish: PickupWish) -> str:
        """Asks for a courier; its confirmation."""
        ...

    async def manifest(self, handed: HandedOver) -> str:
        """Tells it what is handed over; its number, or ours where it has none."""
        ...

    def sort_code(self, region: Region) -> str:
        """What is printed large on the label for those who sort by hand; may be empty."""
        ...


def canonical(carrier: Carrier, code: str, reason: str = "") -> str:
    """The canonical state a carrier's code stands for; `unknown` for one nobody has explained."""
    return carrier.vocabulary.meaning(code, reason).state
