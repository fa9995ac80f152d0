"""This is where tests get replicas of the autopilot whose steps they do themselves, and goods with a past."""

import math
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from shop.catalog.v1 import forecasts_pb2, forecasts_pb2_grpc

from services.catalog.core import Core
from services.catalog.jobs import Job
from services.catalog.purchasing.orders import PurchaseOrder
from services.catalog.service import _core
from services.catalog.settings import CatalogSettings
from services.catalog.supply.history import SalesAnswer, SalesRow
from services.catalog.supply.plan import PlanLine
from services.catalog.supply.service import Autopilot, autopilot
from services.kit.rpc import call
from services.kit.service import lay_ground
from tests.catalog.counter import Counter
from tests.catalog.purchasing.buyer import Buyer


def sales(sku: str, day: date, days: int, units: int) -> list[SalesRow]:
    """Rows of a file: about so many units on each of the days before `day`, more at the end of a week."""
    rows = []
    for n in range(1, days + 1):
        sold = max(0, round(units * (1 + 0.5 * math.sin(2 * math.pi * n / 7))))
        told = {"day": str(day - timedelta(days=n)), "sku": sku, "units": str(sold)}
        rows.append(SalesRow(n, {**told, "revenue_minor": str(900 * sold), "currency": "CNY"}))
    return rows


async def here(work: Callable[..., Any], *args: Any) -> Any:
    """Does the sums in this process: starting another one for each takes longer than they do."""
    return work(*args)


class Replica:
    """An autopilot beside the running one, on the same data; nothing happens in it by itself."""

    def __init__(self, counter: Counter) -> None:
        house = counter.house
        self.ground = lay_ground("catalog", CatalogSettings(**house.settings), house.clock)
        self.core: Core = _core(self.ground)
        self.wing: Autopilot = autopilot(self.ground, self.core, here)
        self.buyer = Buyer(counter, self.core.purchasing)
        self.counter, self.today = counter, house.clock.now().date()

    async def sell_since(self, days: int, *skus: str, **more: object) -> None:
        """Puts SKUs on sale so many days ago."""
        self.counter.house.clock.advance(days=-days)
        await self.counter.sell(*skus, **more)
        self.counter.house.clock.advance(days=days)

    async def alone(self) -> "Replica":
        """The running one stops: what is done from now on, this one does."""
        await self.counter.started.stop()
        return self

    async def history(self, sku: str, units: int, days: int = 140) -> list[SalesAnswer]:
        return await self.wing.history.take_in(sales(sku, self.today, days, units), "staff")

    async def run(self) -> Job:
        """A run from beginning to end; what became of its job."""
        job = await self.wing.runs.start("staff")
        await self.core.jobs.work()
        return await self.core.jobs.get(job.id)

    async def line(self, sku: str) -> PlanLine:
        """What is planned of a SKU."""
        lines, _ = await self.wing.plan.page("", False, 100, "")
        return next(line for line in lines if line.id == sku)

    async def lose(self, sku: str, units: int) -> None:
        """Units leave the shelf, and the autopilot hears of it."""
        await self.core.stock.receive(sku, "main", -units, reason="damage", request_id="", by="staff")
        self.wing.drafting.noticed([sku])

    async def orders(self) -> list[PurchaseOrder]:
        """All purchase orders, oldest first."""
        return await self.core.purchasing.tables.orders.find({})

    async def close(self) -> None:
        await self.ground.database.client.close()


async def bring(counter: Counter, rows: list[SalesRow]) -> forecasts_pb2.ImportSalesResponse:
    """Rows as the gateway sends them."""
    told = [forecasts_pb2.SalesRow(row=row.row, cells=row.cells, problem=row.problem) for row in rows]
    stub = forecasts_pb2_grpc.ForecastsServiceStub(counter.started.channel)
    return await call(stub.ImportSales, forecasts_pb2.ImportSalesRequest(rows=told, by="staff"), timeout_s=10)
