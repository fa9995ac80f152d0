"""This is where suppliers are: who they are, whom to ask there, how they are paid, how much they can deliver."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from services.catalog.fields import MAX_MINOR, MAX_UNITS, Faults
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import Invalid, NotFound, VersionMismatch
from services.kit.ids import new_id
from services.kit.seal import Seal
from services.kit.store import decode_cursor, encode, encode_cursor, found

_MOST = 100
_MOST_CONTACTS = 20
_PATCH_BYTES = 64 * 1024
PRIOR_SCORE = 75  # what a supplier is given before anything was measured


class SupplierState(StrEnum):
    """Whether orders may go there."""

    CANDIDATE = "candidate"  # it may quote, and be drafted for
    APPROVED = "approved"
    SUSPENDED = "suspended"  # nothing new is ordered there


class InvalidSupplier(Invalid):
    """The supplier is not what a supplier must be."""


class SupplierNotFound(NotFound):
    """There is no such supplier."""


@dataclass
class Contact:
    """Somebody to ask there. Personal: sealed at rest, never logged."""

    name: str
    role: str = ""
    phone: str = ""
    email: str = ""


@dataclass
class Supplier:
    """Who goods are bought from. `score` and `deliveries` are measured and change beside the version."""

    id: str
    name: str
    currency: str
    created_at: datetime
    updated_at: datetime
    by: str
    state: SupplierState = SupplierState.CANDIDATE
    payment_terms: str = ""
    note: str = ""
    capacity_units: int = 0  # what it can deliver in `capacity_days`; 0: nobody has said
    capacity_days: int = 30
    free_freight_minor: int = 0  # the order value from which it pays the freight; 0: none
    pool_weekday: int = 0  # ISO weekday its pool closes on; 0: the policy's
    sealed_contacts: bytes = b""
    score: int = PRIOR_SCORE  # 0 to 100
    deliveries: int = 0  # receipt lines the score is measured from
    scored_at: datetime | None = None
    version: int = 0


_PATCHABLE: Mapping[str, type[Any]] = {
    "name": str,
    "state": SupplierState,
    "payment_terms": str,
    "note": str,
    "capacity_units": int,
    "capacity_days": int,
    "free_freight_minor": int,
    "pool_weekday": int,
    "contacts": list[Contact],
}


def check_supplier(supplier: Supplier) -> None:
    """Looks at it. Refuses with INVALID_SUPPLIER, naming each fault."""
    faults = Faults()
    supplier.name = faults.text("/name", supplier.name, 200, least=1)
    supplier.payment_terms = faults.text("/payment_terms", supplier.payment_terms, 200)
    supplier.note = faults.text("/note", supplier.note, 2_000, lines=True)
    faults.currency("/currency", supplier.currency)
    faults.number("/capacity_units", supplier.capacity_units, 0, MAX_UNITS)
    faults.number("/capacity_days", supplier.capacity_days, 1, 366)
    faults.number("/free_freight_minor", supplier.free_freight_minor, 0, MAX_MINOR)
    faults.number("/pool_weekday", supplier.pool_weekday, 0, 7)
    faults.text("/by", supplier.by, 128)
    faults.refuse(InvalidSupplier)


def check_contacts(contacts: Sequence[Contact]) -> None:
    """Looks at them. Refuses with INVALID_SUPPLIER."""
    faults = Faults()
    if len(contacts) > _MOST_CONTACTS:
        faults.add("/contacts", f"must be at most {_MOST_CONTACTS}")
    for i, contact in enumerate(contacts):
        contact.name = faults.text(f"/contacts/{i}/name", contact.name, 100, least=1)
        contact.role = faults.text(f"/contacts/{i}/role", contact.role, 100)
        contact.phone = faults.text(f"/contacts/{i}/phone", contact.phone, 40)
        contact.email = faults.text(f"/contacts/{i}/email", contact.email, 254)
    faults.refuse(InvalidSupplier)


class Suppliers:
    """Writes, changes and lists suppliers."""

    def __init__(self, suppliers: Table[Supplier], seal: Seal, clock: Clock) -> None:
        self._suppliers, self._seal, self._clock = suppliers, seal, clock

    async def create(self, draft: Supplier, contacts: Sequence[Contact]) -> Supplier:
        """Takes a new one in, as a candidate unless approved at once. Refuses with INVALID_SUPPLIER."""
        check_supplier(draft)
        check_contacts(contacts)
        draft.id, draft.created_at = new_id("sup"), self._clock.now()
        draft.updated_at = draft.created_at
        draft.sealed_contacts = self._sealed(draft.id, contacts)
        return await self._suppliers.insert(draft)

    async def update(self, supplier_id: str, if_version: int, patch: bytes, by: str) -> Supplier:
        """Changes what the JSON Merge Patch names. Refuses with SUPPLIER_NOT_FOUND, VERSION_MISMATCH, INVALID_SUPPLIER."""
        changes = _read(patch)
        supplier = await self.get(supplier_id)
        if if_version and supplier.version != if_version:
            raise VersionMismatch(f"{supplier_id} has changed since version {if_version}")
        contacts = changes.pop("contacts", None)
        for name, value in changes.items():
            setattr(supplier, name, value)
        supplier.by, supplier.updated_at = by, self._clock.now()
        check_supplier(supplier)
        if contacts is not None:
            check_contacts(contacts)
            supplier.sealed_contacts = self._sealed(supplier_id, contacts)
        kept = ("by", "updated_at", "sealed_contacts", *changes)
        seen = {"_id": supplier_id, "version": supplier.version}
        changed = await self._suppliers.change(seen, {"$set": encode({name: getattr(supplier, name) for name in kept})})
        if changed is None:
            raise VersionMismatch(f"{supplier_id} has changed since version {supplier.version}")
        return changed

    async def get(self, supplier_id: str) -> Supplier:
        """Refuses with SUPPLIER_NOT_FOUND."""
        return found(await self._suppliers.get(supplier_id), SupplierNotFound("there is no such supplier"))

    async def of(self, supplier_ids: Sequence[str]) -> dict[str, Supplier]:
        """Those of these ids that exist."""
        return await self._suppliers.get_many(supplier_ids)

    async def names(self, supplier_ids: Collection[str]) -> dict[str, str]:
        """The names of those that exist."""
        return {key: supplier.name for key, supplier in (await self.of(sorted(supplier_ids))).items()}

    async def page(self, state: str, by_score: bool, limit: int, cursor: str) -> tuple[list[Supplier], str]:
        """Newest first, or the best first; and where the next page starts."""
        size, where = min(limit or 20, _MOST), dict[str, Any]()
        if state:
            where["state"] = state
        if cursor and by_score:
            score, key = decode_cursor(cursor, 2)
            where["$or"] = [{"score": {"$lt": score}}, {"score": score, "_id": {"$lt": key}}]
        elif cursor:
            where["_id"] = {"$lt": decode_cursor(cursor, 1)[0]}
        order = [("score", -1), ("_id", -1)] if by_score else [("_id", -1)]
        items = await self._suppliers.find(where, order, size + 1)
        if len(items) <= size:
            return items, ""
        last = items[size - 1]
        return items[:size], encode_cursor(last.score, last.id) if by_score else encode_cursor(last.id)

    def contacts_of(self, supplier: Supplier) -> list[Contact]:
        """Whom to ask there, in clear."""
        if not supplier.sealed_contacts:
            return []
        return msgspec.json.decode(self._seal.open(supplier.sealed_contacts, supplier.id), type=list[Contact])

    def _sealed(self, supplier_id: str, contacts: Sequence[Contact]) -> bytes:
        return self._seal.close(msgspec.json.encode(list(contacts)), supplier_id) if contacts else b""


def _read(patch: bytes) -> dict[str, Any]:
    """A JSON Merge Patch over the fields staff may change; null sets back what it begins with."""
    if len(patch) > _PATCH_BYTES:
        raise InvalidSupplier("the patch is too large")
    try:
        raw = msgspec.json.decode(patch, type=dict[str, Any])
    except msgspec.DecodeError as wrong:
        raise InvalidSupplier("the patch is not a JSON object") from wrong
    faults, changes = Faults(), dict[str, Any]()
    for name, value in raw.items():
        if name not in _PATCHABLE:
            faults.add("/" + name[:60].replace("~", "~0").replace("/", "~1"), "cannot be changed")
            continue
        try:
            changes[name] = msgspec.convert(_FIRST[name] if value is None else value, _PATCHABLE[name])
        except msgspec.ValidationError as wrong:
            faults.add(f"/{name}", str(wrong))
    faults.refuse(InvalidSupplier)
    return changes


_FIRST: Mapping[str, Any] = {
    "name": "",
    "state": "candidate",
    "payment_terms": "",
    "note": "",
    "capacity_units": 0,
    "capacity_days": 30,
    "free_freight_minor": 0,
    "pool_weekday": 0,
    "contacts": [],
}
