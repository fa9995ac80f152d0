"""This is where the shop's own after-sales policy is: what holds for every product that says nothing else."""

from dataclasses import dataclass
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import Invalid, VersionMismatch

from .content import Product
from .fields import Faults
from .promises import AfterSales, check_after_sales
from .store import Table

_ONE = "shop"
_AT_FIRST = AfterSales(
    "7 天无理由退货：签收后 7 天内，商品完好即可退货。/ "
    "Returned within 7 days of delivery without a reason, as long as the goods are as they came."
)


class InvalidPolicy(Invalid):
    """Not what a policy must be."""


@dataclass
class ShopPolicy:
    """The shop's after-sales policy, and who set it."""

    id: str
    after_sales: AfterSales
    by: str
    updated_at: datetime | None = None
    version: int = 0


class Policies:
    """Keeps the shop's policy and answers which one holds for a product."""

    def __init__(self, policies: Table[ShopPolicy], clock: Clock) -> None:
        self._policies, self._clock = policies, clock

    async def begin(self) -> None:
        """The policy there is from the start; one that was set stays."""
        await self._policies.write_each([self._policies.putting(ShopPolicy(_ONE, _AT_FIRST, "shop"))])

    async def shop(self) -> ShopPolicy:
        """The shop's."""
        return await self._policies.get(_ONE) or ShopPolicy(_ONE, _AT_FIRST, "shop")

    async def put(self, after_sales: AfterSales, if_version: int, by: str) -> ShopPolicy:
        """Sets the shop's. Refuses with INVALID_POLICY, VERSION_MISMATCH."""
        faults = Faults()
        check_after_sales(faults, after_sales, "")
        faults.refuse(InvalidPolicy)
        policy = await self.shop()
        if if_version and policy.version != if_version:
            raise VersionMismatch(f"the policy has changed since version {if_version}")
        policy.after_sales, policy.by = after_sales, by
        policy.updated_at = self._clock.now()
        return await self._policies.save(policy)

    async def of(self, product: Product) -> AfterSales:
        """The product's own, or else the shop's."""
        return product.after_sales or (await self.shop()).after_sales
