"""This is where the wing of delivery windows is put together."""

from typing import Any

from shop.orders.v1 import slots_pb2_grpc

from services.kit.service import Answers, Ground, Service
from services.kit.sla import SlaClock
from services.orders.core import Core
from services.orders.deadlines.ship_by import clock_of
from services.orders.orders import Order

from .api import SlotsApi
from .changing import Changing
from .choosing import Choosing, not_ahead
from .store import slots_of


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    orders = core.keeping.orders
    core.screens.all.append(not_ahead)

    def ticking(order: Order) -> SlaClock:
        return clock_of(order, core.book.newest, core.clock.now())

    changing = Changing(orders, core.orders, core.slots, ticking, core.clock)
    api = SlotsApi(Choosing(core.carts, core.till, core.slots), changing, slots_of(orders), core.seal)
    name, add = "SlotsService", slots_pb2_grpc.add_SlotsServiceServicer_to_server
    return Service(answers=[Answers(f"shop.orders.v1.{name}", add, api)])
