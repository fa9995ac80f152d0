"""This is where competitors' prices come in, row by row; each of their items is known, and which SKU of ours it is."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.catalog.fields import MAX_MINOR, Faults, is_sku
from services.catalog.skus import Sku, SkuNotFound
from services.catalog.store import Table
from services.kit.clock import Clock, parse_time
from services.kit.errors import FieldError, Invalid, NotFound
from services.kit.money import Money
from services.kit.store import decode_cursor, encode_cursor

MOST_ROWS = 500
_MOST = 100
_AHEAD = timedelta(hours=1)  # a clock may go wrong, not by more
BY_ROW = "row"
_IN_STOCK = {"": None, "yes": True, "true": True, "no": False, "false": False}


class TooManyRows(Invalid):
    """More rows than one call takes."""


class CompetitorItemNotFound(NotFound):
    """Nobody has reported such an item of a competitor."""


@dataclass
class CompetitorItem:
    """Something a competitor sells, as last reported. `matched_by` is empty until somebody has decided what it is of
    ours; an empty `sku` then says: nothing."""

    id: str
    competitor: str
    item: str  # its match key, else its address, else its name
    name: str
    url: str
    sku: str
    matched_by: str
    price: Money
    promotion: str
    in_stock: bool | None
    first_at: datetime
    last_at: datetime
    version: int = 0


@dataclass
class CompetitorPrice:
    """A price seen at a moment; the id says of what and when, so that a row sent twice is there once."""

    id: str
    item_id: str
    competitor: str
    name: str
    price: Money
    at: datetime
    promotion: str
    in_stock: bool | None
    traffic: dict[str, int]  # where its visitors come from, in percent
    has_traffic: bool
    version: int = 0


@dataclass(frozen=True, slots=True)
class RowTaken:
    """What became of a row."""

    number: int
    errors: tuple[FieldError, ...] = ()


@dataclass
class _Row:
    number: int
    sku: str
    url: str
    item: str
    seen: CompetitorPrice
    errors: list[FieldError] = field(default_factory=list)


def item_id(competitor: str, item: str) -> str:
    """The id of a competitor's item."""
    return f"cit_{hashlib.sha256(f'{competitor.casefold()}|{item}'.encode()).hexdigest()[:26]}"


def read_row(number: int, cells: Mapping[str, str], now: datetime) -> _Row:
    """A row, and what is wrong with it by column. Pure."""
    faults = Faults()

    def text(name: str, most: int, least: int = 0) -> str:
        return faults.text(name, cells.get(name, ""), most, least=least)

    competitor, name, url, key = (
        text("competitor", 100, 1),
        text("name", 300),
        text("url", 2_000),
        text("match_key", 200),
    )
    sku, promotion = text("sku", 64), text("promotion", 300)
    item = key or url or name or sku
    if not item:
        faults.add("name", "must be given, or else url, match_key or sku")
    if sku and not is_sku(sku):
        faults.add("sku", "must be a SKU")
    minor = _whole(faults, "price_minor", cells.get("price_minor", ""), MAX_MINOR)
    currency = faults.currency("currency", cells.get("currency", ""))
    at = _moment(faults, cells.get("at", ""), now)
    stock = cells.get("stock", "").strip().casefold()
    if stock not in _IN_STOCK and not (stock.isascii() and stock.isdigit()):
        faults.add("stock", "must be yes, no or how many")
    in_stock = _IN_STOCK[stock] if stock in _IN_STOCK else stock.strip("0") != ""
    key = item_id(competitor, item)
    traffic = _traffic(faults, cells.get("traffic", ""))
    price_id = hashlib.sha256(f"{key}|{at.isoformat()}".encode()).hexdigest()[:32]
    seen = CompetitorPrice(
        id=price_id,
        item_id=key,
        competitor=competitor,
        name=name or item[:300],
        price=Money(currency, minor),
        at=at,
        promotion=promotion,
        in_stock=in_stock,
        traffic=traffic,
        has_traffic=bool(traffic),
    )
    return _Row(number, sku, url, item, seen, faults.errors)


def _whole(faults: Faults, name: str, text: str, most: int) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        faults.add(name, "must be a whole number")
        return 0
    return faults.number(name, int(text), 1, most)


def _moment(faults: Faults, text: str, now: datetime) -> datetime:
    try:
        at = parse_time(text.strip())
    except ValueError:
        faults.add("at", "must be an RFC 3339 time with a zone")
        return now
    if at is None or at > now + _AHEAD:
        faults.add("at", "must say when it was seen, and not be to come")
    return at or now


def _traffic(faults: Faults, text: str) -> dict[str, int]:
    """`search:60;ads:40`, in percent."""
    mix: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, _, share = part.partition(":")
        if not (name.strip() and share.strip().isdigit() and len(share) <= 4):
            faults.add("traffic", "must be like search:60;ads:40")
            return {}
        mix[name.strip()[:40].replace(".", "_").replace("$", "_")] = int(share)
    if mix and (len(mix) > 20 or sum(mix.values()) > 100):
        faults.add("traffic", "must be at most 20 shares, together at most 100")
    return mix


