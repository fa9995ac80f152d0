"""This is where the fleet meets protobuf."""

from collections.abc import Mapping
from datetime import datetime

from shop.logistics.v1 import fleet_pb2 as pb
from shop.type.v1 import address_pb2, money_pb2

from services.kit.clock import rfc3339
from services.logistics.addresses import Address

from .geography import Position
from .plan import PlannedRoute, PlannedStop, RoutePlan
from .rounds import HandedOver
from .route import Cash, Proof, Route, RouteStop
from .vehicles import Vehicle

_SAME = ("title", "kind", "depot", "rider", "capacity_g", "capacity_pieces", "shift_from", "shift_until", "active")


def vehicle(of: Vehicle) -> pb.Vehicle:
    """To a Vehicle."""
    return pb.Vehicle(code=of.id, version=of.version, **{name: getattr(of, name) for name in _SAME})


def wanted_vehicle(of: pb.Vehicle) -> Vehicle:
    """From a Vehicle."""
    return Vehicle(of.code, **{name: getattr(of, name) for name in _SAME})


def position(of: Position | None) -> pb.Position | None:
    """To a Position."""
    return pb.Position(lat=of.lat, lng=of.lng) if of else None


def position_or_none(of: pb.Position, there: bool) -> Position | None:
    """From a Position that may not be set."""
    return Position(of.lat, of.lng) if there else None


def _money(currency: str, minor: int) -> money_pb2.Money | None:
    return money_pb2.Money(currency=currency, minor=minor) if currency else None


def _planned(of: PlannedStop) -> pb.RouteStop:
    return pb.RouteStop(
        shipment_id=of.shipment_id,
        order_id=of.order_id,
        waybill=of.waybill,
        position=position(of.position),
        place=of.place,
        window_from=rfc3339(of.window_from),
        window_until=rfc3339(of.window_until),
        arrives_at=rfc3339(of.arrives_at),
        weight_g=of.grams,
        attempt=of.attempt,
        to_collect=_money(of.collect_currency, of.collect_minor) if of.collect_minor else None,
        state="planned",
    )


def _proof(of: Proof | None) -> pb.Proof | None:
    if of is None:
        return None
    return pb.Proof(
        kind=of.kind,
        sha256=of.sha256,
        receiver=of.receiver,
        media=of.media,
        position=position(of.position),
        at=rfc3339(of.at),
    )


def handed_over(request: pb.DeliverStopRequest) -> HandedOver:
    """From a DeliverStopRequest."""
    of, cash = request.proof, request.collected
    there = position_or_none(of.position, of.HasField("position"))
    return HandedOver(of.kind, of.sha256, of.receiver, of.media, there, cash.currency, cash.minor)


def _stop(of: RouteStop, to: Address | None) -> pb.RouteStop:
    message = _planned(of.plan)
    message.MergeFrom(
        pb.RouteStop(
            state=of.state,
            arrived_at=rfc3339(of.arrived_at),
            done_at=rfc3339(of.done_at),
            reason=of.reason,
            proof=_proof(of.proof),
            cash=of.cash,
            cash_problem=of.cash_problem,
        )
    )
    if to:
        names = ("country", "province", "city", "district", "street", "name", "phone")
        message.address.CopyFrom(address_pb2.Address(**{name: getattr(to, name) for name in names}))
    return message


def _cash(of: Cash, handed_in: bool) -> pb.RiderCash:
    return pb.RiderCash(
        due=_money(of.currency, of.due_minor),
        handed_in=_money(of.currency, of.handed_minor) if handed_in else None,
        difference_minor=of.difference_minor if handed_in else 0,
    )


def route(of: Route, addresses: Mapping[str, Address] | None = None) -> pb.Route:
    """To a Route; with addresses where they are given."""
    known = addresses or {}
    return pb.Route(
        id=of.id,
        plan_id=of.plan_id,
        depot=of.depot,
        day=of.day,
        vehicle=of.vehicle,
        rider=of.rider,
        state=of.state,
        leaves_at=rfc3339(of.leaves_at),
        back_at=rfc3339(of.back_at),
        metres=of.metres,
        stops=[_stop(stop, known.get(stop.plan.shipment_id)) for stop in of.stops],
        left_at=rfc3339(of.left_at),
        finished_at=rfc3339(of.finished_at),
        cash=[_cash(one, of.finished_at is not None) for one in of.cash()],
        owed=len(of.owed),
    )


def _planned_route(of: PlannedRoute) -> pb.PlannedRoute:
    return pb.PlannedRoute(
        id=of.id,
        vehicle=of.vehicle,
        rider=of.rider,
        leaves_at=rfc3339(of.leaves_at),
        back_at=rfc3339(of.back_at),
        metres=of.metres,
        stops=[_planned(stop) for stop in of.stops],
    )


def plan(of: RoutePlan, now: datetime, *, whole: bool = True) -> pb.RoutePlan:
    """To a RoutePlan; in a list without its routes."""
    return pb.RoutePlan(
        id=of.id,
        depot=of.depot,
        day=of.day,
        state=of.state,
        by=of.by,
        created_at=rfc3339(of.created_at),
        limit_s=of.limit_s,
        seed=of.seed,
        percent=of.percent(now),
        metres=of.metres,
        routes=[_planned_route(one) for one in of.routes] if whole else [],
        unserved=[
            pb.Unserved(shipment_id=one.shipment_id, order_id=one.order_id, reason=one.reason) for one in of.unserved
        ],
        replaces=of.replaces,
        problem=of.problem,
    )
