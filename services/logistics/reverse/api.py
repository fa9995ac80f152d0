"""This is where calls about parcels that come back come in."""

from typing import Any

from shop.logistics.v1 import returns_pb2, returns_pb2_grpc

from . import messages
from .returns import ReturnParcels


class ReturnParcelsApi(returns_pb2_grpc.ReturnParcelsServiceServicer):
    """Answers shop.logistics.v1.ReturnParcelsService."""

    def __init__(self, parcels: ReturnParcels) -> None:
        self._parcels = parcels

    async def BookReturn(self, request: returns_pb2.BookReturnRequest, context: Any) -> returns_pb2.BookReturnResponse:
        """Books the parcel a return comes back in."""
        return messages.answer(await self._parcels.book(messages.wish(request)))
