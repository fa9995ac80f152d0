"""This is where the wing of picking up is put together."""

from typing import Any

from shop.orders.v1 import pickups_pb2_grpc

from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core
from services.orders.orders import PICKUP, Order

from .api import PickupsApi
from .attending import Attending
from .handing import Handing
from .neighbours import Places
from .pickups import Pickup
from .points import Points
from .store import Waiting

_ROUND_S = 1.0


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    orders = core.keeping.orders
    places = Places(ground.channel("logistics"), ground.channel("catalog"))
    points = Points(core.carts, core.till, places)
    core.screens.all.append(points.look)
    core.shelves.put_back = places.put_back
    core.saga.at_payment.append(_begin)
    attending = Attending(orders, core.cancellation, core.clock)
    handing = Handing(orders, core.orders, core.settings.seal_key, core.clock)
    return Service(
        answers=[
            Answers(
                "shop.orders.v1.PickupsService",
                pickups_pb2_grpc.add_PickupsServiceServicer_to_server,
                PickupsApi(points, handing, Waiting(orders)),
            )
        ],
        chores=[Chore(_ROUND_S, attending.round)],
    )


def _begin(order: Order) -> None:
    if order.fulfilment == PICKUP:
        order.pickup = Pickup()
