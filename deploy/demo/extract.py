"""This is where the compact extract of the real data is cut from the whole file, so that anybody can cut it again.

    python -m deploy.demo.extract path/to/online_retail.csv.gz

The source is *Online Retail* (D. Chen, UCI Machine Learning Repository, doi 10.24432/C5BW33, CC BY 4.0).
"""

import csv
import gzip
import io
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

DATA = Path(__file__).parent / "data"
DAY = "2011-09-20"
_SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# The file has no categories: the words of a description stand in. The first that fits.
_CATEGORIES = {
    "Christmas": ("CHRISTMAS", "XMAS", "REINDEER", "SNOW", "SANTA", "ADVENT"),
    "Bags": ("BAG", "SHOPPER", "PURSE", "SUITCASE", "HANDBAG", "LUNCHBAG"),
    "Lights": ("LIGHT", "TLIGHT", "LAMP", "LANTERN", "CANDLE"),
    "Kitchen": (
        "MUG",
        "CUP",
        "PLATE",
        "BOWL",
        "TEA",
        "CAKE",
        "BAKING",
        "KITCHEN",
        "JAR",
        "TIN",
        "BREAD",
        "SPOON",
        "JUG",
    ),
    "Garden": ("GARDEN", "WATERING", "PLANT", "FLOWER", "BIRD", "HERB"),
    "Stationery": ("CARD", "PAPER", "PENCIL", "NOTEBOOK", "WRAP", "STICKER", "TAPE", "CHALK", "RIBBON"),
    "Jewellery": ("NECKLACE", "BRACELET", "EARRING", "RING", "BROOCH"),
    "Toys": ("TOY", "DOLL", "GAME", "PUZZLE", "PLAYING", "DINOSAUR", "SKITTLES", "SPACEBOY"),
    "Home decoration": (
        "HEART",
        "SIGN",
        "FRAME",
        "CLOCK",
        "CUSHION",
        "HOOK",
        "DRAWER",
        "DECORATION",
        "MIRROR",
        "DOORMAT",
    ),
    "Services": ("POSTAGE", "MANUAL", "CARRIAGE", "DISCOUNT", "SAMPLES", "COMMISSION"),
}


def category_of(title: str) -> str:
    """The first category one of whose words, or its plural, the title holds."""
    held = {form for word in re.findall(r"[A-Z]+", title) for form in (word, word.removesuffix("S"))}
    return next((name for name, words in _CATEGORIES.items() if held & set(words)), "Gifts")


def minor(price: str) -> int:
    """Pounds as whole pence; every price of the file is."""
    pence = Decimal(price) * 100
    if pence != pence.to_integral_value():
        raise ValueError(f"{price} is not whole pence")
    return int(pence)


def catalogue(rows: Iterable[dict[str, str]]) -> list[tuple[str, str, str, int]]:
    """(sku, title, category, price in pence) of everything ever sold: its commonest title and its latest price."""
    titles: dict[str, Counter[str]] = defaultdict(Counter)
    prices: dict[str, int] = {}
    for row in rows:
        sku, title = row["StockCode"], " ".join(row["Description"].split())
        if not _SKU.fullmatch(sku):
            continue
        prices.setdefault(sku, 0)
        if title.isupper():  # notes such as "damaged?" are not titles
            titles[sku][title] += 1
        if int(row["Quantity"]) > 0 and Decimal(row["UnitPrice"]) > 0:
            prices[sku] = int((Decimal(row["UnitPrice"]) * 100).to_integral_value())
    best = {sku: titles[sku].most_common(1)[0][0] if titles[sku] else f"ARTICLE {sku}" for sku in prices}
    return [(sku, best[sku], category_of(best[sku]), prices[sku]) for sku in sorted(prices)]


def main(source: Path) -> None:
    """Writes data/catalogue.csv.gz and data/day.csv.gz."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    DATA.mkdir(exist_ok=True)
    with _writer("catalogue.csv.gz") as out:
        csv.writer(out).writerows([("sku", "title", "category", "price_minor"), *catalogue(rows)])
    with _writer("day.csv.gz") as out:
        lines = csv.writer(out)
        lines.writerow(("invoice", "sku", "quantity", "at", "price_minor", "customer", "country"))
        for row in rows:
            if row["InvoiceDate"].startswith(DAY):
                price = minor(row["UnitPrice"])
                cells = (row["InvoiceNo"], row["StockCode"], row["Quantity"], row["InvoiceDate"][11:16])
                lines.writerow((*cells, price, row["CustomerID"], row["Country"]))


def _writer(name: str) -> io.TextIOWrapper:
    # No time of writing in it: the same source gives the same bytes.
    return io.TextIOWrapper(gzip.GzipFile(DATA / name, "wb", 9, mtime=0), encoding="utf-8", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
