"""This is where it is counted how often the front page reads."""

from typing import Any

from services.catalog.gates import Gates
from services.catalog.media.library import Library
from services.catalog.storefront.front import Fronts
from services.catalog.storefront.modules import Front, Module, ModuleKind
from services.kit.clock import SettableClock


class Shelves:
    """Stands for every table; counts what is read of products and SKUs."""

    name = "products"

    def __init__(self, modules: list[Module]) -> None:
        self.modules, self.reads = modules, list[str]()

    async def get(self, key: str) -> Front:
        return Front(key, self.modules, "", SettableClock().now())

    async def with_descendants(self, category: str) -> list[str]:
        return [category]

    async def aggregate(self, stages: list[Any]) -> list[Any]:
        self.reads.append("products")
        pipelines = [stages, *(stage["$unionWith"]["pipeline"] for stage in stages if "$unionWith" in stage)]
        named = [stage["$project"]["module"]["$literal"] for each in pipelines for stage in each if "$project" in stage]
        return [{"_id": f"prd_{name}", "module": name, "variants": [{"sku": name}]} for name in named]

    async def by_keys(self, keys: list[str], _fields: Any) -> dict[str, Any]:
        self.reads.append("skus")
        return {key: {"available": 7} for key in keys}


async def test_however_many_modules_there_are_products_are_read_once_and_their_stock_once() -> None:
    modules = [Module(f"m{number}", ModuleKind.SHELF, category="tea") for number in range(29)]
    shelves: Any = Shelves([*modules, Module("top", ModuleKind.HERO, "Tea")])
    library = Library(shelves, shelves, shelves, SettableClock())
    fronts = Fronts(shelves, shelves, shelves, shelves, library, Gates(), SettableClock())
    shown = await fronts.show()
    assert [each.module.id for each in shown] == [*(module.id for module in modules), "top"]
    assert all(each.items[0]["available"] == 7 for each in shown[:-1])
    assert shelves.reads == ["products", "skus"]
