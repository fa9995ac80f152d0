"""This is where the trading day is read: invoices as orders a cart can hold, and what the file itself says. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

_COUNTRIES = {
    "United Kingdom": "GB",
    "EIRE": "IE",
    "France": "FR",
    "Norway": "NO",
    "Italy": "IT",
    "Germany": "DE",
    "Spain": "ES",
}


@dataclass(frozen=True)
class Basket:
    """What one order holds: SKU → (quantity, price of one in pence)."""

    lines: Mapping[str, tuple[int, int]]


@dataclass
class Invoice:
    """An invoice of the file; a cancellation's quantities are those given back."""

    number: str
    at: str
    customer: str
    country: str
    cancels: bool
    baskets: list[Basket] = field(default_factory=list)


@dataclass(frozen=True)
class Figures:
    """A day in numbers; money in pence."""

    orders: int
    units: int
    gmv: int
    refunds: int
    by_sku: Mapping[str, int]

    @property
    def aov(self) -> float:
        """Net paid sales / paid orders, in pence."""
        return (self.gmv - self.refunds) / self.orders if self.orders else 0.0


def invoices(rows: Iterable[Mapping[str, str]]) -> list[Invoice]:
    """The day's invoices in the order of the file.

    A cart has each article once and at one price: lines of one article and price are added up, and an article that one
    invoice sells at two prices needs a second order for the second price.
    """
    found: dict[str, Invoice] = {}
    lines: dict[str, Counter[tuple[str, int]]] = defaultdict(Counter)
    for row in rows:
        number = row["invoice"]
        if number not in found:
            country = _COUNTRIES[row["country"]]
            found[number] = Invoice(number, row["at"], row["customer"], country, number.startswith("C"))
        lines[number][row["sku"], int(row["price_minor"])] += abs(int(row["quantity"]))
    for number, invoice in found.items():
        invoice.baskets = _baskets(lines[number])
    return list(found.values())


def _baskets(lines: Mapping[tuple[str, int], int]) -> list[Basket]:
    baskets: list[dict[str, tuple[int, int]]] = []
    for (sku, price), quantity in lines.items():
        home = next((basket for basket in baskets if sku not in basket), None)
        if home is None:
            baskets.append(home := {})
        home[sku] = (quantity, price)
    return [Basket(basket) for basket in baskets]


def figures(rows: Sequence[Mapping[str, str]]) -> Figures:
    """The day straight from the file's rows, without any of the above."""
    sold = [row for row in rows if int(row["quantity"]) > 0]
    by_sku: Counter[str] = Counter()
    for row in sold:
        by_sku[row["sku"]] += int(row["quantity"]) * int(row["price_minor"])
    return Figures(
        orders=len({row["invoice"] for row in sold}),
        units=sum(int(row["quantity"]) for row in sold),
        gmv=sum(by_sku.values()),
        refunds=-sum(int(row["quantity"]) * int(row["price_minor"]) for row in rows if int(row["quantity"]) < 0),
        by_sku=by_sku,
    )
