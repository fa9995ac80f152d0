"""This is where the wing of past baskets is put together."""

from typing import Any

from shop.orders.v1 import baskets_pb2_grpc

from services.kit.service import Answers, Ground, Service
from services.orders.core import Core

from .api import BasketsApi
from .baskets import Baskets
from .store import ReadBaskets


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    api = BasketsApi(Baskets(ReadBaskets(core.keeping.orders, ground.turnstile)))
    add = baskets_pb2_grpc.add_BasketsServiceServicer_to_server
    return Service(answers=[Answers("shop.orders.v1.BasketsService", add, api)])
