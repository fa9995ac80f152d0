"""This is where the daily sales of the real data are cut from the whole file, so that anybody can cut them again.

    python -m tests.catalog.supply.extract path/to/online_retail.csv.gz

The source is *Online Retail* (D. Chen, UCI Machine Learning Repository, doi 10.24432/C5BW33, CC BY 4.0). What is taken for
demand, and what is not, stands in `data/README.md`.
"""

import csv
import gzip
import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median_low

FILE = Path(__file__).parent / "data" / "online_retail_days.csv.gz"
FIRST, LAST = date(2010, 12, 1), date(2011, 9, 30)
UNDONE_WITHIN = 7  # days: an order taken back so soon never was demand; later it is a return of what was wanted
_GOODS = re.compile(r"(\d{5}[A-Z]{0,2}|DCGS\w+)")


@dataclass
class _Sale:
    day: int
    units: int


@dataclass
class Sold:
    """What one SKU sold: the prices of its lines, and its sales by customer, oldest first."""

    prices: list[int] = field(default_factory=list)
    sales: dict[str, list[_Sale]] = field(default_factory=lambda: defaultdict(list))

    def take_back(self, customer: str, units: int, day: int) -> None:
        """A cancellation takes its units off the customer's latest sales of the week before; the rest is a return."""
        for sale in reversed(self.sales[customer]):
            if day - sale.day > UNDONE_WITHIN:
                return
            undone = min(units, sale.units)
            sale.units, units = sale.units - undone, units - undone

    def by_day(self) -> dict[int, int]:
        """Units by day of the span, days without a sale left out."""
        days: dict[int, int] = defaultdict(int)
        for sales in self.sales.values():
            for sale in sales:
                days[sale.day] += sale.units
        return {day: units for day, units in sorted(days.items()) if units}


def demand(rows: Iterable[dict[str, str]]) -> dict[str, Sold]:
    """What each SKU sold, from the file's rows in their order."""
    sold: dict[str, Sold] = defaultdict(Sold)
    for row in rows:
        sku, units = row["StockCode"].upper(), int(row["Quantity"])
        day = (date.fromisoformat(row["InvoiceDate"][:10]) - FIRST).days
        if not _GOODS.fullmatch(sku) or not 0 <= day <= (LAST - FIRST).days:
            continue
        if row["InvoiceNo"].startswith("C"):
            if row["CustomerID"]:
                sold[sku].take_back(row["CustomerID"], -units, day)
        elif units > 0 and Decimal(row["UnitPrice"]) > 0:
            sold[sku].sales[row["CustomerID"]].append(_Sale(day, units))
            sold[sku].prices.append(int((Decimal(row["UnitPrice"]) * 100).to_integral_value()))
    return sold


def main(source: Path) -> None:
    """Writes the extract; the same source gives the same bytes."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        sold = demand(csv.DictReader(file))
    with io.TextIOWrapper(gzip.GzipFile(FILE, "wb", 9, mtime=0), encoding="utf-8", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(("sku", "price_minor", "days"))
        for sku, of_sku in sorted(sold.items()):
            if days := of_sku.by_day():
                cells = " ".join(f"{day}:{units}" for day, units in days.items())
                lines.writerow((sku, median_low(of_sku.prices), cells))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
