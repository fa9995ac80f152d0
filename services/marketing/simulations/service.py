"""This is where the wing of simulations is put together."""

from typing import Any

from shop.marketing.v1 import simulations_pb2_grpc

from services.kit.service import Answers, Ground, Service
from services.marketing.core import Core

from .api import SimulationsApi
from .neighbours import Floors, Orders
from .simulations import Simulations


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    orders, floors = Orders(ground.channel("orders")), Floors(ground.channel("catalog"))
    api = SimulationsApi(Simulations(core.jobs, core.promotions, orders, floors, core.clock), core.clock)
    add = simulations_pb2_grpc.add_SimulationsServiceServicer_to_server
    return Service(answers=[Answers("shop.marketing.v1.SimulationsService", add, api)])
