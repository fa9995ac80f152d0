"""This is where staff look at what riders do: a depot's routes of a day."""

from typing import Annotated

from fastapi import Query, Request, Response
from shop.logistics.v1 import fleet_pb2 as pb

from gateway.answers import answer, paged
from gateway.described import feature, shown
from gateway.fields import Cursor, Day, Limit, PathId, page_of
from gateway.my_routes import DOCUMENT, ROUTE, printed, route, routes
from gateway.neighbours import ask_again

router = feature("fleet-routes")


@router.get(
    "/v1/fleet/routes",
    summary="A depot's routes of a day",
    responses=shown({"items": [ROUTE], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_routes(
    request: Request,
    depot: Annotated[str, Query(max_length=32, pattern=r"^[A-Za-z0-9_-]+$", description="A warehouse.")] = "main",
    day: Day = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """With their stops, without addresses."""
    asked = pb.ListRoutesRequest(depot=depot, day=day, page=page_of(limit, cursor))
    answered = await ask_again(routes(request).ListRoutes, asked)
    return paged(request, "items", [route(row) for row in answered.routes], answered.next_cursor)


@router.get("/v1/fleet/routes/{route_id}", summary="One route", responses=shown(ROUTE, "ROUTE_NOT_FOUND"))
async def get_route(request: Request, route_id: PathId) -> Response:
    """With its addresses; names and phones are masked."""
    answered = await ask_again(routes(request).GetRoute, pb.GetRouteRequest(id=route_id))
    return answer(route(answered.route))


@router.get("/v1/fleet/routes/{route_id}/sheet", summary="The route sheet", responses=DOCUMENT)
async def print_route_sheet(request: Request, route_id: PathId) -> Response:
    """PDF: stops in their order, times, cash to take; names and phones masked."""
    return await printed(request, route_id, "", "sheet")


@router.get("/v1/fleet/routes/{route_id}/map", summary="The route drawn", responses=DOCUMENT)
async def print_route_map(request: Request, route_id: PathId) -> Response:
    """SVG: stops in their order, lines, a scale; no map beneath."""
    return await printed(request, route_id, "", "map")
