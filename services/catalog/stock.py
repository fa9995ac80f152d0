"""This is where units come onto the shelf and are counted."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from services.kit.clock import Clock
from services.kit.errors import Conflict, FieldError, Invalid
from services.kit.ids import new_id
from services.kit.store import Change, Document

from .fields import MAX_UNITS, Faults, is_sku, skus_of
from .messages.events import stock_moved
from .ownership import theirs
from .skus import REFS_KEPT, Movement, Sku, SkuNotFound
from .store import Table

REASONS = ("receipt", "count", "damage", "return", "transfer")
_COUNTED = {"product_id": 1, "on_hand": 1, "held": 1, "available": 1}
_TRIES = 5
_SHOWN = 200


class InvalidQuantity(Invalid):
    """Zero, too many, or more than there is to take away."""


def booking(
    seen: Document, warehouse: str, quantity: int, *, reason: str, ref: str, reference: str, by: str, clock: Clock
) -> Change:
    """Units onto a shelf (or off it when negative), if `ref` was not booked before and nothing falls below zero."""
    where = {"_id": seen["_id"], "refs": {"$ne": ref}}
    if quantity < 0:
        where |= {"available": {"$gte": -quantity}, f"on_hand.{warehouse}": {"$gte": -quantity}}
    update = {
        "$inc": {f"on_hand.{warehouse}": quantity, "available": quantity},
        "$push": {"refs": {"$each": [ref], "$slice": -REFS_KEPT}},
    }
    moved = stock_moved(
        seen["_id"],
        seen["product_id"],
        warehouse=warehouse,
        quantity=quantity,
        reason=reason,
        reference=reference,
        on_hand=sum(seen["on_hand"].values()) + quantity,
        available=seen["available"] + quantity,
        at=clock.now(),
        by=by,
    )
    return Change(where, update, [moved])


class Stock:
    """Books units in and out, once a reference, and tells what there is."""

    def __init__(self, skus: Table[Sku], movements: Table[Movement], clock: Clock) -> None:
        self._skus, self._movements, self._clock = skus, movements, clock

    async def receive(
        self,
        sku: str,
        warehouse: str,
        quantity: int,
        *,
        reason: str,
        request_id: str,
        by: str,
        merchant_id: str = "",
    ) -> Document:
        """Books units into a warehouse (out when negative), once a request id; answers what there is then.

        Refuses with SKU_NOT_FOUND, INVALID_QUANTITY.
        """
        warehouse = _checked(sku, warehouse, quantity, reason, request_id, by)
        request_id = request_id or new_id("req")
        ref = f"request:{request_id}"
        for _ in range(_TRIES):
            seen = await self._counted(sku, merchant_id)
            change = booking(
                seen, warehouse, quantity, reason=reason, ref=ref, reference=request_id, by=by, clock=self._clock
            )
            if await self._skus.change_many([change]) or await self._booked(sku, ref):
                return await self._counted(sku, merchant_id)
            there = min(seen["on_hand"].get(warehouse, 0), seen["available"])
            if -quantity > there:
                message = f"only {there} can be taken away there"
                raise InvalidQuantity(message, errors=[FieldError("/quantity", message)])
        raise Conflict("this SKU is being moved by others")

    async def put_back(self, units: Iterable[tuple[str, int]], warehouse: str, ref: str, reference: str) -> None:
        """Puts goods that came back onto a shelf, once a reference. What is not ours is left out."""
        wanted: dict[str, int] = defaultdict(int)
        for sku, quantity in units:
            if is_sku(sku) and quantity > 0:
                wanted[sku] += quantity
        found = await self._skus.by_keys(sorted(wanted), _COUNTED)
        if found:
            faults = Faults()
            warehouse = faults.warehouse("/warehouse", warehouse)
            faults.refuse()
            await self._skus.change_many(
                [
                    booking(
                        seen,
                        warehouse,
                        wanted[sku],
                        reason="return",
                        ref=ref,
                        reference=reference,
                        by="catalog",
                        clock=self._clock,
                    )
                    for sku, seen in found.items()
                ]
            )

    async def of(self, skus: Sequence[str], merchant_id: str = "") -> list[Document]:
        """What there is of many SKUs, in one read."""
        wanted = skus_of(skus)
        return list((await self._skus.by_keys(wanted, _COUNTED, theirs(merchant_id))).values()) if wanted else []

    async def movements(self, sku: str, merchant_id: str = "") -> list[Movement]:
        """The ledger of a SKU, newest first, at most 200. Refuses with SKU_NOT_FOUND."""
        await self._counted(sku, merchant_id)
        return await self._movements.find({"sku": sku}, [("at", -1), ("_id", -1)], _SHOWN)

    async def _counted(self, sku: str, merchant_id: str) -> Document:
        found = await self._skus.by_keys([sku], _COUNTED, theirs(merchant_id)) if is_sku(sku) else {}
        if sku not in found:
            raise SkuNotFound("there is no such SKU")
        return found[sku]

    async def _booked(self, sku: str, ref: str) -> bool:
        return bool(await self._skus.parts({"_id": sku, "refs": ref}, {"_id": 1}))


def _checked(sku: str, warehouse: str, quantity: int, reason: str, request_id: str, by: str) -> str:
    faults = Faults()
    faults.sku("/sku", sku)
    warehouse = faults.warehouse("/warehouse", warehouse)
    if reason not in REASONS:
        faults.add("/reason", f"must be one of {', '.join(REASONS)}")
    faults.text("/request_id", request_id, 255)
    faults.text("/by", by, 128)
    faults.refuse()
    faults.number("/quantity", quantity, -MAX_UNITS, MAX_UNITS)
    if quantity == 0:
        faults.add("/quantity", "must not be zero")
    faults.refuse(InvalidQuantity)
    return warehouse
