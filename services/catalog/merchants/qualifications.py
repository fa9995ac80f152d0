"""This is where a listing is held against what its merchant is licensed for (C23): a gate before anything goes on sale."""

from collections.abc import Sequence
from datetime import datetime

from services.catalog.categories import Categories
from services.catalog.content import OWN_MERCHANT, Product
from services.catalog.gates import Finding, Moment
from services.catalog.store import Table
from services.kit.clock import Clock

from .licences import Licence, Review
from .merchants import Merchant
from .papers import BUSINESS, KINDS
from .points import Standing, Thresholds
from .requirements import Requirements

_CATEGORY = "/category"


class Qualifications:
    """The gate. Whatever the number of listings, merchants and demands are read once each."""

    def __init__(
        self,
        merchants: Table[Merchant],
        requirements: Requirements,
        categories: Categories,
        thresholds: Thresholds,
        clock: Clock,
    ) -> None:
        self._merchants, self._requirements, self._categories = merchants, requirements, categories
        self._thresholds, self._clock = thresholds, clock

    async def look(self, products: Sequence[Product], moment: Moment) -> Sequence[Sequence[Finding]]:
        """What there is against each listing, in the order given."""
        now = self._clock.now()
        merchants = await self._merchants.get_many(sorted({each.merchant_id for each in products}))
        demands = await self._requirements.of_many({each.category for each in products})
        lineages = {category: await self._categories.lineage(category) for category in demands}
        return [
            self._against(
                merchants.get(each.merchant_id), [k for k, _ in demands[each.category]], lineages[each.category], now
            )
            for each in products
        ]

    def _against(
        self, merchant: Merchant | None, demanded: Sequence[str], lineage: Sequence[str], now: datetime
    ) -> list[Finding]:
        if merchant is None:
            return [Finding("MERCHANT_UNKNOWN", "/merchant_id", "there is no such merchant", "商家不存在")]
        if out := _out_of_business(merchant.standing(self._thresholds, now)):
            return [out]
        kinds = list(dict.fromkeys(demanded))
        if merchant.id != OWN_MERCHANT:
            kinds = [BUSINESS, *(kind for kind in kinds if kind != BUSINESS)]
        findings = (lacks(merchant.licences, kind, lineage, now) for kind in kinds)
        return [finding for finding in findings if finding]


def _out_of_business(standing: Standing) -> Finding | None:
    if standing is Standing.CLOSED:
        return Finding("MERCHANT_CLOSED", "/merchant_id", "the merchant is closed", "商家已被清退")
    if standing is Standing.SUSPENDED:
        return Finding("MERCHANT_SUSPENDED", "/merchant_id", "the merchant is suspended", "商家已被暂停经营")
    return None


def lacks(licences: Sequence[Licence], kind: str, lineage: Sequence[str], now: datetime) -> Finding | None:
    """What is missing for a category (given with all above it) that demands this kind of licence; None when nothing is."""
    accepted = [each for each in licences if each.paper.kind == kind and each.review is Review.ACCEPTED]
    covering = [each for each in accepted if each.covers(lineage)]
    if any(each.in_force(now) for each in covering):
        return None
    category, (en, zh) = lineage[0] if lineage else "", KINDS[kind]
    if any(each.ended(now) for each in covering):
        return Finding(
            "LICENCE_EXPIRED",
            _CATEGORY,
            f"the {en} has expired",
            f"{zh}已过期",
            f"renew the {en} / 请续期{zh}",
            kind,
        )
    if any(each.in_force(now) for each in accepted):
        return Finding(
            "OUTSIDE_SCOPE",
            _CATEGORY,
            f"the category {category!r} is outside the scope of the {en}",
            f"类目“{category}”不在{zh}的经营范围内",
            f"choose another category, or have the {en} extended / 请更换类目，或变更{zh}的经营范围",
            kind,
        )
    return Finding(
        "QUALIFICATION_MISSING",
        _CATEGORY,
        f"selling in the category {category!r} needs a {en}",
        f"在类目“{category}”销售需要{zh}",
        f"add a {en} and wait for its review / 请上传{zh}并等待审核",
        kind,
    )
