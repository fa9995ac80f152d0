"""This is where calls about carriers' connections come in."""

from typing import Any

from shop.logistics.v1 import connections_pb2, connections_pb2_grpc

from . import messages
from .connections import Connections


class ConnectionsApi(connections_pb2_grpc.ConnectionsServiceServicer):
    """Answers shop.logistics.v1.ConnectionsService."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def ListConnections(
        self, request: connections_pb2.ListConnectionsRequest, context: Any
    ) -> connections_pb2.ListConnectionsResponse:
        """Every carrier, and what it can."""
        known = await self._connections.all()
        shown = [messages.connection_message(one, self._connections.carrier(code)) for code, one in known.items()]
        return connections_pb2.ListConnectionsResponse(connections=shown)

    async def PutConnection(
        self, request: connections_pb2.PutConnectionRequest, context: Any
    ) -> connections_pb2.PutConnectionResponse:
        """Turns a carrier on or off, and says on what terms."""
        wish = messages.wish(request)
        kept = await self._connections.put(request.code, wish, request.if_version, request.by)
        shown = messages.connection_message(kept, self._connections.carrier(kept.id))
        return connections_pb2.PutConnectionResponse(connection=shown)
