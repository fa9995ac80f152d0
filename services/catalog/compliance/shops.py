"""This is where the shop changes what it promises with every product, and what is on sale is held against it."""

from services.catalog.policies import Policies, ShopPolicy
from services.catalog.promises import AfterSales

from .rescans import Rescans


class ShopPromises:
    """The shop's policy, and what hangs on it."""

    def __init__(self, policies: Policies, rescans: Rescans) -> None:
        self._policies, self._rescans = policies, rescans

    async def get(self) -> ShopPolicy:
        """The policy as it is."""
        return await self._policies.shop()

    async def put(self, after_sales: AfterSales, if_version: int, by: str) -> ShopPolicy:
        """Sets it and has listings looked at that may promise more. Refuses with INVALID_POLICY, VERSION_MISMATCH."""
        kept = await self._policies.put(after_sales, if_version, by)
        await self._rescans.ask(by, "The shop's after-sales policy has changed")
        return kept
