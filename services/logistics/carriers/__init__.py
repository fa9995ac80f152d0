"""This is where carriers meet the shop: one interface, a module a carrier, its words a data file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.logistics.regions import Region
from services.logistics.tracking import CANONICAL, UNKNOWN

DEFAULT_CARRIER = "sandbox"
VOCABULARIES = Path(__file__).parent / "vocabularies"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a carrier needs to know to make a waybill. Asked again for one id, it may answer the same."""

    shipment_id: str
    region: Region
    weight_g: int


class Carrier(Protocol):
    """Somebody who brings parcels."""

    @property
    def code(self) -> str:
        """Its code, as freight templates name it."""
        ...

    @property
    def title(self) -> str:
        """What people read, on the label too."""
        ...

    @property
    def vocabulary(self) -> Mapping[str, str]:
        """Its status codes, in small letters, and the canonical state each stands for."""
        ...

    async def make_waybill(self, parcel: Parcel) -> str:
        """A waybill number. Refuses with `Unavailable` when the carrier does not answer: it will be asked again."""
        ...

    def sort_code(self, region: Region) -> str:
        """What is printed large on the label for those who sort by hand; may be empty."""
        ...


def vocabulary(*names: str) -> dict[str, str]:
    """The vocabularies of these names in one; a later one wins. Raises ValueError for a state that is not canonical."""
    words: dict[str, str] = {}
    for name in names:
        for code, state in json.loads((VOCABULARIES / f"{name}.json").read_text("utf-8")).items():
            if state not in CANONICAL:
                raise ValueError(f"{name}.json: {code} stands for {state}, which is no canonical state")
            words[code.casefold()] = state
    return words


def canonical(carrier: Carrier, code: str) -> str:
    """The canonical state a carrier's code stands for; `unknown` for one nobody has explained."""
    return carrier.vocabulary.get(code.casefold(), UNKNOWN)
