"""This is where addresses come in to be judged."""

from collections.abc import Callable
from typing import Any

from shop.logistics.v1 import addresses_pb2, addresses_pb2_grpc

from . import messages
from .addresses import Judged, judge


class AddressesApi(addresses_pb2_grpc.AddressesServiceServicer):
    """Answers shop.logistics.v1.AddressesService. Keeps and logs nothing of what it is shown."""

    def __init__(self, judged: Callable[[Judged], None]) -> None:
        self._judged = judged

    async def ValidateAddress(
        self, request: addresses_pb2.ValidateAddressRequest, context: Any
    ) -> addresses_pb2.ValidateAddressResponse:
        """The address as it can be meant."""
        found = judge(messages.written(request))
        self._judged(found)
        return messages.answer(found)
