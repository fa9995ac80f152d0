"""This is where the modules of the front page are: what each kind needs, which are shown now (C11, P08). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.catalog.fields import Faults
from services.kit.errors import Invalid

ONE = "self"
USUAL, MOST_ITEMS, MOST_MODULES = 12, 24, 30
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LINK = re.compile(r"https?://[^\s\"<>\\]{1,2000}|/(?!/)[^\s\"<>\\]{0,2000}")


class ModuleKind(StrEnum):
    """What a module shows."""

    HERO = "hero"  # the selling point of the first screen
    POSTER = "poster"  # a picture, for a time
    BESTSELLERS = "bestsellers"  # 爆款專區
    NEW_ARRIVALS = "new_arrivals"  # 新品首發
    SHELF = "shelf"  # a category
    PICKS = "picks"  # chosen by hand
    COUNTDOWN = "countdown"  # to the end of a promotion that runs


# What belongs to a kind: what it must have, and what it may.
_MUST: dict[ModuleKind, tuple[str, ...]] = {
    ModuleKind.HERO: ("title",),
    ModuleKind.POSTER: ("media_id",),
    ModuleKind.BESTSELLERS: (),
    ModuleKind.NEW_ARRIVALS: (),
    ModuleKind.SHELF: ("category",),
    ModuleKind.PICKS: ("product_ids",),
    ModuleKind.COUNTDOWN: ("promotion_id",),
}
_MAY: dict[ModuleKind, tuple[str, ...]] = {
    ModuleKind.BESTSELLERS: ("category", "limit"),
    ModuleKind.NEW_ARRIVALS: ("category", "limit"),
    ModuleKind.SHELF: ("limit",),
}
_PARTICULAR = ("category", "product_ids", "promotion_id", "limit")
LISTS = (ModuleKind.BESTSELLERS, ModuleKind.NEW_ARRIVALS, ModuleKind.SHELF, ModuleKind.PICKS)


@dataclass
class Module:
    """A module. `limit` 0: as many as usual; without times it is always shown."""

    id: str
    kind: ModuleKind
    title: str = ""
    text: str = ""
    media_id: str = ""
    link: str = ""
    category: str = ""
    product_ids: list[str] = field(default_factory=list)
    promotion_id: str = ""
    limit: int = 0
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def shown_at(self, now: datetime) -> bool:
        """Whether it is its time."""
        return (self.valid_from is None or self.valid_from <= now) and (
            self.valid_until is None or now < self.valid_until
        )


@dataclass
class Front:
    """The front page. There is one."""

    id: str
    modules: list[Module]
    by: str
    updated_at: datetime
    version: int = 0


class InvalidModules(Invalid):
    """Modules that cannot be."""


def usual() -> list[Module]:
    """What the front page of a new shop shows."""
    return [
        Module("bestsellers", ModuleKind.BESTSELLERS, "爆款專區 Bestsellers"),
        Module("new-arrivals", ModuleKind.NEW_ARRIVALS, "新品首發 New arrivals"),
    ]


def check(modules: Sequence[Module]) -> Faults:
    """What is wrong with modules, but for what they name. Pure."""
    faults = Faults()
    if len(modules) > MOST_MODULES:
        faults.add("/modules", f"must be at most {MOST_MODULES}")
    if len({module.id for module in modules}) < len(modules):
        faults.add("/modules", "must each have an id of its own")
    for number, module in enumerate(modules[:MOST_MODULES]):
        _check(faults, f"/modules/{number}", module)
    return faults


def _check(faults: Faults, pointer: str, module: Module) -> None:
    if not _SLUG.fullmatch(module.id):
        faults.add(f"{pointer}/id", "must be 1 to 64 small letters, digits or '-'")
    module.title = faults.text(f"{pointer}/title", module.title, 200)
    module.text = faults.text(f"{pointer}/text", module.text, 2_000, lines=True)
    if module.link and not _LINK.fullmatch(module.link):
        faults.add(f"{pointer}/link", "must be an http(s) address or a path")
    faults.number(f"{pointer}/limit", module.limit, 0, MOST_ITEMS)
    if len(module.product_ids) > MOST_ITEMS:
        faults.add(f"{pointer}/product_ids", f"must be at most {MOST_ITEMS}")
    must = _MUST[module.kind]
    for name in must:
        if not getattr(module, name):
            faults.add(f"{pointer}/{name}", f"a {module.kind} needs it")
    for name in _PARTICULAR:
        if getattr(module, name) and name not in (*must, *_MAY.get(module.kind, ())):
            faults.add(f"{pointer}/{name}", f"a {module.kind} has none")
    if module.valid_from and module.valid_until and module.valid_until <= module.valid_from:
        faults.add(f"{pointer}/valid_until", "must be after valid_from")
