"""This is where it stands what logistics asks of catalog: what lies where, and to take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.kit.errors import NotFound, WrongState

from .shipments import Shipment


@dataclass(frozen=True, slots=True)
class Taking:
    """So many of a SKU from a warehouse's shelf."""

    sku: str
    warehouse: str
    quantity: int


class WarehouseShort(WrongState):
    """A warehouse has not as much on its shelf as was thought."""

    def __init__(self, warehouse: str, sku: str) -> None:
        super().__init__(f"{warehouse} is short of {sku}", warehouse=warehouse, sku=sku)
        self.warehouse, self.sku = warehouse, sku


class HoldGone(NotFound):
    """Nothing is held for the order: it was cancelled."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Units on hand by warehouse and SKU, and the ABC classes of the SKUs that have one."""

    units: Mapping[str, Mapping[str, int]]
    classes: Mapping[str, str]


class Shelves(Protocol):
    """What catalog knows and does."""

    async def stock(self, skus: Sequence[str]) -> Shelf:
        """What there is of SKUs, and how they sell; in one call."""
        ...

    async def take(self, order_id: str, takings: Sequence[Taking]) -> Sequence[Taking]:
        """Takes what is held for an order; answers what was taken, the first time's on a repeat. Refuses with
        `WarehouseShort`, changing nothing, and `HoldGone`."""
        ...

    async def move(self, request_id: str, parcel: Shipment, found: str, to: str, by: str) -> str:
        """Takes a parcel's goods from another warehouse, once a request id; answers from which. `found`: what became of
        them in the first one. Refuses with `WarehouseShort`, changing nothing."""
        ...
