"""This is where calls come in: one method, one call into a feature."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import (
    jobs_pb2,
    jobs_pb2_grpc,
    notices_pb2,
    notices_pb2_grpc,
    prices_pb2,
    prices_pb2_grpc,
    products_pb2,
    products_pb2_grpc,
    stock_pb2,
    stock_pb2_grpc,
)

from services.kit.clock import rfc3339

from .categories import Categories, Category
from .content import Product
from .fields import Faults
from .holds import Holds
from .imports import Imports
from .jobs import Jobs
from .listings import Listings
from .messages import office
from .messages import products as of_products
from .messages import stock as of_stock
from .moves import SELLABLE
from .notices import Notices
from .policies import Policies
from .price_history import PriceHistory
from .prices import Prices
from .products import Products
from .retaking import Retaking
from .search.finding import Finding
from .stock import Stock
from .taking import Taking


@dataclass
class ProductsApi(products_pb2_grpc.ProductsServiceServicer):
    """What is sold."""

    products: Products
    listings: Listings
    finding: Finding
    categories: Categories
    imports: Imports
    policies: Policies

    async def CreateProduct(
        self, request: products_pb2.CreateProductRequest, context: Any
    ) -> products_pb2.CreateProductResponse:
        """Writes a draft."""
        made = await self.products.create(of_products.draft(request.product, request.by))
        return products_pb2.CreateProductResponse(product=await self._shown(*made))

    async def UpdateProduct(
        self, request: products_pb2.UpdateProductRequest, context: Any
    ) -> products_pb2.UpdateProductResponse:
        """Changes the fields given."""
        _checked(request.by)
        changed = await self.products.update(
            request.id, request.if_version, request.patch, request.by, request.merchant_id
        )
        return products_pb2.UpdateProductResponse(product=await self._shown(*changed))

    async def MoveListing(
        self, request: products_pb2.MoveListingRequest, context: Any
    ) -> products_pb2.MoveListingResponse:
        """Moves a product along its life."""
        _checked(request.by)
        moved = await self.listings.move(
            request.id, of_products.step(request.move), request.by, request.merchant_id, request.replaced_by
        )
        return products_pb2.MoveListingResponse(product=await self._shown(*moved))

    async def GetProduct(
        self, request: products_pb2.GetProductRequest, context: Any
    ) -> products_pb2.GetProductResponse:
        """One product."""
        shown = await self.products.show(request.id, staff=request.staff, merchant_id=request.merchant_id)
        return products_pb2.GetProductResponse(product=await self._shown(*shown, staff=request.staff))

    async def _shown(self, product: Product, stock: dict[str, int], *, staff: bool = True) -> products_pb2.Product:
        return of_products.product(product, stock, await self.policies.of(product), staff=staff)

    async def SearchProducts(
        self, request: products_pb2.SearchProductsRequest, context: Any
    ) -> products_pb2.SearchProductsResponse:
        """Search and browse."""
        return of_products.page(await self.finding.search(of_products.search(request)))

    async def ListCategories(
        self, request: products_pb2.ListCategoriesRequest, context: Any
    ) -> products_pb2.ListCategoriesResponse:
        """The whole tree."""
        tree = await self.categories.all()
        return products_pb2.ListCategoriesResponse(categories=[of_products.category(each) for each in tree])

    async def PutCategory(
        self, request: products_pb2.PutCategoryRequest, context: Any
    ) -> products_pb2.PutCategoryResponse:
        """Makes or renames a category."""
        wanted = request.category
        kept = await self.categories.put(Category(wanted.id, wanted.title, wanted.parent))
        return products_pb2.PutCategoryResponse(category=of_products.category(kept))

    async def ImportProducts(
        self, request: products_pb2.ImportProductsRequest, context: Any
    ) -> products_pb2.ImportProductsResponse:
        """Creates or updates up to 500 rows."""
        answers = await self.imports.take_in(
            of_products.readable(request.rows),
            publish=request.publish,
            by=request.by,
            merchant_id=request.merchant_id,
        )
        return of_products.answers([*answers, *of_products.unreadable(request.rows)])


@dataclass
class PricesApi(prices_pb2_grpc.PricesServiceServicer):
    """What things cost."""

    prices: Prices
    history: PriceHistory

    async def SetPrice(self, request: prices_pb2.SetPriceRequest, context: Any) -> prices_pb2.SetPriceResponse:
        """Sets a SKU's price."""
        price = of_products.amount(request.price)
        entry = await self.prices.set(
            request.sku, price, request.if_version, request.reason, request.by, request.merchant_id
        )
        return prices_pb2.SetPriceResponse(entry=of_stock.entry(entry))

    async def GetPriceHistory(
        self, request: prices_pb2.GetPriceHistoryRequest, context: Any
    ) -> prices_pb2.GetPriceHistoryResponse:
        """Every price a SKU has had."""
        asked = of_stock.history(request)
        await self.history.must_be_theirs(request.sku, request.merchant_id)
        entries, more = await self.history.page(request.sku, request.page.limit, request.page.cursor)
        lowest = await self.history.lowest(request.sku, *asked) if asked else None
        return of_stock.told_history(entries, more, lowest)

    async def QuoteSkus(self, request: prices_pb2.QuoteSkusRequest, context: Any) -> prices_pb2.QuoteSkusResponse:
        """What carts need to know."""
        quotes = await self.prices.quote(request.skus)
        return prices_pb2.QuoteSkusResponse(quotes=[of_stock.quote(each) for each in quotes])


