"""This is where tests speak to catalog over gRPC, and look at its invariant."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from shop.catalog.v1 import prices_pb2_grpc, products_pb2, products_pb2_grpc, stock_pb2, stock_pb2_grpc
from shop.type.v1.money_pb2 import Money

from services.kit.errors import Refused
from services.kit.rpc import call
from tests.house import House, Started

CNY = "CNY"


def cny(minor: int) -> Money:
    return Money(currency=CNY, minor=minor)


def cells(sku: str, **more: object) -> dict[str, str]:
    """A good import row of one SKU: 10 on the shelf at ¥9.00, bought for ¥4.00; at another price, for as much of it."""
    price = int(str(more["price_minor"])) if str(more.get("price_minor", "")).isdecimal() else 900
    row: dict[str, object] = {
        "sku": sku,
        "title": f"Thing {sku}",
        "category": "Home & Garden",
        "price_minor": 900,
        "cost_minor": price * 4 // 9,
        "currency": CNY,
        "weight_g": 250,
        "stock": 10,
    }
    return {name: str(cell) for name, cell in (row | more).items()}


async def all_at_once(*tries: Awaitable[Any]) -> list[Any]:
    """Lets go of all at one barrier; answers or refusals."""
    barrier = asyncio.Event()

    async def go(one: Awaitable[Any]) -> Any:
        await barrier.wait()
        try:
            return await one
        except Refused as refusal:
            return refusal

    tasks = [asyncio.create_task(go(one)) for one in tries]
    await asyncio.sleep(0)
    barrier.set()
    return list(await asyncio.gather(*tasks))


def reasons(answers: Iterable[Any]) -> list[str]:
    """The reasons of those that were refused."""
    return [answer.reason for answer in answers if isinstance(answer, Refused)]


class Counter:
    """A running catalog, and its three doors."""

    def __init__(self, house: House, started: Started) -> None:
        self.house, self.started = house, started
        self.products = products_pb2_grpc.ProductsServiceStub(started.channel)
        self.prices = prices_pb2_grpc.PricesServiceStub(started.channel)
        self.stock = stock_pb2_grpc.StockServiceStub(started.channel)
        self.database = started.ground.database

    async def take_in(self, *rows: Mapping[str, str], publish: bool = True) -> Sequence[products_pb2.RowAnswer]:
        numbered = [products_pb2.ImportRow(row=i, cells=row) for i, row in enumerate(rows, 2)]
        request = products_pb2.ImportProductsRequest(rows=numbered, publish=publish, by="staff")
        return (await call(self.products.ImportProducts, request, timeout_s=10)).rows

    async def sell(self, *skus: str, **more: object) -> None:
        """Puts SKUs on sale: 10 each at ¥9.00 unless said otherwise."""
        answers = await self.take_in(*(cells(sku, **more) for sku in skus))
        assert all(answer.ok for answer in answers), answers

    async def hold(
        self, order: str, wants: Mapping[str, int], price: int = 900, **more: int
    ) -> stock_pb2.HoldStockResponse:
        lines = [stock_pb2.HoldLine(sku=sku, quantity=n, unit_price=cny(price)) for sku, n in wants.items()]
        request = stock_pb2.HoldStockRequest(order_id=order, lines=lines, **more)
        return await call(self.stock.HoldStock, request, timeout_s=20)

    async def confirm(self, order: str, *allocations: tuple[str, str, int]) -> stock_pb2.ConfirmHoldResponse:
        taken = [stock_pb2.Allocation(sku=s, warehouse=w, quantity=n) for s, w, n in allocations]
        request = stock_pb2.ConfirmHoldRequest(order_id=order, allocations=taken)
        return await call(self.stock.ConfirmHold, request, timeout_s=20)

    async def release(self, order: str, *skus: str) -> None:
        await call(self.stock.ReleaseHold, stock_pb2.ReleaseHoldRequest(order_id=order, skus=skus))

    async def receive(
        self, sku: str, quantity: int, warehouse: str = "", reason: str = "receipt", request_id: str = ""
    ) -> stock_pb2.SkuStock:
        request = stock_pb2.ReceiveStockRequest(
            sku=sku, warehouse=warehouse, quantity=quantity, reason=reason, request_id=request_id, by="staff"
        )
        return (await call(self.stock.ReceiveStock, request)).stock

    async def there(self, sku: str) -> tuple[dict[str, int], int, int]:
        """On hand by warehouse, held, available."""
        answer = await call(self.stock.GetStock, stock_pb2.GetStockRequest(skus=[sku]))
        (stock,) = answer.stocks
        return {each.warehouse: each.on_hand for each in stock.warehouses}, stock.held, stock.available

    async def search(self, **asked: Any) -> products_pb2.SearchProductsResponse:
        return await call(self.products.SearchProducts, products_pb2.SearchProductsRequest(**asked))

    async def until(self, ask: Callable[[], Awaitable[Any]], fits: Callable[[Any], bool], within_s: float = 10) -> Any:
        """Asks until the answer fits; answers it."""
        async with asyncio.timeout(within_s):
            while not fits(answer := await ask()):
                await asyncio.sleep(0.02)
        return answer

    async def check(self) -> None:
        """The invariant: available = on hand less held, held = the sum of holds, nothing below zero."""
        async for sku in self.database["skus"].find({}).sort("_id", 1):
            on_hand = sku["on_hand"].values()
            assert sku["available"] == sum(on_hand) - sku["held"] >= 0, sku
            assert sku["held"] == sum(hold["quantity"] for hold in sku["holds"]), sku
            assert all(units >= 0 for units in on_hand), sku
            orders = [hold["order_id"] for hold in sku["holds"]]
            assert len(set(orders)) == len(orders), sku
