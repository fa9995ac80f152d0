"""This is where it is kept what the spec table of a category's products must say; what hangs below it must say it, too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.catalog.categories import Categories
from services.catalog.fields import Faults
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, VersionMismatch

from .specs import Rule, SpecKind, is_unit

_MOST_RULES = 60
_MOST_VALUES = 200


class InvalidSchema(Invalid):
    """Not what a schema must be."""


@dataclass
class Schema:
    """What a category asks for itself; `id` is the category's."""

    id: str
    rules: list[Rule] = field(default_factory=list)
    by: str = ""
    updated_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Inherited:
    """A rule, and the category it comes from."""

    rule: Rule
    category: str


class Schemas:
    """Keeps the schemas."""

    def __init__(self, schemas: Table[Schema], categories: Categories, clock: Clock) -> None:
        self._schemas, self._categories, self._clock = schemas, categories, clock

    async def of(self, category: str) -> tuple[Schema, list[Inherited]]:
        """What the category asks for itself (version 0: nothing yet), and all that holds for its products.
        Refuses with UNKNOWN_CATEGORY."""
        await self._categories.must_exist(category)
        holding = (await self.holding({category}))[category]
        return await self._schemas.get(category) or Schema(category), holding

    async def holding(self, categories: Iterable[str]) -> Mapping[str, list[Inherited]]:
        """All rules that hold for the products of each category; a nearer rule of the same name replaces a farther one."""
        paths = {each: await self._categories.lineage(each) for each in categories}
        kept = await self._schemas.get_many(sorted({step for path in paths.values() for step in path}))
        return {
            each: _together([kept[step] for step in reversed(path) if step in kept]) for each, path in paths.items()
        }

    async def put(self, category: str, rules: list[Rule], if_version: int, by: str) -> tuple[Schema, list[Inherited]]:
        """Sets what a category asks for. Refuses with UNKNOWN_CATEGORY, INVALID_SCHEMA, VERSION_MISMATCH."""
        await self._categories.must_exist(category)
        _check(rules)
        there = await self._schemas.get(category) or Schema(category)
        if if_version and there.version != if_version:
            raise VersionMismatch(f"the schema has changed since version {if_version}")
        there.rules, there.by, there.updated_at = rules, by, self._clock.now()
        try:
            await (self._schemas.save(there) if there.version else self._schemas.insert(there))
        except AlreadyExists as first:
            raise VersionMismatch("somebody else has just made the schema") from first
        return await self.of(category)


def _together(schemas: Iterable[Schema]) -> list[Inherited]:
    rules: dict[str, Inherited] = {}
    for schema in schemas:
        for rule in schema.rules:
            rules[rule.key] = Inherited(rule, schema.id)
    return list(rules.values())


def _check(rules: list[Rule]) -> None:
    faults, names = Faults(), set[str]()
    if len(rules) > _MOST_RULES:
        faults.add("/attributes", f"must be at most {_MOST_RULES}")
    for i, rule in enumerate(rules):
        at = f"/attributes/{i}"
        rule.name = faults.text(f"{at}/name", rule.name, 60, least=1)
        for name, values in (("values", rule.values), ("units", rule.units), ("also", rule.also)):
            if len(values) > _MOST_VALUES:
                faults.add(f"{at}/{name}", f"must be at most {_MOST_VALUES}")
            values[:] = [faults.text(f"{at}/{name}/{j}", text, 60, least=1) for j, text in enumerate(values)]
        if rule.kind is SpecKind.CHOICE and not rule.values:
            faults.add(f"{at}/values", "must be at least one")
        for j, unit in enumerate(rule.units):
            if not is_unit(unit):
                faults.add(f"{at}/units/{j}", "must not have digits or spaces")
        if rule.least is not None and rule.most is not None and rule.least > rule.most:
            faults.add(f"{at}/most", "must not be below least")
        if not names.isdisjoint(rule.keys):
            faults.add(f"{at}/name", "is there already")
        names |= rule.keys
    faults.refuse(InvalidSchema)
