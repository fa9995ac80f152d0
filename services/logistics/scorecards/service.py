"""This is where scorecards, the delivery clock and the control tower are put together."""

from shop.logistics.v1 import scorecards_pb2_grpc
from shop.orders.v1.events_pb2 import ReturnRequested

from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.logistics.core import Core
from services.logistics.settings import LogisticsSettings

from .api import ScorecardsApi
from .cards import means, shares
from .complaints import Complaints
from .counting import Counting
from .lateness import Lateness
from .measures import Measured
from .scores import summed
from .store import COUNTERS, Counter, Ledgers
from .tower import Tower

_COUNT_S, _REFRESH_S, _LATE_S = 2.0, 60.0, 5.0


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """The map."""
    measures, counters = ground.store("measures", Measured), ground.store("score_counters", Counter, COUNTERS)
    books = Ledgers(core.kept, measures, counters)
    counting = Counting(books, core.scores, core.clock)
    lateness = Lateness(core.kept, core.clock)
    metrics = ground.metrics
    on_time = metrics.gauge(
        "shop_carrier_on_time_ratio", "Parcels at the door in time, 28 days, drawn toward the mean.", ("carrier",)
    )
    target = metrics.gauge("shop_carrier_on_time_target", "The share a carrier is to bring in time.")
    late = metrics.counter("shop_parcels_late_total", "Parcels that were not at the door when promised.")

    async def refresh() -> None:
        totals = await counting.refresh()
        mean = means(summed(totals))
        target.set(core.settings.carrier_on_time_target)
        for carrier, counts in totals.items():
            on_time.labels(carrier).set(shares(counts, mean)["on_time"].judged)

    async def strike() -> None:
        late.inc(await lateness.strike())

    name, add = "ScorecardsService", scorecards_pb2_grpc.add_ScorecardsServiceServicer_to_server
    return Service(
        answers=[Answers(f"shop.logistics.v1.{name}", add, ScorecardsApi(counting, Tower(books, core.alerts)))],
        hears=Hears({ReturnRequested: Complaints(core.kept).on_return_requested}),
        chores=[Chore(_COUNT_S, counting.count), Chore(_REFRESH_S, refresh), Chore(_LATE_S, strike)],
        before=[refresh],
    )
