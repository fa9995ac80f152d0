"""This is where calls about files of products come in."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import bulk_pb2, bulk_pb2_grpc

from services.catalog.messages import office

from . import messages
from .files import Files


@dataclass
class BulkImportsApi(bulk_pb2_grpc.BulkImportsServiceServicer):
    """Files of products."""

    files: Files

    async def AddImportRows(
        self, request: bulk_pb2.AddImportRowsRequest, context: Any
    ) -> bulk_pb2.AddImportRowsResponse:
        """Keeps one batch."""
        await self.files.add(request.import_id, request.number, messages.batch(request.rows), request.by)
        return bulk_pb2.AddImportRowsResponse()

    async def BeginImport(self, request: bulk_pb2.BeginImportRequest, context: Any) -> bulk_pb2.BeginImportResponse:
        """The whole file is there."""
        job, again = await self.files.begin(
            request.import_id, request.batches, request.rows, publish=request.publish, by=request.by
        )
        return bulk_pb2.BeginImportResponse(job=office.job(job), again=again)

    async def ListImportRows(
        self, request: bulk_pb2.ListImportRowsRequest, context: Any
    ) -> bulk_pb2.ListImportRowsResponse:
        """What became of the rows."""
        page = request.page
        return messages.page(*await self.files.outcomes(request.id, request.rejected, page.limit, page.cursor))
