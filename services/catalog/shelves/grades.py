"""This is where units change their quality: opened, damaged, looked at, made good again."""

from services.catalog.fields import MAX_UNITS, Faults
from services.catalog.moves import Grade, Move
from services.catalog.stock import InvalidQuantity, Stock
from services.kit.ids import new_id
from services.kit.store import Document


class Grades:
    """Moves units of a SKU from one grade to another on the same shelf."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock

    async def regrade(
        self, sku: str, warehouse: str, before: str, after: str, quantity: int, reason: str, *, request_id: str, by: str
    ) -> Document:
        """Both sides in one update, once a request id; answers what there is then.

        Refuses with SKU_NOT_FOUND, INVALID_QUANTITY. What orders hold stays grade A.
        """
        faults = Faults()
        faults.sku("/sku", sku)
        warehouse = faults.warehouse("/warehouse", warehouse)
        for pointer, grade in (("/from", before), ("/to", after)):
            if grade not in tuple(Grade):
                faults.add(pointer, f"must be one of {', '.join(Grade)}")
        if before == after:
            faults.add("/to", "must be another grade")
        reason = faults.text("/reason", reason, 200)
        faults.text("/request_id", request_id, 255)
        faults.text("/by", by, 128)
        faults.refuse()
        faults.number("/quantity", quantity, 1, MAX_UNITS)
        faults.refuse(InvalidQuantity)
        request_id = request_id or new_id("req")
        moves = [
            Move(warehouse, -quantity, "regrade", before, reason),
            Move(warehouse, quantity, "regrade", after, reason),
        ]
        return await self._stock.book(sku, moves, ref=f"regrade:{request_id}", reference=request_id, by=by)
