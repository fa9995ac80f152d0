"""This is where it is seen whether a listing shows all it must: spec table, photos, after-sales policy, true promises."""

from collections.abc import Iterator, Mapping, Sequence

from services.catalog.content import Product
from services.catalog.gates import Finding, Moment
from services.catalog.policies import Policies
from services.catalog.promises import NO_REASON_DAYS, SHOWN, AfterSales, TrustKind

from .spec_tables import Inherited, Schemas
from .specs import held_against


class Completeness:
    """The gate in front of what a listing must show. `development`: a row of a file needs neither photo nor spec table."""

    def __init__(self, schemas: Schemas, policies: Policies, *, development: bool) -> None:
        self._schemas, self._policies, self._development = schemas, policies, development

    async def look(self, products: Sequence[Product], moment: Moment) -> list[list[Finding]]:
        """What each lacks."""
        policy = (await self._policies.shop()).after_sales
        bare = [self._development and product.imported for product in products]
        wanted = {each.category for each, may in zip(products, bare, strict=True) if each.category and not may}
        schemas = await self._schemas.holding(wanted) if wanted else {}
        return [
            [*_lacks(each, policy), *(() if may else _shows_too_little(each, schemas))]
            for each, may in zip(products, bare, strict=True)
        ]


def _lacks(product: Product, shops: AfterSales) -> Iterator[Finding]:
    if not product.title:
        yield Finding("TITLE_MISSING", "/title", "must not be empty", "标题不能为空")
    if not product.category:
        yield Finding("CATEGORY_MISSING", "/category", "must not be empty", "请选择类目")
    if not product.variants:
        yield Finding("VARIANTS_MISSING", "/variants", "must be at least one", "至少需要一个规格")
    policy = product.after_sales or shops
    if not policy.text:
        yield Finding(
            "AFTER_SALES_MISSING",
            "/after_sales",
            "must say what becomes of goods that do not please: neither the product nor the shop does",
            "缺少售后政策：商品与店铺均未设置",
        )
    yield from _untrue(product, policy)


def _untrue(product: Product, policy: AfterSales) -> Iterator[Finding]:
    """Trust blocks that promise what the policy does not keep, or show nothing for what they say."""
    for i, block in enumerate(product.trust_blocks):
        if block.kind is TrustKind.NO_REASON_RETURN and policy.return_days < NO_REASON_DAYS:
            yield Finding(
                "CLAIM_UNTRUE",
                f"/trust_blocks/{i}",
                f"promises {NO_REASON_DAYS} days to return without a reason; the policy gives {policy.return_days}",
                f"承诺 {NO_REASON_DAYS} 天无理由退货，但售后政策仅 {policy.return_days} 天",
            )
        if block.kind is TrustKind.FREIGHT_INSURANCE and not policy.freight_insurance:
            yield Finding(
                "CLAIM_UNTRUE",
                f"/trust_blocks/{i}",
                "promises that the way back is paid for; the policy does not",
                "承诺运费险，但售后政策未包含",
            )
        if block.kind in SHOWN and not block.media_url:
            yield Finding(
                "EVIDENCE_MISSING",
                f"/trust_blocks/{i}/media_url",
                "must lead to the report, certificate or photo",
                "须提供报告、证书或照片链接",
            )


def _shows_too_little(product: Product, schemas: Mapping[str, list[Inherited]]) -> Iterator[Finding]:
    if not product.media:
        yield Finding("PHOTO_MISSING", "/media", "must be at least one", "至少需要一张实拍图")
    if not product.attributes:
        yield Finding("SPEC_TABLE_MISSING", "/attributes", "must be at least one", "缺少参数表")
    rules = [inherited.rule for inherited in schemas.get(product.category, ())]
    yield from held_against(rules, product.attributes)
