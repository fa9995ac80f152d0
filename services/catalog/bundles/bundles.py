"""This is where a SKU is made of others: a bundle with a page and a price of its own, and no stock but theirs.

What it is made of is fixed once somebody orders it: a return must put back what was taken. Parts are ordinary SKUs, and a
part of a bundle is never made a bundle; the parts are written in the same transaction, so that two who try this at once
cannot both succeed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.catalog.availability import Availability
from services.catalog.content import ListingState, Product
from services.catalog.costs import Costs, Decide
from services.catalog.fields import Faults, is_sku
from services.catalog.gates import Gates, Moment
from services.catalog.messages.events import product_changed
from services.catalog.ownership import theirs
from services.catalog.parts import ORDINARY, Part, bundles_left, cost_of, parts_of
from services.catalog.products import ListingRetired, Products
from services.catalog.skus import Sku, SkuNotFound
from services.catalog.store import NotAsSeen, Table, together
from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid, NotFound, VersionMismatch, WrongState
from services.kit.money import Money, zero
from services.kit.store import Document

_FEWEST, _MOST = 2, 20
_MOST_OF_ONE = 1_000
_TRIES = 5
_READ = {
    **dict.fromkeys(("product_id", "merchant_id", "title", "price", "cost", "parts", "version"), 1),
    **dict.fromkeys(("on_hand", "graded", "in_transit", "available", "sold", "refs"), 1),
    "holds": {"$slice": 1},
}


class InvalidBundle(Invalid):
    """It cannot be made of that."""


class BundleNotFound(NotFound):
    """It is an ordinary SKU."""


class BundleInUse(WrongState):
    """It was ordered or has stock: what it is made of does not change any more."""


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part as it stands: what it is called and costs apart, and how much of it there is."""

    sku: str
    quantity: int
    product_id: str
    title: str
    price: Money
    available: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as it stands. `version` is its product's."""

    sku: str
    product_id: str
    title: str
    parts: list[ShownPart]
    price: Money
    cost: Money
    available: int
    version: int

    @property
    def apart(self) -> Money:
        """What the parts cost when they are bought one by one."""
        return Money(self.price.currency, sum(part.price.minor * part.quantity for part in self.parts))

    @property
    def saving(self) -> Money:
        """What who buys it saves; nothing when it costs more than its parts."""
        return max(zero(self.price.currency), self.apart - self.price, key=lambda amount: amount.minor)


