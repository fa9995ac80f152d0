"""This is where what riders do becomes an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shop.logistics.v1 import events_pb2
from shop.type.v1 import money_pb2

from services.kit.clock import rfc3339

if TYPE_CHECKING:
    from .route import Route, RouteStop


def route_released(route: Route) -> events_pb2.RouteReleased:
    """A rider has something to do."""
    return events_pb2.RouteReleased(
        route_id=route.id,
        depot=route.depot,
        day=route.day,
        vehicle=route.vehicle,
        stops=len(route.stops),
        metres=route.metres,
        at=rfc3339(route.released_at),
    )


def stop_visited(route: Route, stop: RouteStop) -> events_pb2.StopVisited:
    """Handed over, or not."""
    return events_pb2.StopVisited(
        route_id=route.id,
        shipment_id=stop.plan.shipment_id,
        order_id=stop.plan.order_id,
        depot=route.depot,
        outcome=stop.state,
        reason=stop.reason,
        attempt=stop.plan.attempt,
        on_time=stop.on_time,
        at=rfc3339(stop.done_at),
    )


def route_finished(route: Route) -> events_pb2.RouteFinished:
    """Back at the depot."""
    return events_pb2.RouteFinished(
        route_id=route.id,
        depot=route.depot,
        at=rfc3339(route.finished_at),
        due=[money_pb2.Money(currency=one.currency, minor=one.due_minor) for one in route.handed],
        handed_in=[money_pb2.Money(currency=one.currency, minor=one.handed_minor) for one in route.handed],
    )
