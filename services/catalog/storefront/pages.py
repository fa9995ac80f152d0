"""This is where the pages of products are written, drafted and shown."""

from services.catalog.content import ListingState, Product
from services.catalog.gates import Gates
from services.catalog.media.library import Library
from services.catalog.products import ProductNotFound, Products
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import FieldError
from services.kit.store import found

from .drafts import Shot, draft, storyboard
from .keeping import demand_texts, put
from .sections import InvalidPageContent, PageNotFound, ProductPage, Section, check, filled
from .sold import Sales, Sold


class Pages:
    """The pages."""

    def __init__(
        self, pages: Table[ProductPage], products: Products, library: Library, gates: Gates, sales: Sales, clock: Clock
    ) -> None:
        self._pages, self._products, self._library = pages, products, library
        self._gates, self._sales, self._clock = gates, sales, clock
        library.referrers.append(self._shows)

    async def show(self, product_id: str, *, staff: bool, merchant_id: str = "") -> tuple[ProductPage, Sold]:
        """Customers see the page of what is on sale, its numbers filled; staff any, as it was written.

        Refuses with PRODUCT_NOT_FOUND, PAGE_NOT_FOUND.
        """
        product = await self._products.get(product_id, merchant_id if staff else "")
        if not (staff or product.state is ListingState.LIVE):
            raise ProductNotFound("there is no such product")
        page = found(await self._pages.get(product.id), PageNotFound("nobody has written this product's page yet"))
        sold = await self._sales.of(product)
        if not staff:
            page.sections = list(filled(page.sections, sold))
        return page, sold

    async def put(
        self, product_id: str, sections: list[Section], if_version: int, by: str, merchant_id: str = ""
    ) -> tuple[ProductPage, Sold]:
        """Writes it anew. Refuses with PRODUCT_NOT_FOUND, INVALID_PAGE_CONTENT, LISTING_REFUSED, VERSION_MISMATCH."""
        check(sections)
        product = await self._products.get(product_id, merchant_id)
        await self._demand_pictures(sections)
        texts = [
            (f"/sections/{number}/{name}", text)
            for number, section in enumerate(sections)
            for name, text in (("title", section.title), ("text", section.text))
        ]
        await demand_texts(self._gates, product, texts)
        page = await put(self._pages, ProductPage(product.id, sections, by, self._clock.now()), if_version)
        return page, await self._sales.of(product)

    async def draft(self, product_id: str, language: str, merchant_id: str = "") -> tuple[list[Section], list[Shot]]:
        """A page and a short film, drafted from the data; nothing is kept. Refuses with PRODUCT_NOT_FOUND."""
        product: Product = await self._products.get(product_id, merchant_id)
        sections = draft(product, await self._sales.of(product), language)
        return sections, storyboard(product, sections)

    async def _demand_pictures(self, sections: list[Section]) -> None:
        gone = set(await self._library.not_there({key for section in sections for key in section.media_ids}))
        errors = [
            FieldError(f"/sections/{number}/media_ids/{at}", "is no picture of the library that all may see")
            for number, section in enumerate(sections)
            for at, key in enumerate(section.media_ids)
            if key in gone
        ]
        if errors:
            raise InvalidPageContent("it shows pictures that are not there", errors=errors)

    async def _shows(self, asset_id: str) -> str:
        showing = await self._pages.parts({"sections.media_ids": asset_id}, {"_id": 1}, limit=1)
        return f"the page of {showing[0]['_id']}" if showing else ""
