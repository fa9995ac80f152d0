"""This is where calls about settlements come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import settlements_pb2 as pb
from shop.orders.v1 import settlements_pb2_grpc

from services.kit.store import Store
from services.orders import limits

from . import messages
from .differences import Differences, InvalidSettlement
from .files import BATCH, Files, file_id_of
from .lines import read
from .payouts import Payout


@dataclass
class SettlementsApi(settlements_pb2_grpc.SettlementsServiceServicer):
    """Answers shop.orders.v1.SettlementsService."""

    files: Files
    differences: Differences
    payouts: Store[Payout]

    async def AddSettlementRows(
        self, request: pb.AddSettlementRowsRequest, context: Any
    ) -> pb.AddSettlementRowsResponse:
        """Keeps some rows."""
        if len(request.rows) > BATCH:
            raise limits.refused("/rows", f"at most {BATCH}", InvalidSettlement)
        file_id = file_id_of(request.digest, request.provider)
        rows = [read(file_id, request.provider, each.row, dict(each.cells), each.problem) for each in request.rows]
        await self.files.add(rows)
        return pb.AddSettlementRowsResponse()

    async def BeginSettlement(self, request: pb.BeginSettlementRequest, context: Any) -> pb.BeginSettlementResponse:
        """Begins to compare."""
        file, again = await self.files.begin(request.digest, request.provider, request.rows, request.by)
        return pb.BeginSettlementResponse(settlement=messages.settlement(file), again=again)

    async def ListSettlements(self, request: pb.ListSettlementsRequest, context: Any) -> pb.ListSettlementsResponse:
        """Files."""
        files, cursor = await self.files.page(request.page.limit, request.page.cursor)
        return pb.ListSettlementsResponse(settlements=[messages.settlement(f) for f in files], next_cursor=cursor)

    async def GetSettlement(self, request: pb.GetSettlementRequest, context: Any) -> pb.GetSettlementResponse:
        """One file."""
        return pb.GetSettlementResponse(settlement=messages.settlement(await self.files.get(request.id)))

    async def ListSettlementRows(
        self, request: pb.ListSettlementRowsRequest, context: Any
    ) -> pb.ListSettlementRowsResponse:
        """What became of each row."""
        page = request.page
        rows, cursor = await self.files.rows_of(request.id, request.outcome, page.limit, page.cursor)
        return pb.ListSettlementRowsResponse(rows=[messages.row(row) for row in rows], next_cursor=cursor)

    async def ListSettlementDifferences(
        self, request: pb.ListSettlementDifferencesRequest, context: Any
    ) -> pb.ListSettlementDifferencesResponse:
        """What differs."""
        found, cursor = await self.differences.page(request.state, request.page.limit, request.page.cursor)
        return pb.ListSettlementDifferencesResponse(
            differences=[messages.difference(each) for each in found], next_cursor=cursor
        )

    async def ExplainSettlementDifference(
        self, request: pb.ExplainSettlementDifferenceRequest, context: Any
    ) -> pb.ExplainSettlementDifferenceResponse:
        """Somebody knows why."""
        explained = await self.differences.explain(request.id, request.note, request.by)
        return pb.ExplainSettlementDifferenceResponse(difference=messages.difference(explained))

    async def ListPayouts(self, request: pb.ListPayoutsRequest, context: Any) -> pb.ListPayoutsResponse:
        """What was paid out."""
        payouts, cursor = await self.payouts.page({}, request.page.limit, request.page.cursor)
        return pb.ListPayoutsResponse(payouts=[messages.payout(each) for each in payouts], next_cursor=cursor)