class Bundles:
    """Makes bundles, shows them, and keeps what they cost to what their parts cost."""

    def __init__(
        self,
        skus: Table[Sku],
        products: Table[Product],
        writing: Products,
        gates: Gates,
        costs: Costs,
        availability: Availability,
        clock: Clock,
    ) -> None:
        self._skus, self._products, self._writing, self._gates = skus, products, writing, gates
        self._costs, self._availability, self._clock = costs, availability, clock

    async def put(self, sku: str, parts: Sequence[Part], if_version: int, by: str, merchant_id: str = "") -> Bundle:
        """Makes a fresh SKU a bundle, or changes one that nobody has ordered. Refuses with SKU_NOT_FOUND, INVALID_BUNDLE,
        BUNDLE_IN_USE, VERSION_MISMATCH, LISTING_RETIRED; and while it is on sale with LISTING_REFUSED."""
        _check(sku, parts, by)
        for _ in range(_TRIES):
            whole = await self._whole(sku, merchant_id)
            product = await self._product(whole, if_version)
            if parts_of(whole) == list(parts):
                return await self._shown(whole, product)
            if not _is_unused(whole):
                raise BundleInUse(f"{sku} was ordered or has stock", sku=sku)
            there = await self._skus.by_keys([part.sku for part in parts], _READ)
            await self._check_parts(whole, parts, there)
            try:
                await self._write(whole, product, parts, there, by)
            except NotAsSeen:
                continue
            await self._availability.look_at_bundles([parts[0].sku])
            return await self.get(sku, merchant_id)
        raise VersionMismatch(f"{sku} is being changed by others")

    async def get(self, sku: str, merchant_id: str = "") -> Bundle:
        """Refuses with SKU_NOT_FOUND, BUNDLE_NOT_FOUND."""
        whole = await self._whole(sku, merchant_id)
        if not parts_of(whole):
            raise BundleNotFound(f"{sku} is no bundle")
        return await self._shown(whole, await self._product(whole))

    async def of_product(self, id_or_sku: str) -> list[Bundle]:
        """The bundles among the variants of a product on sale. Refuses with PRODUCT_NOT_FOUND, BUNDLE_NOT_FOUND."""
        product, _ = await self._writing.show(id_or_sku, staff=False)
        skus = await self._skus.by_keys([variant.sku for variant in product.variants], _READ)
        wholes = [skus[variant.sku] for variant in product.variants if parts_of(skus[variant.sku])]
        if not wholes:
            raise BundleNotFound("it is no bundle")
        return [await self._shown(whole, product) for whole in wholes]

    async def delete(self, sku: str, if_version: int, merchant_id: str = "") -> None:
        """Makes an ordinary SKU of a bundle nobody has ordered. Refuses with SKU_NOT_FOUND, BUNDLE_NOT_FOUND,
        BUNDLE_IN_USE, VERSION_MISMATCH."""
        for _ in range(_TRIES):
            whole = await self._whole(sku, merchant_id)
            if not parts_of(whole):
                raise BundleNotFound(f"{sku} is no bundle")
            product = await self._product(whole, if_version)
            if not _is_unused(whole):
                raise BundleInUse(f"{sku} was ordered", sku=sku)
            now = self._clock.now()
            on_sku = {"_id": sku, "version": whole["version"]}
            on_product = {"_id": product.id, "version": product.version}
            told = product_changed(product, now)
            try:
                await together(
                    (self._skus, [self._skus.changing(on_sku, {"$unset": {"parts": ""}})]),
                    (self._products, [self._products.changing(on_product, {"$set": {"updated_at": now}}, told)]),
                )
            except NotAsSeen:
                continue
            return await self._availability.look([sku])
        raise VersionMismatch(f"{sku} is being changed by others")

    async def follow_costs(self, skus: Sequence[str]) -> None:
        """Brings up to date what the bundles cost that have one of these for a part, or are one of these."""
        fields = {"parts": 1, "cost": 1}
        bundles = await self._skus.parts({"parts.sku": {"$in": list(skus)}}, fields)
        bundles += (await self._skus.by_keys(skus, fields, {"parts.sku": {"$exists": True}})).values()
        wanted = sorted({part.sku for bundle in bundles for part in parts_of(bundle)})
        there = await self._skus.by_keys(wanted, {"cost": 1}) if wanted else {}
        for bundle in bundles:
            minor = cost_of(parts_of(bundle), there)
            if minor != bundle["cost"]["minor"]:
                await self._costs.set(bundle["_id"], _always(Money(bundle["cost"]["currency"], minor)))

    async def _whole(self, sku: str, merchant_id: str) -> Document:
        found = await self._skus.by_keys([sku], _READ, theirs(merchant_id)) if is_sku(sku) else {}
        if sku not in found:
            raise SkuNotFound("there is no such SKU")
        return found[sku]

    async def _product(self, whole: Document, if_version: int = 0) -> Product:
        product = await self._writing.get(whole["product_id"])
        if if_version and product.version != if_version:
            raise VersionMismatch(f"{product.id} has changed since version {if_version}")
        return product

    async def _check_parts(self, whole: Document, parts: Sequence[Part], there: Mapping[str, Document]) -> None:
        """Refuses with INVALID_BUNDLE parts that are not of this merchant and currency, bundles, or off sale for good."""
        faults = Faults()
        products = await self._products.by_keys(sorted({each["product_id"] for each in there.values()}), {"state": 1})
        for place, part in enumerate(parts):
            document = there.get(part.sku)
            pointer = f"/parts/{place}/sku"
            if document is None or document["merchant_id"] != whole["merchant_id"]:
                faults.add(pointer, "there is no such SKU of this merchant")
            elif parts_of(document):
                faults.add(pointer, "is a bundle itself: name its parts")
            elif document["price"]["currency"] != whole["price"]["currency"]:
                faults.add(pointer, f"must be sold for {whole['price']['currency']}, as the bundle is")
            elif products[document["product_id"]]["state"] == ListingState.RETIRED.value:
                faults.add(pointer, "is off sale for good")
        if await self._skus.parts({"parts.sku": whole["_id"]}, {"_id": 1}, limit=1):
            faults.add("/sku", "is a part of a bundle itself")
        faults.refuse(InvalidBundle)

    async def _write(
        self, whole: Document, product: Product, parts: Sequence[Part], there: Mapping[str, Document], by: str
    ) -> None:
        if product.state is ListingState.RETIRED:
            raise ListingRetired("it is off sale for good")
        sku, now = whole["_id"], self._clock.now()
        cost = {"currency": whole["cost"]["currency"], "minor": cost_of(parts, there)}
        if product.state is ListingState.LIVE:
            variant = next(variant for variant in product.variants if variant.sku == sku)
            variant.cost = Money(**cost)
            await self._gates.demand(product, Moment.EDIT)
        kept = [{"sku": part.sku, "quantity": part.quantity} for part in parts]
        made_of = self._skus.changing(
            {"_id": sku, "version": whole["version"]}, {"$set": {"parts": kept, "cost": cost}}
        )
        # Nothing changes of the parts but their versions: who makes a bundle of one meanwhile meets this, or this meets it.
        still_parts = [self._skus.changing({"_id": part.sku, **ORDINARY}, {}) for part in parts]
        shown: dict[str, Any] = {"variants.$.cost": cost, "updated_at": now, "by": by}
        on_page = self._products.changing(
            {"_id": product.id, "version": product.version, "variants.sku": sku},
            {"$set": shown},
            product_changed(product, now),
        )
        await together((self._skus, [made_of, *still_parts]), (self._products, [on_page]))

    async def _shown(self, whole: Document, product: Product) -> Bundle:
        parts = parts_of(whole)
        there = await self._skus.by_keys([part.sku for part in parts], _READ)
        return Bundle(
            sku=whole["_id"],
            product_id=product.id,
            title=whole["title"],
            parts=[_shown_part(part, there[part.sku]) for part in parts],
            price=Money(**whole["price"]),
            cost=Money(whole["cost"]["currency"], cost_of(parts, there)),
            available=bundles_left(parts, there),
            version=product.version,
        )


