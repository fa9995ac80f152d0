"""This is where it is kept what selling costs: for the whole shop, for a category and what is below it, for one SKU.

What a scope does not say it takes from above; what nobody says is nothing. Each change is an entry nobody changes.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.catalog.categories import Categories
from services.catalog.fields import MAX_MINOR, Faults, is_sku
from services.catalog.skus import Sku, SkuNotFound
from services.catalog.store import NotAsSeen, Table, together
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, VersionMismatch, WrongState
from services.kit.store import decode_cursor, encode_cursor

from .costs import WHOLE_BP, Rates

SHOP = "shop"
_CATEGORY, _SKU = "category:", "sku:"
SHARES = ("commission_bp", "marketing_bp", "payment_bp")
AMOUNTS = ("freight_per_unit_minor", "freight_per_kg_minor")
NAMES = (*SHARES, *AMOUNTS, "floor_bp")
_TRIES, _MOST, _MOST_OF_SKUS = 5, 100, 10_000


class InvalidCostModel(Invalid):
    """No scope, a share of more than everything, or an amount below zero."""


class TooManyCostModels(WrongState):
    """Ten thousand SKUs have a cost model of their own: what so many share belongs to a category."""


@dataclass
class CostModel:
    """What a scope says of its costs; None for what it takes from above. `number` rises with every change from 1, which is
    the model nobody has touched."""

    id: str
    kind: str
    commission_bp: int | None = None
    marketing_bp: int | None = None
    payment_bp: int | None = None
    freight_per_unit_minor: int | None = None
    freight_per_kg_minor: int | None = None
    floor_bp: int | None = None  # the shop's alone
    number: int = 1
    at: datetime | None = None
    by: str = ""
    version: int = 0

    def said(self) -> dict[str, int | None]:
        """What it says."""
        return {name: getattr(self, name) for name in NAMES}


@dataclass
class CostChange:
    """A model as it was from `at` on; never changed. The id is `scope:number`."""

    id: str
    scope: str
    number: int
    at: datetime
    by: str
    said: dict[str, int | None]
    version: int = 0


def untouched(scope: str) -> CostModel:
    """The model of a scope of which nobody has said anything. Refuses with INVALID_COST_MODEL."""
    if scope == SHOP:
        return CostModel(scope, SHOP)
    if scope.startswith(_CATEGORY) and 0 < len(scope) - len(_CATEGORY) <= 64:
        return CostModel(scope, "category")
    if scope.startswith(_SKU) and is_sku(scope.removeprefix(_SKU)):
        return CostModel(scope, "sku")
    raise InvalidCostModel("a scope is `shop`, `category:` and a category's id, or `sku:` and a SKU")


def scope_of_sku(sku: str) -> str:
    """The scope of one SKU."""
    return _SKU + sku


def scope_of_category(category: str) -> str:
    """The scope of a category and what is below it."""
    return _CATEGORY + category


def rates_of(models: Iterable[CostModel | None]) -> Rates:
    """What holds, by the models from the nearest to the shop's: the first that says something."""
    said = [model.said() for model in models if model]
    found = {name: next((each[name] for each in said if each[name] is not None), None) for name in NAMES}
    return Rates(**{name: value for name, value in found.items() if value is not None})


def check(model: CostModel) -> None:
    """Refuses with INVALID_COST_MODEL."""
    faults = Faults()
    for name in SHARES:
        faults.number(f"/{name}", getattr(model, name) or 0, 0, WHOLE_BP)
    for name in AMOUNTS:
        faults.number(f"/{name}", getattr(model, name) or 0, 0, MAX_MINOR)
    faults.number("/floor_bp", model.floor_bp or 0, 0, WHOLE_BP - 1)
    if sum(getattr(model, name) or 0 for name in SHARES) >= WHOLE_BP:
        faults.add("/commission_bp", "with the other shares must leave something of the price")
    faults.refuse(InvalidCostModel)


