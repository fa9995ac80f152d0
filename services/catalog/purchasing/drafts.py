"""This is where needs become orders: A-class goods one by one, B-class by supplier, C-class into a pool. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.catalog.fields import MAX_UNITS, Faults
from services.kit.errors import FieldError, Invalid

from .orders import InvalidPurchaseOrder, OrderLine, PurchaseOrder, Why, rounded
from .supplier_items import Offer
from .suppliers import Supplier

CLASSES = ("A", "B", "C")
_MOST_LINES = 200
_HOUR = 8  # UTC, on the pool's day

JUST_IN_TIME = Why(
    "A-class goods are ordered just in time, in an order of their own.", "A 类商品按需即时订货，单独成单。"
)
BY_SUPPLIER = Why("What is needed of this supplier now, in one order.", "合并该供应商当前所需商品为一单。")


class NoSupplier(Invalid):
    """Nobody to order it from: no approved supplier quotes it, or not the one that was named."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A need: so many units of a SKU for a warehouse, from that supplier or, when none is named, from the best approved."""

    sku: str
    quantity: int
    stock_class: str = ""  # A, B or C; as the SKU is classed when empty
    supplier_id: str = ""
    warehouse: str = "main"


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes one order, or goes into one pool. `name` tells it apart from the other parts of the same request."""

    name: str
    supplier: Supplier
    warehouse: str
    lines: list[OrderLine]
    pooled: bool
    why: list[Why]


def check_needs(lines: Sequence[DraftLine], why: Why, by: str, request_id: str) -> None:
    """Refuses with INVALID_PURCHASE_ORDER."""
    faults = Faults()
    if not 1 <= len(lines) <= _MOST_LINES:
        faults.add("/lines", f"must be 1 to {_MOST_LINES}")
    for i, line in enumerate(lines[:_MOST_LINES]):
        faults.sku(f"/lines/{i}/sku", line.sku)
        faults.number(f"/lines/{i}/quantity", line.quantity, 1, MAX_UNITS)
        faults.warehouse(f"/lines/{i}/warehouse", line.warehouse)
        if line.stock_class and line.stock_class not in CLASSES:
            faults.add(f"/lines/{i}/class", "must be A, B or C")
    if len({(line.sku, line.warehouse) for line in lines}) < len(lines):
        faults.add("/lines", "must name each SKU once a warehouse")
    faults.text("/why/en", why.en, 500)
    faults.text("/why/zh", why.zh, 500)
    faults.text("/by", by, 128)
    faults.text("/request_id", request_id, 255, least=1)
    faults.refuse(InvalidPurchaseOrder)


def classed(lines: Sequence[DraftLine], classes: Mapping[str, str]) -> list[DraftLine]:
    """Each need with its class: as it says, as its SKU is classed, or B."""
    return [replace(line, stock_class=line.stock_class or classes.get(line.sku, "B")) for line in lines]


def chosen(lines: Sequence[DraftLine], offers: Mapping[str, Sequence[Offer]]) -> list[Offer]:
    """The offer each need is met by. Refuses with NO_SUPPLIER."""
    picked: list[Offer] = []
    errors: list[FieldError] = []
    for i, line in enumerate(lines):
        of_sku = offers.get(line.sku, ())
        fits = [o for o in of_sku if (o.item.supplier_id == line.supplier_id if line.supplier_id else o.orderable)]
        if fits:
            picked.append(fits[0])
        else:
            errors.append(FieldError(f"/lines/{i}", f"no supplier to order {line.sku} from"))
    if errors:
        raise NoSupplier("; ".join(error.message for error in errors[:3]), errors=errors)
    return picked


def parts(lines: Sequence[DraftLine], offers: Sequence[Offer], why: Why) -> list[Part]:
    """The orders and additions to pools the needs become, in a fixed order."""
    said = [why] if why.en or why.zh else []
    made: dict[str, Part] = {}
    for line, best in zip(lines, offers, strict=True):
        item, pooled = best.item, line.stock_class == "C"
        name = f"{line.stock_class if line.stock_class != 'B' else ''}|{item.supplier_id}|{line.warehouse}"
        own = [*said, JUST_IN_TIME] if line.stock_class == "A" else said if pooled else [*said, BY_SUPPLIER]
        if line.stock_class == "A":
            name += f"|{line.sku}"
        part = made.setdefault(name, Part(name, best.supplier, line.warehouse, [], pooled, list(own)))
        ordered = line.quantity if pooled else rounded(line.quantity, item.moq, item.pack_size)
        if ordered != line.quantity:
            part.why.append(rounding(line.sku, line.quantity, ordered, item.moq, item.pack_size))
        part.lines.append(
            OrderLine(line.sku, item.supplier_sku, line.stock_class, line.quantity, ordered, item.cost.minor)
        )
    return [made[name] for name in sorted(made)]


def rounding(sku: str, asked: int, ordered: int, moq: int, pack_size: int) -> Why:
    """Why more is ordered than was needed."""
    return Why(
        f"{sku}: {asked} needed, {ordered} ordered (at least {moq}, in packs of {pack_size}).",
        f"{sku}：需要 {asked} 件，订购 {ordered} 件（起订量 {moq}，每箱 {pack_size} 件）。",
    )


def added(pool: PurchaseOrder, lines: Sequence[OrderLine]) -> None:
    """Adds needs to a pool; of a SKU that is in it already it becomes more."""
    for line in lines:
        there = pool.line(line.sku)
        if there is None:
            pool.lines.append(line)
        else:
            there.asked += line.asked
            there.ordered += line.ordered
            there.unit_cost_minor = line.unit_cost_minor


def next_pool_day(now: datetime, weekday: int) -> datetime:
    """08:00 UTC on the next such weekday (ISO), today's included while it lies ahead."""
    day = now.replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    day += timedelta(days=(weekday - now.isoweekday()) % 7)
    return day if day > now else day + timedelta(days=7)


def waiting(supplier: Supplier, until: datetime) -> Why:
    """Why a pool is not ordered yet."""
    date = until.date().isoformat()
    if supplier.free_freight_minor:
        value = shown(supplier.free_freight_minor, supplier.currency)
        return Why(
            f"C-class goods wait in the pool until {date}, or until they are worth {value} and travel free.",
            f"C 类商品进入拼单池，至 {date} 或金额达到 {value}（免运费）时下单。",
        )
    return Why(
        f"C-class goods wait in the pool until {date}, or until each reaches its least quantity.",
        f"C 类商品进入拼单池，至 {date} 或各商品均达到起订量时下单。",
    )


def shown(minor: int, currency: str) -> str:
    """An amount as people read it: `12.50 CNY`."""
    return f"{minor // 100}.{minor % 100:02d} {currency}"


def over_capacity(supplier: Supplier, open_units: int, more: int) -> Why | None:
    """A warning when a supplier is asked for more than it can deliver in its period."""
    if not supplier.capacity_units or open_units + more <= supplier.capacity_units:
        return None
    return Why(
        f"{supplier.name} delivers {supplier.capacity_units} units in {supplier.capacity_days} days; {open_units} are on "
        f"order and {more} more are asked for.",
        f"{supplier.name} 每 {supplier.capacity_days} 天产能 {supplier.capacity_units} 件；在途 {open_units} 件，"
        f"本次再订 {more} 件。",
    )
