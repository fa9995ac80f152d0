"""This is where what two people may edit at once is written: over the version that was read, or as the first."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from services.catalog.content import OWN_MERCHANT, Product
from services.catalog.gates import Finding, Gates, Moment, demand_none
from services.catalog.store import Table
from services.kit.errors import AlreadyExists, VersionMismatch
from services.kit.money import Money
from services.kit.store import Kept, encode

T = TypeVar("T", bound=Kept)
_TEXT = "/description"


async def put(table: Table[T], thing: T, if_version: int) -> T:
    """Writes it if it is still as it was read (any version for 0, or none). Refuses with VERSION_MISMATCH."""
    if not if_version:
        try:
            return await table.insert(thing)
        except AlreadyExists:
            pass
    where = {"_id": thing.id} | ({"version": if_version} if if_version else {})
    written = {name: value for name, value in encode(thing).items() if name not in ("id", "version")}
    if kept := await table.change(where, {"$set": written}):
        return kept
    raise VersionMismatch(f"it has changed since version {if_version}")


def of_the_shop(now: datetime) -> Product:
    """Stands for the shop itself where texts are no product's."""
    return Product("", OWN_MERCHANT, "", "", "", [], [], [], [], Money("CNY", 0), now, now, "")


async def demand_texts(gates: Gates, product: Product, texts: Iterable[tuple[str, str]]) -> None:
    """What customers read beside a listing passes the gates its description passes. Refuses with LISTING_REFUSED, at the
    pointers given with the texts."""
    said = [(pointer, text) for pointer, text in texts if text.strip()]
    looked = await gates.look([replace(product, description=text) for _, text in said], Moment.EDIT)
    against: list[Finding] = [
        replace(finding, pointer=pointer)
        for (pointer, _), findings in zip(said, looked, strict=True)
        for finding in findings
        if finding.pointer.startswith(_TEXT)
    ]
    demand_none(against)
