"""This is where the triage wing is put together."""

from collections.abc import Sequence
from typing import Any

from shop.orders.v1 import holds_pb2_grpc, triage_pb2_grpc
from shop.orders.v1.events_pb2 import ClockWarned

from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core
from services.orders.deadlines.policies import SHIP_BY
from services.orders.sorting import sort

from .api import HoldsApi, TriageApi
from .auditing import Auditing
from .rules import TriageRule, TriageRules
from .worklist import Worklist

_REFRESH_S = 2.0


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    rules = TriageRules(ground.store("triage_rules", TriageRule))
    worklist = Worklist(core.keeping.orders)
    core.screens.all.append(Auditing(core.keeping.orders, rules, core.logistics, core.seal, core.clock).look)
    core.saga.at_payment.append(sort)

    async def on_clock_warned(events: Sequence[tuple[ClockWarned, Told]]) -> None:
        """A promise is at risk: its order comes first."""
        for event, _ in events:
            if event.policy == SHIP_BY:
                await worklist.at_risk(event.subject)

    return Service(
        answers=[
            Answers(
                "shop.orders.v1.HoldsService", holds_pb2_grpc.add_HoldsServiceServicer_to_server, HoldsApi(core.holding)
            ),
            Answers(
                "shop.orders.v1.TriageService",
                triage_pb2_grpc.add_TriageServiceServicer_to_server,
                TriageApi(rules, worklist),
            ),
        ],
        hears=Hears(own={ClockWarned: on_clock_warned}),
        chores=[Chore(_REFRESH_S, rules.refresh)],
        before=[rules.found],
    )
