"""This is where the settlement wing is put together."""

from typing import Any

from shop.orders.v1 import settlements_pb2_grpc

from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core

from . import store
from .api import SettlementsApi
from .differences import Difference, Differences
from .files import File, Files
from .lines import Row
from .matching import Matching
from .payouts import Payout

_ROUND_S = 1.0


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    clock = core.clock
    files = Files(
        ground.store("settlements", File, store.FILES), ground.store("settlement_rows", Row, store.ROWS), clock
    )
    differences = Differences(ground.store("settlement_differences", Difference, store.DIFFERENCES), clock)
    payouts = ground.store("payouts", Payout)
    found = ground.metrics.counter(
        "shop_settlement_differences_total", "Differences between settlements and our books.", ("kind",)
    )
    matching = Matching(
        files,
        differences,
        payouts,
        core.keeping.orders,
        core.settings.psp_fee_bp,
        clock,
        lambda kind, _minor: found.labels(kind).inc(),
    )
    return Service(
        answers=[
            Answers(
                "shop.orders.v1.SettlementsService",
                settlements_pb2_grpc.add_SettlementsServiceServicer_to_server,
                SettlementsApi(files, differences, payouts),
            )
        ],
        chores=[Chore(_ROUND_S, matching.round)],
    )
