"""This is where calls about the shelves come in: one method, one call into a feature."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import classes_pb2, classes_pb2_grpc, grades_pb2, grades_pb2_grpc

from services.catalog.messages import office
from services.catalog.messages import stock as of_stock

from . import messages
from .classes import Classes
from .grades import Grades


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
