"""This is where the wing of those who follow orders is put together."""

from typing import Any

from pymongo import IndexModel
from shop.logistics.v1.events_pb2 import ShipmentShipped
from shop.orders.v1 import erp_pb2_grpc, lookups_pb2_grpc

from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core
from services.orders.messages.addresses import address_message

from .acknowledging import Acknowledging
from .api import ErpApi, LookupsApi
from .feed import Feed, FeedPage
from .heard import Heard
from .lookups import Lookups, LookupTries
from .nudging import Nudging

_ROUND_S = 1.0
_FORGOTTEN = [IndexModel([("until", 1)], name="forgotten", expireAfterSeconds=0)]


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    orders = core.keeping.orders
    feed = Feed(ground.store("order_feed", FeedPage))
    heard = Heard(feed)
    tries = ground.store("lookup_tries", LookupTries, _FORGOTTEN)
    lookups = Lookups(orders, tries, lambda plain: address_message(plain).phone, core.seal, core.clock)
    return Service(
        answers=[
            Answers(
                "shop.orders.v1.LookupsService",
                lookups_pb2_grpc.add_LookupsServiceServicer_to_server,
                LookupsApi(lookups, core.seal),
            ),
            Answers(
                "shop.orders.v1.ErpService",
                erp_pb2_grpc.add_ErpServiceServicer_to_server,
                ErpApi(feed, orders, Acknowledging(orders)),
            ),
        ],
        hears=Hears({ShipmentShipped: heard.on_shipment_shipped}, own=heard.own()),
        chores=[Chore(_ROUND_S, Nudging(orders, core.clock).round)],
    )
