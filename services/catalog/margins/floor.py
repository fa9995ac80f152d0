"""This is where what would be sold below the floor is held back: on its way to the shelf, at a change, at a new price."""

from collections.abc import Iterator, Sequence

from services.catalog.content import Product
from services.catalog.gates import Finding, Moment, Repricing

from .costs import Margin, Terms
from .terms import Standing, Unit

BELOW = "BELOW_MARGIN_FLOOR"
UNKNOWN = "COST_UNKNOWN"


def percent(basis_points: int | None) -> str:
    """`30.00 %`."""
    if basis_points is None:
        return "-"
    sign, whole = "-" if basis_points < 0 else "", abs(basis_points)
    return f"{sign}{whole // 100}.{whole % 100:02d} %"


def finding_of(margin: Margin, pointer: str, sku: str, *, blocks: bool = True) -> Finding | None:
    """What there is against this margin."""
    if not margin.cost_known:
        return Finding(
            UNKNOWN,
            pointer,
            f"nobody knows what {sku} costs: its margin cannot be told",
            f"{sku} 的成本未知，无法计算毛利",
            blocks=False,
        )
    if margin.keeps_floor:
        return None
    share, floor = percent(margin.contribution_bp), percent(margin.floor_bp)
    if margin.lowest_minor is None:
        en, zh = "fees and the floor leave nothing at any price", "费率与毛利底线之和已超过售价，任何价格都无法满足"
    else:
        missing, lowest = margin.shortfall_minor, margin.lowest_minor
        en = f"{missing} minor units short: the lowest allowed price is {lowest}"
        zh = f"差 {missing} 个最小货币单位：最低允许价格为 {lowest}"
    return Finding(
        BELOW,
        pointer,
        f"{sku} would earn {share} of its price, below the floor of {floor}; {en}",
        f"{sku} 的贡献毛利率为 {share}，低于底线 {floor}；{zh}",
        suggestion="" if margin.lowest_minor is None else str(margin.lowest_minor),
        text=str(margin.price_minor),
        blocks=blocks,
    )


class FloorGate:
    """Stands before listings and before prices. When a rule has changed it advises: nothing is taken down for its margin."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    async def look(self, products: Sequence[Product], moment: Moment) -> Sequence[Sequence[Finding]]:
        """Each variant's price."""
        units = [
            Unit(each.sku, product.category, each.price, each.cost, each.weight_g)
            for product in products
            for each in product.variants
        ]
        margins = iter(unit.margin(terms) for unit, terms in zip(units, await self._standing.of(units), strict=True))
        blocks = moment is not Moment.RESCAN
        return [_against_each(product, margins, blocks=blocks) for product in products]

    async def look_at_prices(self, changes: Sequence[Repricing]) -> Sequence[Sequence[Finding]]:
        """Prices of what is on sale; the others are looked at when they are about to be."""
        units = [Unit(each.sku, each.category, each.price, each.cost, each.weight_g) for each in changes]
        live = [unit for unit, change in zip(units, changes, strict=True) if change.live]
        terms = dict(zip((unit.sku for unit in live), await self._standing.of(live), strict=True))
        return [_against(unit, terms.get(unit.sku)) for unit in units]


def _against_each(product: Product, margins: Iterator[Margin], *, blocks: bool) -> list[Finding]:
    """`margins` are of the variants in their order, and go on with the next product's."""
    findings = [
        finding_of(next(margins), f"/variants/{place}/price", each.sku, blocks=blocks)
        for place, each in enumerate(product.variants)
    ]
    return [finding for finding in findings if finding]


def _against(unit: Unit, terms: Terms | None) -> list[Finding]:
    finding = finding_of(unit.margin(terms), "/price/minor", unit.sku) if terms else None
    return [finding] if finding else []
