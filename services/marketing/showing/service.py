"""This is where the wing of prices shown is put together."""

from typing import Any

from shop.marketing.v1 import shown_prices_pb2_grpc

from services.kit.service import Answers, Ground, Service
from services.marketing.core import Core

from .api import ShownPricesApi


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    add = shown_prices_pb2_grpc.add_ShownPricesServiceServicer_to_server
    api = ShownPricesApi(core.showing, core.allotments, core.clock)
    return Service(answers=[Answers("shop.marketing.v1.ShownPricesService", add, api)])