def _always(cost: Money) -> Decide:
    return lambda _before, _units: cost


def _shown_part(part: Part, document: Document) -> ShownPart:
    price = Money(**document["price"])
    return ShownPart(
        part.sku, part.quantity, document["product_id"], document["title"], price, max(0, document["available"])
    )


def _is_unused(whole: Document) -> bool:
    """Whether nothing of it was ever on a shelf (but a count of none), on its way, held or sold."""
    units = [*whole["on_hand"].values(), *(n for graded in whole.get("graded", {}).values() for n in graded.values())]
    return not (any(units) or whole["sold"] or whole["holds"] or whole.get("in_transit"))


def _check(sku: str, parts: Sequence[Part], by: str) -> None:
    faults = Faults()
    faults.text("/by", by, 128)
    if not _FEWEST <= len(parts) <= _MOST:
        message = f"must be {_FEWEST} to {_MOST}"
        raise InvalidBundle("a bundle has parts", errors=[FieldError("/parts", message)])
    for place, part in enumerate(parts):
        faults.sku(f"/parts/{place}/sku", part.sku)
        faults.number(f"/parts/{place}/quantity", part.quantity, 1, _MOST_OF_ONE)
        if part.sku == sku:
            faults.add(f"/parts/{place}/sku", "is the bundle itself")
    if len({part.sku for part in parts}) < len(parts):
        faults.add("/parts", "must name each SKU once")
    faults.refuse(InvalidBundle)
