"""This is where calls about the shelves come in: one method, one call into a feature."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import (
    classes_pb2,
    classes_pb2_grpc,
    counts_pb2,
    counts_pb2_grpc,
    grades_pb2,
    grades_pb2_grpc,
    lowstock_pb2,
    lowstock_pb2_grpc,
    readings_pb2,
    readings_pb2_grpc,
    stockhealth_pb2,
    stockhealth_pb2_grpc,
    transfers_pb2,
    transfers_pb2_grpc,
)

from services.catalog.messages import office
from services.catalog.messages import stock as of_stock
from services.kit.clock import rfc3339

from . import messages
from .classes import Classes
from .counts import Counts
from .grades import Grades
from .health import Health
from .lowstock import LowStock
from .proposals import Proposals
from .readings import Readings
from .transfers import Transfers


@dataclass
class GradesApi(grades_pb2_grpc.GradesServiceServicer):
    """How good units are."""

    grades: Grades

    async def RegradeStock(
        self, request: grades_pb2.RegradeStockRequest, context: Any
    ) -> grades_pb2.RegradeStockResponse:
        """Moves units between grades."""
        there = await self.grades.regrade(
            request.sku,
            request.warehouse,
            getattr(request, "from"),
            request.to,
            request.quantity,
            request.reason,
            request_id=request.request_id,
            by=request.by,
        )
        return grades_pb2.RegradeStockResponse(stock=of_stock.stock(there))


@dataclass
class TransfersApi(transfers_pb2_grpc.TransfersServiceServicer):
    """Goods between warehouses."""

    transfers: Transfers

    async def PlanTransfer(
        self, request: transfers_pb2.PlanTransferRequest, context: Any
    ) -> transfers_pb2.PlanTransferResponse:
        """Plans one."""
        made = await self.transfers.plan(
            getattr(request, "from"),
            request.to,
            messages.wanted(request.lines),
            request_id=request.request_id,
            by=request.by,
        )
        return transfers_pb2.PlanTransferResponse(transfer=messages.transfer(made))

    async def GetTransfer(
        self, request: transfers_pb2.GetTransferRequest, context: Any
    ) -> transfers_pb2.GetTransferResponse:
        """One transfer."""
        return transfers_pb2.GetTransferResponse(transfer=messages.transfer(await self.transfers.get(request.id)))

    async def ListTransfers(
        self, request: transfers_pb2.ListTransfersRequest, context: Any
    ) -> transfers_pb2.ListTransfersResponse:
        """Transfers, newest first."""
        page, state = request.page, messages.transfer_state(request.state)
        found, more = await self.transfers.page(state, page.limit, page.cursor)
        return transfers_pb2.ListTransfersResponse(
            transfers=[messages.transfer(each) for each in found], next_cursor=more
        )

    async def DispatchTransfer(
        self, request: transfers_pb2.DispatchTransferRequest, context: Any
    ) -> transfers_pb2.DispatchTransferResponse:
        """The goods leave."""
        moved = await self.transfers.dispatch(request.id, request.by)
        return transfers_pb2.DispatchTransferResponse(transfer=messages.transfer(moved))

    async def ReceiveTransfer(
        self, request: transfers_pb2.ReceiveTransferRequest, context: Any
    ) -> transfers_pb2.ReceiveTransferResponse:
        """The goods arrive."""
        moved = await self.transfers.receive(request.id, messages.arrivals(request.lines), request.by)
        return transfers_pb2.ReceiveTransferResponse(transfer=messages.transfer(moved))

    async def CancelTransfer(
        self, request: transfers_pb2.CancelTransferRequest, context: Any
    ) -> transfers_pb2.CancelTransferResponse:
        """Calls it off."""
        ended = await self.transfers.cancel(request.id, request.by)
        return transfers_pb2.CancelTransferResponse(transfer=messages.transfer(ended))


@dataclass
class CountsApi(counts_pb2_grpc.CountsServiceServicer):
    """Stocktaking."""

    counts: Counts
    proposals: Proposals

    async def OpenCount(self, request: counts_pb2.OpenCountRequest, context: Any) -> counts_pb2.OpenCountResponse:
        """Opens a sheet."""
        opened = await self.counts.open(request.warehouse, request.skus, request.category, request.proposed, request.by)
        return counts_pb2.OpenCountResponse(count=messages.count(opened))

    async def GetCount(self, request: counts_pb2.GetCountRequest, context: Any) -> counts_pb2.GetCountResponse:
        """One sheet."""
        return counts_pb2.GetCountResponse(count=messages.count(await self.counts.get(request.id)))

    async def ListCounts(self, request: counts_pb2.ListCountsRequest, context: Any) -> counts_pb2.ListCountsResponse:
        """Sheets, newest first."""
        page, state = request.page, messages.count_state(request.state)
        found, more = await self.counts.page(state, page.limit, page.cursor)
        return counts_pb2.ListCountsResponse(counts=[messages.count(each) for each in found], next_cursor=more)

    async def ListCountLines(
        self, request: counts_pb2.ListCountLinesRequest, context: Any
    ) -> counts_pb2.ListCountLinesResponse:
        """A sheet's lines."""
        found, more = await self.counts.lines_of(request.id, request.page.limit, request.page.cursor)
        return counts_pb2.ListCountLinesResponse(lines=[messages.count_line(each) for each in found], next_cursor=more)

    async def PutCountLines(
        self, request: counts_pb2.PutCountLinesRequest, context: Any
    ) -> counts_pb2.PutCountLinesResponse:
        """Notes what was found."""
        noted = await self.counts.put(request.id, messages.found_units(request.lines), request.by)
        return counts_pb2.PutCountLinesResponse(count=messages.count(noted))

    async def ApproveCount(
        self, request: counts_pb2.ApproveCountRequest, context: Any
    ) -> counts_pb2.ApproveCountResponse:
        """Books the differences."""
        booked = await self.counts.approve(request.id, request.by)
        return counts_pb2.ApproveCountResponse(count=messages.count(booked))

    async def CancelCount(self, request: counts_pb2.CancelCountRequest, context: Any) -> counts_pb2.CancelCountResponse:
        """Calls a sheet off."""
        ended = await self.counts.cancel(request.id, request.by)
        return counts_pb2.CancelCountResponse(count=messages.count(ended))

    async def ListCountProposals(
        self, request: counts_pb2.ListCountProposalsRequest, context: Any
    ) -> counts_pb2.ListCountProposalsResponse:
        """What to count next."""
        found, more = await self.proposals.page(request.warehouse, request.page.limit, request.page.cursor)
        return counts_pb2.ListCountProposalsResponse(
            proposals=[messages.proposal(each) for each in found], next_cursor=more
        )


