"""This is where it is decided what may be said of goods that run out (C17): true numbers, or nothing."""

from dataclasses import dataclass

from services.catalog.products import Products

from .sold import Sales, Sold


@dataclass(frozen=True, slots=True)
class Remark:
    """Something true to say."""

    kind: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Scarcity:
    """What there is of a product, what it sold, and what may be said of it."""

    available: int
    sold: Sold
    remarks: list[Remark]


def remarks(available: int, sold: Sold, few: int) -> list[Remark]:
    """What may be said: nothing of what is plenty, nor of what is gone. Pure."""
    if not 1 <= available <= few:
        return []
    said = [Remark("few_left", f"Only {available} left", f"仅剩 {available} 件")]
    if sold.units:
        en = f"{sold.units} paid in the last {sold.days} days, {available} left"
        zh = f"近 {sold.days} 天已付款 {sold.units} 件，还剩 {available} 件"
        said.append(Remark("paid_and_left", en, zh))
    return said


class Scarcities:
    """Looks at live stock and at what was paid. `few`: from so few units on something is said."""

    def __init__(self, products: Products, sales: Sales, few: int) -> None:
        self._products, self._sales, self._few = products, sales, few

    async def of(self, id_or_sku: str) -> Scarcity:
        """Of a product on sale. Refuses with PRODUCT_NOT_FOUND."""
        product, stock = await self._products.show(id_or_sku, staff=False)
        available, sold = sum(stock.values()), await self._sales.of(product)
        return Scarcity(available, sold, remarks(available, sold, self._few))