class CostModels:
    """Keeps cost models."""

    def __init__(
        self,
        models: Table[CostModel],
        changes: Table[CostChange],
        categories: Categories,
        skus: Table[Sku],
        clock: Clock,
    ) -> None:
        self._models, self._changes = models, changes
        self._categories, self._skus, self._clock = categories, skus, clock
        self._changed: list[Callable[[str, str], Awaitable[object]]] = []

    def when_changed(self, hear: Callable[[str, str], Awaitable[object]]) -> None:
        """Whom to tell the scope, and who changed it, once a change is kept."""
        self._changed.append(hear)

    async def get(self, scope: str) -> tuple[CostModel, Rates]:
        """What a scope says, and what holds there. Refuses with INVALID_COST_MODEL."""
        model = await self._kept(scope)
        category = scope.removeprefix(_CATEGORY) if model.kind == "category" else ""
        if model.kind == "sku":
            sku = scope.removeprefix(_SKU)
            category = (await self._skus.by_keys([sku], {"category": 1})).get(sku, {}).get("category", "")
        above = await self._of_shop_and_categories([category])
        return model, rates_of([model if model.kind == "sku" else None, *await self._path(category, above)])

    async def put(self, scope: str, said: Mapping[str, int | None], if_version: int, by: str) -> CostModel:
        """Replaces what a scope says; the floor stays as it is. Refuses with INVALID_COST_MODEL, VERSION_MISMATCH,
        UNKNOWN_CATEGORY, SKU_NOT_FOUND, TOO_MANY_COST_MODELS."""
        await self._must_exist(untouched(scope))
        rates = {name: said.get(name) for name in (*SHARES, *AMOUNTS)}
        return await self._write(scope, rates, if_version, by)

    async def set_floor(self, floor_bp: int, if_version: int, by: str) -> CostModel:
        """Sets the shop's floor. Refuses with INVALID_COST_MODEL, VERSION_MISMATCH."""
        return await self._write(SHOP, {"floor_bp": floor_bp}, if_version, by)

    async def history(self, scope: str, limit: int, cursor: str) -> tuple[list[CostChange], str]:
        """A scope's changes, newest first, and where the next page starts."""
        size = min(limit or 20, _MOST)
        where: dict[str, Any] = {"scope": scope}
        if cursor:
            where["number"] = {"$lt": decode_cursor(cursor, 1)[0]}
        items = await self._changes.find(where, [("number", -1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].number) if len(items) > size else ""

    async def of(self, asked: Sequence[tuple[str, str]]) -> list[Rates]:
        """What holds for each (SKU, category), in one read."""
        paths = {category: await self._categories.lineage(category) for _, category in asked}
        scopes = {scope_of_category(each) for path in paths.values() for each in path}
        models = await self._models.get_many([SHOP, *sorted(scopes), *(scope_of_sku(sku) for sku, _ in asked)])
        return [
            rates_of(
                [
                    models.get(scope_of_sku(sku)),
                    *(models.get(scope_of_category(each)) for each in paths[category]),
                    models.get(SHOP),
                ]
            )
            for sku, category in asked
        ]

    async def by_category(self) -> tuple[Rates, dict[str, Rates]]:
        """What holds where no category says anything else, and the categories where one does."""
        of_shop = await self._models.get(SHOP)
        usual = rates_of([of_shop])
        if not await self._models.find({"kind": "category"}, limit=1):
            return usual, {}
        tree = [category.id for category in await self._categories.all()]
        above = await self._of_shop_and_categories(tree)
        rates = {category: rates_of(await self._path(category, above)) for category in tree}
        return usual, {category: each for category, each in rates.items() if each != usual}

    async def skus_with_their_own(self) -> list[str]:
        """SKUs that have a model of their own."""
        found = await self._models.parts({"kind": "sku"}, {"_id": 1}, limit=_MOST_OF_SKUS)
        return [each["_id"].removeprefix(_SKU) for each in found]

    async def _of_shop_and_categories(self, categories: Iterable[str]) -> dict[str, CostModel]:
        paths = [await self._categories.lineage(category) for category in categories]
        return await self._models.get_many(
            [SHOP, *sorted({scope_of_category(each) for path in paths for each in path})]
        )

    async def _path(self, category: str, models: Mapping[str, CostModel]) -> list[CostModel | None]:
        path = await self._categories.lineage(category)
        return [*(models.get(scope_of_category(each)) for each in path), models.get(SHOP)]

    async def _kept(self, scope: str) -> CostModel:
        return await self._models.get(untouched(scope).id) or untouched(scope)

    async def _must_exist(self, model: CostModel) -> None:
        if model.kind == "category":
            await self._categories.must_exist(model.id.removeprefix(_CATEGORY))
        if model.kind == "sku":
            if not await self._skus.by_keys([model.id.removeprefix(_SKU)], {"_id": 1}):
                raise SkuNotFound("there is no such SKU")
            if len(await self.skus_with_their_own()) >= _MOST_OF_SKUS and not await self._models.get(model.id):
                raise TooManyCostModels(f"{_MOST_OF_SKUS} SKUs have one of their own")

    async def _write(self, scope: str, said: Mapping[str, int | None], if_version: int, by: str) -> CostModel:
        for _ in range(_TRIES):
            model = await self._kept(scope)
            if if_version and model.number != if_version:
                break
            seen = model.number
            for name, value in said.items():
                setattr(model, name, value)
            check(model)
            model.number, model.at, model.by = seen + 1, self._clock.now(), by
            change = CostChange(f"{scope}:{model.number}", scope, model.number, model.at, by, model.said())
            update = {"$set": {**said, "number": model.number, "at": model.at, "by": by}}
            write = (
                self._models.changing({"_id": scope, "number": seen}, update)
                if model.version
                else self._models.inserting(model)
            )
            try:
                await together((self._models, [write]), (self._changes, [self._changes.inserting(change)]))
            except (AlreadyExists, NotAsSeen):
                continue
            for hear in self._changed:
                await hear(scope, by)
            return model
        raise VersionMismatch(f"the cost model has changed since version {if_version}")