@dataclass
class LowStockApi(lowstock_pb2_grpc.LowStockServiceServicer):
    """When a SKU runs low."""

    lowstock: LowStock

    async def GetStockPolicy(
        self, request: lowstock_pb2.GetStockPolicyRequest, context: Any
    ) -> lowstock_pb2.GetStockPolicyResponse:
        """What people want of a SKU's stock."""
        return lowstock_pb2.GetStockPolicyResponse(policy=messages.policy(await self.lowstock.policy(request.sku)))

    async def SetStockPolicy(
        self, request: lowstock_pb2.SetStockPolicyRequest, context: Any
    ) -> lowstock_pb2.SetStockPolicyResponse:
        """Sets it."""
        wanted = messages.policy_of(request.policy, request.by)
        kept = await self.lowstock.put(wanted, request.if_version)
        return lowstock_pb2.SetStockPolicyResponse(policy=messages.policy(kept))

    async def ListLowStock(
        self, request: lowstock_pb2.ListLowStockRequest, context: Any
    ) -> lowstock_pb2.ListLowStockResponse:
        """Who is below."""
        page = request.page
        found, more = await self.lowstock.page(messages.place(request.place), page.limit, page.cursor)
        return lowstock_pb2.ListLowStockResponse(items=[messages.low(each) for each in found], next_cursor=more)


@dataclass
class StockHealthApi(stockhealth_pb2_grpc.StockHealthServiceServicer):
    """How sound the stock is."""

    health: Health

    async def ComputeStockHealth(
        self, request: stockhealth_pb2.ComputeStockHealthRequest, context: Any
    ) -> stockhealth_pb2.ComputeStockHealthResponse:
        """Computes it."""
        return stockhealth_pb2.ComputeStockHealthResponse(job=office.job(await self.health.start(request.by)))

    async def GetStockHealth(
        self, request: stockhealth_pb2.GetStockHealthRequest, context: Any
    ) -> stockhealth_pb2.GetStockHealthResponse:
        """Totals."""
        totals, at = await self.health.totals()
        return stockhealth_pb2.GetStockHealthResponse(totals=messages.totals(totals), computed_at=rfc3339(at))

    async def ListStockHealth(
        self, request: stockhealth_pb2.ListStockHealthRequest, context: Any
    ) -> stockhealth_pb2.ListStockHealthResponse:
        """SKUs."""
        found, more = await self.health.page(request.flag, request.page.limit, request.page.cursor)
        return stockhealth_pb2.ListStockHealthResponse(
            items=[messages.health_item(each) for each in found], next_cursor=more
        )


@dataclass
class ClassesApi(classes_pb2_grpc.ClassesServiceServicer):
    """How SKUs sell."""

    classes: Classes

    async def ClassifyStock(
        self, request: classes_pb2.ClassifyStockRequest, context: Any
    ) -> classes_pb2.ClassifyStockResponse:
        """Classes all SKUs."""
        return classes_pb2.ClassifyStockResponse(job=office.job(await self.classes.start(request.by)))

    async def ListClasses(
        self, request: classes_pb2.ListClassesRequest, context: Any
    ) -> classes_pb2.ListClassesResponse:
        """Classes, most valuable first."""
        found, more = await self.classes.page(request.abc, request.page.limit, request.page.cursor)
        return classes_pb2.ListClassesResponse(classes=[messages.sku_class(each) for each in found], next_cursor=more)


@dataclass
class ReadingsApi(readings_pb2_grpc.ReadingsServiceServicer):
    """What shelves say."""

    readings: Readings

    async def RecordReadings(
        self, request: readings_pb2.RecordReadingsRequest, context: Any
    ) -> readings_pb2.RecordReadingsResponse:
        """Takes readings in."""
        said = [messages.said(each) for each in request.readings]
        answers = await self.readings.record(said, request.device_key, request.by)
        return readings_pb2.RecordReadingsResponse(
            answers=[readings_pb2.ReadingAnswer(outcome=each.outcome.value, detail=each.detail) for each in answers]
        )

    async def ListReadings(
        self, request: readings_pb2.ListReadingsRequest, context: Any
    ) -> readings_pb2.ListReadingsResponse:
        """The last reading of each shelf."""
        page = request.page
        found, more = await self.readings.page(request.warehouse, request.sku, page.limit, page.cursor)
        return readings_pb2.ListReadingsResponse(
            readings=[messages.shelf_reading(each) for each in found], next_cursor=more
        )
