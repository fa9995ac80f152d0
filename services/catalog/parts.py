"""This is where a bundle is worked out from its parts: it has no stock of its own, only what theirs comes to.

What a bundle is made of stands on its SKU's document (`parts`), so that whoever reads the SKU knows it in the same read. A
SKU without parts is an ordinary one: nothing here costs it a round trip.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.kit.store import Document

from .skus import Sku
from .store import Table

ORDINARY = {"parts": {"$exists": False}}
_NOTHING: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Part:
    """So many of a SKU go into one bundle."""

    sku: str
    quantity: int


def parts_of(document: Document) -> list[Part]:
    """What a SKU is made of; nothing for an ordinary one."""
    return [Part(part["sku"], part["quantity"]) for part in document.get("parts", ())]


def whole_ones(parts: Sequence[Part], there: Mapping[str, Document]) -> dict[str, int]:
    """How many bundles could be packed in each warehouse where one can."""
    shelves = [(there[part.sku]["on_hand"] if part.sku in there else {}, part.quantity) for part in parts]
    codes = sorted({code for on_hand, _ in shelves for code in on_hand})
    units = {code: min(on_hand.get(code, 0) // quantity for on_hand, quantity in shelves) for code in codes}
    return {code: count for code, count in units.items() if count}


def bundles_left(parts: Sequence[Part], there: Mapping[str, Document], spoken_for: Mapping[str, int] = _NOTHING) -> int:
    """How many bundles can be ordered: as many as the scarcest part allows, and as lie together in some warehouse.

    `spoken_for`: units of parts that are wanted beside them.
    """
    scarcest = min(
        (there[part.sku]["available"] - spoken_for.get(part.sku, 0) if part.sku in there else 0) // part.quantity
        for part in parts
    )
    return max(0, min(scarcest, sum(whole_ones(parts, there).values())))


def cost_of(parts: Sequence[Part], there: Mapping[str, Document]) -> int:
    """What the parts cost together, in minor units."""
    return sum(int(there[part.sku]["cost"]["minor"]) * part.quantity for part in parts if part.sku in there)


async def told_by_parts(skus: Table[Sku], documents: Iterable[Document]) -> None:
    """Writes into those of `documents` that are bundles what their parts come to: units and cost; in one read, and in none
    when there is no bundle among them."""
    bundles = [(document, parts) for document in documents if (parts := parts_of(document))]
    if not bundles:
        return
    wanted = sorted({part.sku for _, parts in bundles for part in parts})
    there = await skus.by_keys(wanted, {"available": 1, "on_hand": 1, "cost": 1})
    for document, parts in bundles:
        document["available"] = bundles_left(parts, there)
        document["on_hand"] = whole_ones(parts, there)
        document["held"] = sum(document["on_hand"].values()) - document["available"]
        if "cost" in document:
            document["cost"] = {"currency": document["cost"]["currency"], "minor": cost_of(parts, there)}
