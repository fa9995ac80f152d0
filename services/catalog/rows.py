"""This is where a row of an import file is read: every cell checked, every fault said by its column. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.kit.errors import FieldError
from services.kit.money import Money

from .categories import slug
from .fields import MAX_MINOR, MAX_UNITS, MAX_WEIGHT_G, Faults

NEEDED = ("sku", "title", "category", "price_minor", "cost_minor", "currency", "weight_g", "stock")
OPTIONAL = ("description", "tags", "warehouse", "image_url", "attributes")
_TAGS = re.compile(r"[,;|，；、]")
_LINES = re.compile(r"[;；|\n]")
_IS = re.compile(r"[=＝:：]")
_WHOLE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Row:
    """A good row. `category` is a title or an id; what is optional and not in the file is None and stays as it is."""

    number: int
    sku: str
    title: str
    category: str
    price: Money
    cost: Money
    weight_g: int
    stock: int
    warehouse: str
    description: str | None
    tags: list[str] | None
    image_url: str | None
    attributes: list[tuple[str, str]] | None  # the spec table


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a row; no errors: it went in."""

    number: int
    sku: str
    errors: tuple[FieldError, ...] = ()


def read(number: int, cells: Mapping[str, str], *, photos: bool) -> Row | Answer:
    """A row as it is meant, or what is wrong with it. `photos`: whether a picture is needed (to go on sale)."""
    faults = Faults()
    cells = {name: cell.strip() for name, cell in cells.items()}
    for name in cells:
        if name not in NEEDED and name not in OPTIONAL:
            faults.add(name[:60], "is no column of ours")
    for name in NEEDED:
        if not cells.get(name):
            faults.add(name, "is missing")
    row = _row(number, cells, faults)
    if photos and not row.image_url:
        faults.add("image_url", "a picture is needed to go on sale")
    if faults.errors:
        return Answer(number, row.sku[:64], tuple(faults.errors))
    return row


def _row(number: int, cells: Mapping[str, str], faults: Faults) -> Row:
    def whole(name: str, most: int) -> int:
        cell = cells.get(name)
        if not cell:
            return 0
        if not _WHOLE.fullmatch(cell):
            faults.add(name, "must be a whole number, zero or more")
            return 0
        return faults.number(name, int(cell), 0, most)

    def text(name: str, most: int, *, lines: bool = False) -> str:
        return faults.text(name, cells.get(name, ""), most, lines=lines)

    sku, currency = cells.get("sku", ""), cells.get("currency", "")
    if sku:
        faults.sku("sku", sku)
    if currency:
        faults.currency("currency", currency)
    title, category = text("title", 300), text("category", 100)
    if category and not slug(category):
        faults.add("category", "must have a letter or digit")
    tags = [faults.text("tags", tag, 60) for tag in _TAGS.split(cells.get("tags", "")) if tag.strip()]
    if len(tags) > 50:
        faults.add("tags", "must be at most 50")
    image = cells.get("image_url")
    if image:
        image = faults.url("image_url", image)
    return Row(
        number=number,
        sku=sku,
        title=title,
        category=category,
        price=Money(currency, whole("price_minor", MAX_MINOR)),
        cost=Money(currency, whole("cost_minor", MAX_MINOR)),
        weight_g=whole("weight_g", MAX_WEIGHT_G),
        stock=whole("stock", MAX_UNITS),
        warehouse=faults.warehouse("warehouse", cells.get("warehouse", "")),
        description=text("description", 20_000, lines=True) if "description" in cells else None,
        tags=list(dict.fromkeys(tags)) if "tags" in cells else None,
        image_url=image if "image_url" in cells else None,
        attributes=_attributes(cells["attributes"], faults) if "attributes" in cells else None,
    )


def _attributes(cell: str, faults: Faults) -> list[tuple[str, str]]:
    """`material=cotton; size=M` as names and values."""
    pairs = []
    for line in filter(str.strip, _LINES.split(cell)):
        name, *value = _IS.split(line, maxsplit=1)
        if not value:
            faults.add("attributes", "must be name=value, joined by ';'")
        pairs.append((faults.text("attributes", name, 60, least=1), faults.text("attributes", "".join(value), 500)))
    if len(pairs) > 100:
        faults.add("attributes", "must be at most 100")
    return pairs