@dataclass
class StockApi(stock_pb2_grpc.StockServiceServicer):
    """How much there is, and for whom."""

    stock: Stock
    holds: Holds
    taking: Taking
    retaking: Retaking
    classes: Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]

    async def ReceiveStock(
        self, request: stock_pb2.ReceiveStockRequest, context: Any
    ) -> stock_pb2.ReceiveStockResponse:
        """Puts units into a warehouse."""
        there = await self.stock.receive(
            request.sku,
            request.warehouse,
            request.quantity,
            reason=request.reason,
            request_id=request.request_id,
            by=request.by,
            merchant_id=request.merchant_id,
            grade=request.grade or SELLABLE,
        )
        return stock_pb2.ReceiveStockResponse(stock=of_stock.stock(there))

    async def GetStock(self, request: stock_pb2.GetStockRequest, context: Any) -> stock_pb2.GetStockResponse:
        """Stock by warehouse."""
        there = await self.stock.of(request.skus, request.merchant_id)
        classes = await self.classes(request.skus) if request.with_classes else {}
        return stock_pb2.GetStockResponse(stocks=[of_stock.stock(each, classes.get(each["_id"], "")) for each in there])

    async def ListMovements(
        self, request: stock_pb2.ListMovementsRequest, context: Any
    ) -> stock_pb2.ListMovementsResponse:
        """The ledger of one SKU."""
        page = request.page
        entries, more = await self.stock.movements(of_stock.asked(request), page.limit, page.cursor)
        return stock_pb2.ListMovementsResponse(
            movements=[of_stock.movement(each) for each in entries], next_cursor=more
        )

    async def HoldStock(self, request: stock_pb2.HoldStockRequest, context: Any) -> stock_pb2.HoldStockResponse:
        """Holds all lines or none."""
        until = await self.holds.hold(request.order_id, of_stock.lines(request.lines), request.hold_s)
        return stock_pb2.HoldStockResponse(expires_at=rfc3339(until))

    async def ConfirmHold(self, request: stock_pb2.ConfirmHoldRequest, context: Any) -> stock_pb2.ConfirmHoldResponse:
        """Turns a hold into goods taken."""
        taken = await self.taking.confirm(request.order_id, of_stock.allocations(request.allocations))
        return of_stock.taken(taken)

    async def MoveTaken(self, request: stock_pb2.MoveTakenRequest, context: Any) -> stock_pb2.MoveTakenResponse:
        """From another warehouse after all."""
        warehouse = await self.retaking.move(of_stock.retake(request))
        return stock_pb2.MoveTakenResponse(warehouse=warehouse)

    async def ReleaseHold(self, request: stock_pb2.ReleaseHoldRequest, context: Any) -> stock_pb2.ReleaseHoldResponse:
        """Gives a hold back."""
        await self.holds.release(request.order_id, request.skus)
        return stock_pb2.ReleaseHoldResponse()


@dataclass
class JobsApi(jobs_pb2_grpc.JobsServiceServicer):
    """Work that takes longer than a call."""

    jobs: Jobs

    async def GetJob(self, request: jobs_pb2.GetJobRequest, context: Any) -> jobs_pb2.GetJobResponse:
        """One job."""
        return jobs_pb2.GetJobResponse(job=office.job(await self.jobs.get(request.id)))

    async def ListJobs(self, request: jobs_pb2.ListJobsRequest, context: Any) -> jobs_pb2.ListJobsResponse:
        """Jobs, newest first."""
        jobs, more = await self.jobs.page(request.kind, request.page.limit, request.page.cursor)
        return jobs_pb2.ListJobsResponse(jobs=[office.job(each) for each in jobs], next_cursor=more)

    async def CancelJob(self, request: jobs_pb2.CancelJobRequest, context: Any) -> jobs_pb2.CancelJobResponse:
        """Ends a job."""
        return jobs_pb2.CancelJobResponse(job=office.job(await self.jobs.cancel(request.id)))


@dataclass
class NoticesApi(notices_pb2_grpc.NoticesServiceServicer):
    """What staff should know of."""

    notices: Notices

    async def ListNotices(
        self, request: notices_pb2.ListNoticesRequest, context: Any
    ) -> notices_pb2.ListNoticesResponse:
        """Notices, newest first."""
        page = request.page
        found, more = await self.notices.page(request.kind, request.open, page.limit, page.cursor, request.merchant_id)
        return notices_pb2.ListNoticesResponse(notices=[office.notice(each) for each in found], next_cursor=more)

    async def SeeNotice(self, request: notices_pb2.SeeNoticeRequest, context: Any) -> notices_pb2.SeeNoticeResponse:
        """Somebody has seen to it."""
        seen = await self.notices.see(request.id, request.by, request.merchant_id)
        return notices_pb2.SeeNoticeResponse(notice=office.notice(seen))


def _checked(by: str) -> None:
    faults = Faults()
    faults.text("/by", by, 128)
    faults.refuse()
