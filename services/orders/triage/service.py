"""This is where the triage wing is put together."""

from typing import Any

from shop.orders.v1 import holds_pb2_grpc

from services.kit.service import Answers, Ground, Service
from services.orders.core import Core

from .api import HoldsApi


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    return Service(
        answers=[
            Answers(
                "shop.orders.v1.HoldsService", holds_pb2_grpc.add_HoldsServiceServicer_to_server, HoldsApi(core.holding)
            )
        ]
    )
