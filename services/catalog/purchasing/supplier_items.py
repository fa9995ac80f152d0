"""This is where it is kept what each supplier asks for a SKU, and how long it really takes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.catalog.fields import MAX_MINOR, MAX_UNITS, Faults, skus_of
from services.catalog.skus import Sku, SkuNotFound
from services.catalog.store import NotAsSeen, Table, together
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, Invalid, NotFound, VersionMismatch
from services.kit.money import Money

from .lots import Lot
from .suppliers import Supplier, Suppliers, SupplierState

_TRIES = 5
_MOST = 1_000
_MEASURED_FROM = 3  # receipts from which a measured lead time is believed
_MEASURED_OVER = timedelta(days=365)
_CAUTION = 0.5  # sd of a lead time that was only quoted, as a share of it
_DAY_MS = 86_400_000


class InvalidSupplierItem(Invalid):
    """Cost, quantities or lead time cannot be so."""


class SupplierItemNotFound(NotFound):
    """That supplier does not quote that SKU."""


@dataclass
class SupplierItem:
    """What a supplier asks for a SKU. The id is `supplier|sku`."""

    id: str
    supplier_id: str
    sku: str
    supplier_sku: str
    cost: Money  # of one unit, in the supplier's currency
    moq: int  # the least it delivers
    pack_size: int  # only multiples of it
    lead_time_days: int  # quoted, from sent to received
    preferred: bool
    updated_at: datetime
    by: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """An item as who orders needs it. The lead time is measured when `measured`; else it is the quoted one with a cautious
    standard deviation of half of it, at least a day."""

    item: SupplierItem
    supplier: Supplier
    lead_mean_days: float
    lead_sd_days: float
    measured: bool
    receipts: int  # measured ones

    @property
    def orderable(self) -> bool:
        """Whether an order may go there by itself."""
        return self.supplier.state is SupplierState.APPROVED


def item_id(supplier_id: str, sku: str) -> str:
    """`supplier|sku`."""
    return f"{supplier_id}|{sku}"


def offer(item: SupplierItem, supplier: Supplier, receipts: int, mean: float, sd: float) -> Offer:
    """The measured lead time once there are enough receipts, else the quoted one."""
    if receipts >= _MEASURED_FROM:
        return Offer(item, supplier, mean, sd, True, receipts)
    quoted = float(item.lead_time_days)
    return Offer(item, supplier, quoted, max(1.0, quoted * _CAUTION), False, receipts)


def best_first(offers: Sequence[Offer]) -> list[Offer]:
    """Where orders may go before where they may not; the preferred one, then the cheaper, then the quicker."""
    return sorted(
        offers, key=lambda o: (not o.orderable, not o.item.preferred, o.item.cost.minor, o.lead_mean_days, o.item.id)
    )


class SupplierItems:
    """Keeps and shows what suppliers ask."""

    def __init__(
        self, items: Table[SupplierItem], suppliers: Suppliers, lots: Table[Lot], skus: Table[Sku], clock: Clock
    ) -> None:
        self._items, self._suppliers, self._lots, self._skus, self._clock = items, suppliers, lots, skus, clock

    async def put(self, wanted: SupplierItem, if_version: int = 0) -> SupplierItem:
        """What a supplier asks from now on; a preferred one takes the preference from the others of the SKU.

        Refuses with SUPPLIER_NOT_FOUND, SKU_NOT_FOUND, INVALID_SUPPLIER_ITEM, VERSION_MISMATCH.
        """
        supplier = await self._suppliers.get(wanted.supplier_id)
        _check(wanted, supplier)
        if not await self._skus.by_keys([wanted.sku], {"_id": 1}):
            raise SkuNotFound("there is no such SKU", sku=wanted.sku)
        wanted.id, wanted.updated_at = item_id(wanted.supplier_id, wanted.sku), self._clock.now()
        for _ in range(_TRIES):
            there = await self._items.get(wanted.id)
            if if_version and (there is None or there.version != if_version):
                raise VersionMismatch(f"{wanted.id} has changed since version {if_version}")
            try:
                return await self._write(wanted, there)
            except (AlreadyExists, NotAsSeen):
                continue
        raise Conflict("this SKU's suppliers are being changed by others")

    async def _write(self, wanted: SupplierItem, there: SupplierItem | None) -> SupplierItem:
        if there is None:
            writes = [self._items.inserting(wanted)]
        else:
            wanted.version = there.version + 1
            seen = {"_id": wanted.id, "version": there.version}
            writes = [self._items.changing(seen, {"$set": _content(wanted)})]
        if wanted.preferred:
            others = await self._items.find({"sku": wanted.sku, "preferred": True}, limit=_MOST)
            writes += [
                self._items.changing({"_id": other.id, "preferred": True}, {"$set": {"preferred": False}})
                for other in others
                if other.id != wanted.id
            ]
        await together((self._items, writes))
        return wanted

    async def of_supplier(self, supplier_id: str) -> list[SupplierItem]:
        """All it quotes, by SKU, at most 1,000."""
        return await self._items.find({"supplier_id": supplier_id}, [("sku", 1)], _MOST)

    async def get(self, supplier_id: str, sku: str) -> SupplierItem:
        """Refuses with SUPPLIER_ITEM_NOT_FOUND."""
        if item := await self._items.get(item_id(supplier_id, sku)):
            return item
        raise SupplierItemNotFound("that supplier does not quote that SKU", sku=sku)

    async def quoted(self, supplier_id: str, skus: Sequence[str]) -> dict[str, SupplierItem]:
        """What a supplier asks for each of these SKUs it quotes."""
        found = await self._items.get_many([item_id(supplier_id, sku) for sku in skus])
        return {item.sku: item for item in found.values()}

    async def of(self, skus: Sequence[str]) -> dict[str, list[Offer]]:
        """What there is to choose from for each SKU, best first; suspended suppliers are left out."""
        wanted = skus_of(skus)
        items = await self._items.find({"sku": {"$in": wanted}}, [("sku", 1)], 10 * _MOST)
        suppliers = await self._suppliers.of(sorted({item.supplier_id for item in items}))
        measured = await self._measured(wanted) if items else {}
        offers: dict[str, list[Offer]] = defaultdict(list)
        for item in items:
            supplier = suppliers.get(item.supplier_id)
            if supplier is not None and supplier.state is not SupplierState.SUSPENDED:
                seen = measured.get((item.supplier_id, item.sku), (0, 0.0, 0.0))
                offers[item.sku].append(offer(item, supplier, *seen))
        return {sku: best_first(of_sku) for sku, of_sku in offers.items()}

    async def _measured(self, skus: Sequence[str]) -> Mapping[tuple[str, str], tuple[int, float, float]]:
        """Receipts of the last year: how many, and the mean and standard deviation of their days on the way."""
        since = self._clock.now() - _MEASURED_OVER
        days = {"$divide": [{"$subtract": ["$at", "$sent_at"]}, _DAY_MS]}
        groups = await self._lots.aggregate(
            [
                {"$match": {"sku": {"$in": list(skus)}, "at": {"$gte": since}, "sent_at": {"$ne": None}}},
                {"$group": {"_id": ["$supplier_id", "$sku"], **_spread(days)}},
            ]
        )
        return {(g["_id"][0], g["_id"][1]): (g["n"], g["mean"], g["sd"] or 0.0) for g in groups}


def _spread(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"n": {"$sum": 1}, "mean": {"$avg": value}, "sd": {"$stdDevSamp": value}}


def _content(item: SupplierItem) -> dict[str, Any]:
    names = ("supplier_sku", "moq", "pack_size", "lead_time_days", "preferred", "updated_at", "by")
    cost = {"currency": item.cost.currency, "minor": item.cost.minor}
    return {name: getattr(item, name) for name in names} | {"cost": cost}


def _check(item: SupplierItem, supplier: Supplier) -> None:
    faults = Faults()
    faults.sku("/sku", item.sku)
    item.supplier_sku = faults.text("/supplier_sku", item.supplier_sku, 64)
    if item.cost.currency != supplier.currency:
        faults.add("/cost/currency", f"must be {supplier.currency}, the supplier's")
    faults.number("/cost/minor", item.cost.minor, 0, MAX_MINOR)
    faults.number("/moq", item.moq, 1, MAX_UNITS)
    faults.number("/pack_size", item.pack_size, 1, MAX_UNITS)
    faults.number("/lead_time_days", item.lead_time_days, 0, 730)
    faults.text("/by", item.by, 128)
    faults.refuse(InvalidSupplierItem)
