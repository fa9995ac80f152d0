"""This is where a listing is taken off sale because something is against it: why is kept with it, and staff are told."""

from services.kit.clock import Clock
from services.kit.errors import Conflict

from .content import OWN_MERCHANT, ListingState, Product, TakenDown
from .notices import Notices
from .products import Products
from .store import NotAsSeen

KIND = "listing_taken_down"
_TRIES = 5


class Takedowns:
    """Takes listings down."""

    def __init__(self, products: Products, notices: Notices, clock: Clock) -> None:
        self._products, self._notices, self._clock = products, notices, clock

    async def take_down(self, product_id: str, code: str, en: str, zh: str, by: str, *, seen: int = 0) -> bool:
        """Whether it is this call that took it off sale; staff and its merchant are told then, once.

        What is not on sale stays as it is. With `seen` only that version of it is taken down: what was mended since stays.
        It returns by being published, which all gates look at again. Refuses with PRODUCT_NOT_FOUND.
        """
        for _ in range(_TRIES):
            product = await self._products.get(product_id)
            if product.state is not ListingState.LIVE:
                await self._tell(product)  # a crash may have come between the write and the notice
                return False
            if seen and product.version != seen:
                return False
            now = self._clock.now()
            product.state, product.taken_down = ListingState.DELISTED, TakenDown(code, en, zh, by, now)
            product.by, product.updated_at = by, now
            try:
                await self._products.write(product)
            except NotAsSeen:
                continue
            await self._tell(product)
            return True
        raise Conflict("the listing is being changed by others")

    async def _tell(self, product: Product) -> None:
        if why := product.taken_down:
            en = f"{product.title!r} was taken off sale: {why.en}"
            zh = f"“{product.title}”已下架：{why.zh}"
            for whom in {OWN_MERCHANT, product.merchant_id}:
                await self._notices.raise_once(f"{product.id}:{why.at.isoformat()}", KIND, product.id, en, zh, whom)
