"""This is where what services tell is taken in: every effect once, however often and in whatever order."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from shop.catalog.v1.events_pb2 import AvailabilityChanged, StockMoved
from shop.logistics.v1.events_pb2 import ParcelRestocked, ShipmentCancelled
from shop.orders.v1.events_pb2 import ReturnReceived

from services.kit.clock import parse_time
from services.kit.events import Told

from .availability import Availability
from .movements import Movements
from .moves import SELLABLE, Grade
from .popularity import Popularity
from .skus import Movement
from .stock import Stock


class Heard:
    """The events catalog listens to."""

    def __init__(self, movements: Movements, availability: Availability, popularity: Popularity, stock: Stock) -> None:
        self._movements, self._availability = movements, availability
        self._popularity, self._stock = popularity, stock

    async def on_stock_moved(self, events: Sequence[tuple[StockMoved, Told]]) -> None:
        """The ledger grows, once an event id; and where a SKU may have gone or come back, somebody looks.

        A sale takes what was held: it leaves `available` as it is. So the sale of the last unit says 0 itself. A bundle may
        be short of a part long before that, and has sold when its parts have.
        """
        sold = [event for event, _ in events if event.reason == "sale"]
        bundles = await self._availability.look_at_bundles(event.sku for event in sold)
        self._popularity.noticed({*(event.product_id for event in sold), *bundles})
        await self._movements.record(
            [
                Movement(
                    told.id,
                    event.sku,
                    event.warehouse,
                    event.quantity,
                    event.reason,
                    event.reference,
                    _moment(event.at),
                    event.by,
                    event.grade or SELLABLE,
                    event.note,
                )
                for event, told in events
            ],
            {event.sku for event, _ in events if event.reason != "sale" or event.available <= 0},
        )

    async def on_availability_changed(self, events: Sequence[tuple[AvailabilityChanged, Told]]) -> None:
        """Products know whether any of their SKUs is left; an older word than the last is not heeded."""
        await self._popularity.turned(
            (event.product_id, event.sku, event.in_stock, _moment(event.at)) for event, _ in events
        )

    async def on_shipment_cancelled(self, event: ShipmentCancelled, _told: Told) -> None:
        """Goods that had been taken for it go back on the shelf; once a shipment."""
        units = [(line.sku, line.quantity) for line in event.lines]
        await self._stock.put_back(units, event.warehouse, f"shipment:{event.shipment_id}", event.shipment_id)

    async def on_parcel_restocked(self, event: ParcelRestocked, _told: Told) -> None:
        """Goods that nobody took, by how good they came back; once a parcel."""
        graded: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for unit in event.found:
            graded[unit.grade].append((unit.sku, unit.units))
        await self._put_back(graded, event.warehouse, f"restocked:{event.shipment_id}", event.shipment_id)

    async def on_return_received(self, event: ReturnReceived, _told: Told) -> None:
        """Each unit by how good it was found: as new on the shelf, others beside it, scrap written off; once a return."""
        graded: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for unit in event.grades:
            graded[unit.grade].append((unit.sku, unit.units))
        if not graded:  # told before there were grades
            graded[SELLABLE if event.sound else Grade.C] = [(line.sku, line.quantity) for line in event.lines]
        await self._put_back(graded, event.warehouse, f"return:{event.return_id}", event.return_id)

    async def _put_back(
        self, graded: Mapping[str, Sequence[tuple[str, int]]], warehouse: str, ref: str, reference: str
    ) -> None:
        for grade, units in sorted(graded.items()):
            lost = grade not in tuple(Grade)
            # One grade alone keeps the reference returns had before they were graded.
            once = ref if len(graded) == 1 else f"{ref}:{grade}"
            await self._stock.put_back(units, warehouse, once, reference, grade=Grade.C if lost else grade, lost=lost)


def _moment(text: str) -> datetime:
    return parse_time(text) or datetime.now(UTC)