class Competitors:
    """Takes rows in and tells what others ask."""

    def __init__(
        self, items: Table[CompetitorItem], prices: Table[CompetitorPrice], skus: Table[Sku], clock: Clock
    ) -> None:
        self._items, self._prices, self._skus, self._clock = items, prices, skus, clock

    async def take_in(self, rows: Sequence[tuple[int, Mapping[str, str]]]) -> list[RowTaken]:
        """Takes in what is right and answers each row; the same again changes nothing. Refuses with TOO_MANY_ROWS."""
        if len(rows) > MOST_ROWS:
            raise TooManyRows(f"at most {MOST_ROWS} rows")
        now = self._clock.now()
        read = [read_row(number, cells, now) for number, cells in rows]
        ours = await self._skus.by_keys(list({row.sku for row in read if row.sku and not row.errors}), {"_id": 1})
        for row in read:
            if row.sku and not row.errors and row.sku not in ours:
                row.errors.append(FieldError("sku", "is no SKU of ours"))
        good = [row for row in read if not row.errors]
        await self._prices.write_each([self._prices.putting(row.seen) for row in good])
        await self._note(good)
        return [RowTaken(row.number, tuple(row.errors)) for row in read]

    async def _note(self, rows: Sequence[_Row]) -> None:
        """Brings the items up to the latest of what was seen of them."""
        by_item: dict[str, list[_Row]] = defaultdict(list)
        for row in rows:
            by_item[row.seen.item_id].append(row)
        firsts, updates = [], list[tuple[Mapping[str, Any], Any]]()
        for key, seen in by_item.items():
            seen.sort(key=lambda row: row.seen.at)
            last, sku = seen[-1], next((row.sku for row in reversed(seen) if row.sku), "")
            firsts.append(self._items.putting(_item(last, sku, seen[0].seen.at)))
            latest = _item(last, sku, last.seen.at)
            now_known = {
                "name": latest.name,
                "price": {"currency": latest.price.currency, "minor": latest.price.minor},
                "promotion": latest.promotion,
                "in_stock": latest.in_stock,
                "last_at": latest.last_at,
            } | ({"url": latest.url} if latest.url else {})
            updates.append(({"_id": key, "last_at": {"$lte": latest.last_at}}, {"$set": now_known}))
            updates.append(({"_id": key}, {"$min": {"first_at": seen[0].seen.at}}))
            if sku:
                updates.append(({"_id": key}, {"$set": {"sku": sku, "matched_by": BY_ROW}}))
        await self._items.write_each(firsts)
        await self._items.touch(updates)

    async def prices_of(self, currencies: Mapping[str, str], since: datetime) -> dict[str, list[int]]:
        """What competitors ask for each SKU now: of what was seen since then, is not sold out, and is in its currency."""
        where = {"sku": {"$in": list(currencies)}, "last_at": {"$gte": since}}
        asked: dict[str, list[int]] = defaultdict(list)
        for item in await self._items.parts(where, {"sku": 1, "price": 1, "in_stock": 1}):
            if item["in_stock"] is not False and item["price"]["currency"] == currencies[item["sku"]]:
                asked[item["sku"]].append(item["price"]["minor"])
        return asked

    async def page(self, sku: str, limit: int, cursor: str) -> tuple[list[CompetitorPrice], str]:
        """What was seen of the items matched with a SKU, newest first, and where the next page starts. Refuses with
        SKU_NOT_FOUND."""
        if not is_sku(sku) or not await self._skus.by_keys([sku], {"_id": 1}):
            raise SkuNotFound("there is no such SKU")
        keys = [item["_id"] for item in await self._items.parts({"sku": sku}, {"_id": 1}, limit=1_000)]
        size, where = min(limit or 20, _MOST), dict[str, Any]({"item_id": {"$in": keys}})
        if cursor:
            at, key = decode_cursor(cursor, 2)
            moment = datetime.fromisoformat(str(at))
            where["$or"] = [{"at": {"$lt": moment}}, {"at": moment, "_id": {"$lt": key}}]
        seen = await self._prices.find(where, [("at", -1), ("_id", -1)], size + 1)
        more = encode_cursor(seen[size - 1].at.isoformat(), seen[size - 1].id) if len(seen) > size else ""
        return seen[:size], more


def _item(row: _Row, sku: str, first_at: datetime) -> CompetitorItem:
    seen = row.seen
    return CompetitorItem(
        id=seen.item_id,
        competitor=seen.competitor,
        item=row.item,
        name=seen.name,
        url=row.url,
        sku=sku,
        matched_by=BY_ROW if sku else "",
        price=seen.price,
        promotion=seen.promotion,
        in_stock=seen.in_stock,
        first_at=first_at,
        last_at=seen.at,
    )
