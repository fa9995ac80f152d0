"""This is where calls come in: what visitors do, and questions about the shop's numbers."""

from typing import Any

from shop.metrics.v1 import behaviour_pb2, behaviour_pb2_grpc, kpis_pb2, kpis_pb2_grpc

from services.kit.errors import FieldError

from .behaviour import Behaviour
from .days import InvalidRange, parse_day, parse_grain, parse_span
from .messages import answers
from .reviews import Reviews
from .series import Series


class BehaviourApi(behaviour_pb2_grpc.BehaviourServiceServicer):
    """Answers the front ends."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour

    async def RecordEvents(
        self, request: behaviour_pb2.RecordEventsRequest, context: Any
    ) -> behaviour_pb2.RecordEventsResponse:
        """Takes events in."""
        new, old = await self._behaviour.record([answers.seen(event) for event in request.events])
        return behaviour_pb2.RecordEventsResponse(accepted=new, duplicates=old)


class KpisApi(kpis_pb2_grpc.KpisServiceServicer):
    """Answers whoever looks at the numbers."""

    def __init__(self, series: Series, reviews: Reviews) -> None:
        self._series, self._reviews = series, reviews

    async def ListKpis(self, request: kpis_pb2.ListKpisRequest, context: Any) -> kpis_pb2.ListKpisResponse:
        """All of them, today."""
        today = self._series.today()
        found = await self._series.all_of(parse_span("", "", today))
        return kpis_pb2.ListKpisResponse(kpis=[answers.kpi(kpi, points) for kpi, points in found])

    async def GetKpi(self, request: kpis_pb2.GetKpiRequest, context: Any) -> kpis_pb2.GetKpiResponse:
        """One of them over time."""
        span = parse_span(request.from_day, request.to_day, self._series.today())
        kpi, points = await self._series.of(request.name, span, parse_grain(request.grain), request.by)
        return kpis_pb2.GetKpiResponse(kpi=answers.kpi(kpi), points=answers.points(kpi, points))

    async def GetReview(self, request: kpis_pb2.GetReviewRequest, context: Any) -> kpis_pb2.GetReviewResponse:
        """A period."""
        period = answers.PERIODS.get(request.period)
        if period is None:
            raise InvalidRange("a review is of a day, a week or a month", errors=[FieldError("/period", "is missing")])
        day = parse_day(request.date, self._series.today(), "/date")
        return answers.review(await self._reviews.of(period, day))
