"""This is where the front page is put together: its modules with their products, in two reads however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.catalog.categories import Categories
from services.catalog.content import ListingState, Product
from services.catalog.gates import Gates
from services.catalog.media.library import Library
from services.catalog.parts import told_by_parts
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.store import Document

from .keeping import demand_texts, of_the_shop, put
from .modules import LISTS, ONE, USUAL, Front, InvalidModules, Module, ModuleKind, check, usual

_LIVE = {"state": ListingState.LIVE.value}
_CARD = {"title": 1, "price": 1, "category": 1, "variants.sku": 1, "media": {"$slice": ["$media", 1]}}


@dataclass(frozen=True, slots=True)
class Shown:
    """A module and its products: documents with `available` added."""

    module: Module
    items: list[Document]


class Fronts:
    """Keeps the modules and shows them."""

    def __init__(
        self,
        fronts: Table[Front],
        products: Table[Product],
        skus: Table[Sku],
        categories: Categories,
        library: Library,
        gates: Gates,
        clock: Clock,
    ) -> None:
        self._fronts, self._products, self._skus = fronts, products, skus
        self._categories, self._library, self._gates, self._clock = categories, library, gates, clock
        library.referrers.append(self._shows)

    async def get(self) -> Front:
        """The modules as they were set up; those of a new shop while nobody has."""
        return await self._fronts.get(ONE) or Front(ONE, usual(), "", self._clock.now())

    async def put(self, modules: list[Module], if_version: int, by: str) -> Front:
        """Sets them up anew. Refuses with INVALID_MODULES, LISTING_REFUSED, VERSION_MISMATCH."""
        faults = check(modules)
        gone = await self._library.not_there({module.media_id for module in modules if module.media_id})
        known = await self._categories.among({module.category for module in modules})
        for number, module in enumerate(modules):
            if module.media_id in gone:
                faults.add(f"/modules/{number}/media_id", "is no picture of the library that all may see")
            if module.category and module.category not in known:
                faults.add(f"/modules/{number}/category", "is no category")
        faults.refuse(InvalidModules)
        await demand_texts(
            self._gates,
            of_the_shop(self._clock.now()),
            (
                (f"/modules/{number}/{name}", text)
                for number, module in enumerate(modules)
                for name, text in (("title", module.title), ("text", module.text))
            ),
        )
        return await put(self._fronts, Front(ONE, modules, by, self._clock.now()), if_version)

    async def show(self) -> list[Shown]:
        """What is to be shown now: modules in their time, with products on sale; a list without any is left out."""
        now = self._clock.now()
        modules = [module for module in (await self.get()).modules if module.shown_at(now)]
        found = await self._found([module for module in modules if module.kind in LISTS])
        shown = [Shown(module, _in_order(module, found.get(module.id, []))) for module in modules]
        return [each for each in shown if each.items or each.module.kind not in LISTS]

    async def _found(self, lists: Sequence[Module]) -> dict[str, list[Document]]:
        """The products of all lists in one read, and their stock in another."""
        if not lists:
            return {}
        first, *others = [await self._stages(module) for module in lists]
        union = [{"$unionWith": {"coll": self._products.name, "pipeline": stages}} for stages in others]
        documents = await self._products.aggregate([*first, *union])
        skus = {variant["sku"] for document in documents for variant in document["variants"]}
        stock = await self._skus.by_keys(sorted(skus), {"available": 1, "parts": 1}) if skus else {}
        await told_by_parts(self._skus, stock.values())
        by_module: dict[str, list[Document]] = {}
        for document in documents:
            there = (stock.get(variant["sku"]) for variant in document["variants"])
            document["available"] = sum(each["available"] for each in there if each)
            by_module.setdefault(document["module"], []).append(document)
        return by_module

    async def _stages(self, module: Module) -> list[Document]:
        where: Document = dict(_LIVE)
        if module.category:
            where["category"] = {"$in": await self._categories.with_descendants(module.category)}
        sort: Document = {"_id": -1} if module.kind is ModuleKind.NEW_ARRIVALS else {"sales": -1, "_id": -1}
        if module.kind is ModuleKind.PICKS:
            where["_id"], sort = {"$in": module.product_ids}, {"_id": 1}
        if module.kind is ModuleKind.BESTSELLERS:
            where["sales"] = {"$gt": 0}  # what nobody bought is no bestseller
        limit = module.limit or (len(module.product_ids) or USUAL)
        return [
            {"$match": where},
            {"$sort": sort},
            {"$limit": limit},
            {"$project": {**_CARD, "module": {"$literal": module.id}}},
        ]

    async def _shows(self, asset_id: str) -> str:
        front = await self.get()
        return "the front page" if any(module.media_id == asset_id for module in front.modules) else ""


def _in_order(module: Module, items: list[Document]) -> list[Document]:
    if module.kind is not ModuleKind.PICKS:
        return items
    wanted = {key: place for place, key in enumerate(module.product_ids)}
    return sorted(items, key=lambda item: wanted[item["_id"]])
