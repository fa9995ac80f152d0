"""This is where the intake wing is put together."""

from typing import Any

from shop.orders.v1 import channels_pb2_grpc, intake_pb2_grpc

from services.kit.service import Answers, Chore, Ground, Service
from services.kit.wings import joined
from services.orders.accounts import service as accounts
from services.orders.core import Core
from services.orders.subscriptions import service as subscriptions

from . import store
from .api import ChannelsApi, IntakeApi
from .channel_orders import ChannelOrder, ChannelOrders
from .channel_skus import ChannelSku, ChannelSkus
from .channels import Channel, Channels
from .door import Door
from .neighbours import Members
from .ordering import Ordering
from .outside import KIND, ExternalPayment, Outside, Settlements

_ROUND_S = 1.0


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    kept = ground.store("channel_orders", ChannelOrder, store.CHANNEL_ORDERS)
    payments = ground.store("external_payments", ExternalPayment, store.EXTERNAL_PAYMENTS)
    channels = Channels(ground.store("channels", Channel))
    skus = ChannelSkus(ground.store("channel_skus", ChannelSku), channels)
    core.provider.add(KIND, Outside(payments, core.clock))
    outcomes = ground.metrics.counter(
        "shop_channel_orders_total",
        "Orders that came in through a channel, by its kind and what became of them.",
        ("kind", "outcome"),
    )

    def count(kind: str, outcome: str) -> None:
        outcomes.labels(kind, outcome).inc()

    looking = ChannelOrders(kept)
    members = Members(ground.channel("crm"))
    ordering = Ordering(skus, core.quotes, core.till, members, core.seal, core.clock)
    door = Door(
        kept,
        core.keeping.orders,
        looking,
        channels,
        ordering,
        core.screens,
        core.saga,
        core.seal,
        core.clock,
        count,
    )
    own = Service(
        answers=[
            Answers(
                "shop.orders.v1.ChannelsService",
                channels_pb2_grpc.add_ChannelsServiceServicer_to_server,
                ChannelsApi(channels, skus),
            ),
            Answers(
                "shop.orders.v1.IntakeService",
                intake_pb2_grpc.add_IntakeServiceServicer_to_server,
                IntakeApi(door, channels, looking, Settlements(payments, channels)),
            ),
        ],
        chores=[Chore(_ROUND_S, door.round)],
    )
    renewals = subscriptions.build(ground, core, door, looking, ordering)
    return joined(own, accounts.build(ground, core, door), renewals)
