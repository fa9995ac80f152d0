"""This is where most requests are served: by routes that take a path and a JSON body and nothing else, found in one walk.

FastAPI declares and describes them like all others, but its machinery costs more than the shop's own work. Whatever does
not fit goes to FastAPI after all, which finds the route again and says what is wrong.
"""

import inspect
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.datastructures import DefaultPlaceholder
from fastapi.routing import APIRoute
from starlette.convertors import StringConvertor

from gateway import problems
from gateway.access import Access
from gateway.answers import Ready
from gateway.bodies import NOTHING, Receive
from gateway.exchange import Exchange
from gateway.permissions import ROUTES, Guarded, let_in

_PART = "{}"  # any segment: what stands in braces in a template; no address can spell it, see `find`
_END = ""  # the route that ends here


class Lane:
    """One such route."""

    def __init__(self, route: APIRoute, access: Access) -> None:
        self.route, self.access = route, access
        self.endpoint: Any = route.endpoint
        self._fields = {field.alias: field for field in route.dependant.path_params}
        self._names = list(route.param_convertors)
        self._body = route.body_field
        self._request = route.dependant.request_param_name

    def arguments(self, segments: Sequence[str], body: Any, request: Request) -> dict[str, Any] | None:
        """What the endpoint takes; None when something does not fit."""
        taken: dict[str, Any] = {}
        for name, segment in zip(self._names, segments, strict=True):
            field = self._fields[name]
            taken[field.name], errors = field.validate(segment)
            if errors:
                return None
        if self._body is not None:
            if body is NOTHING:
                return None
            taken[self._body.name], errors = self._body.validate(body)
            if errors:
                return None
        if self._request:
            taken[self._request] = request
        return taken


def lane_of(route: APIRoute) -> Lane | None:
    """The lane of a route; None for one that takes more than a lane gives."""
    takes = route.dependant
    more = (
        takes.query_params,
        takes.header_params,
        takes.cookie_params,
        takes.dependencies,
        takes.http_connection_param_name,
        takes.response_param_name,
        takes.background_tasks_param_name,
        takes.security_scopes_param_name,
        takes.body_params[1:],
    )
    plain = (
        isinstance(route, Guarded)
        and not any(more)
        and route.body_field is (takes.body_params[0] if takes.body_params else None)
        and isinstance(route.response_class, DefaultPlaceholder)
        and inspect.iscoroutinefunction(route.endpoint)
        and len(route.methods or ()) == 1
        and {field.alias for field in takes.path_params} == set(route.param_convertors)
        and all(isinstance(part, StringConvertor) for part in route.param_convertors.values())
        # A part is a whole segment: of `{id}.pdf` a lane would take too much.
        and not any(
            "{" in segment.strip("{}") or segment.endswith("}") != ("{" in segment) for segment in _segments(route)
        )
    )
    return Lane(route, ROUTES[next(iter(route.methods)), route.path]) if plain and route.methods else None


def _segments(route: APIRoute) -> list[str]:
    return route.path.split("/")[1:]


class Lanes:
    """All routes by method and segment, and the lanes among them."""

    def __init__(self, app: FastAPI, routes: Iterable[APIRoute]) -> None:
        self._app = app
        self._roots: dict[str, dict[str, Any]] = {}
        for route in routes:
            for method in route.methods or ():
                node = self._roots.setdefault(method, {})
                for segment in _segments(route):
                    node = node.setdefault(_PART if "{" in segment else segment, {})
                # The first declared is the one that serves, as in the router.
                node.setdefault(_END, lane_of(route))

    def find(self, method: str, path: str) -> tuple[Lane, list[str]] | None:
        """The lane and what the address says for its parts; None when FastAPI is to look."""
        node = self._roots.get(method)
        segments: list[str] = []
        for segment in path.split("/")[1:]:
            if not node or not segment:
                return None
            below = None if segment == _PART else node.get(segment)
            if below is None:
                below = node.get(_PART)
                segments.append(segment)
            node = below
        lane = node.get(_END) if node else None
        return (lane, segments) if lane is not None else None

    async def serve(self, exchange: Exchange, receive: Receive) -> bool:
        """Serves a request, unless it is one for FastAPI."""
        scope = exchange.scope
        if (found := self.find(scope["method"], scope["path"])) is None:
            return False
        lane, segments = found
        request = Request(scope, receive)
        if (arguments := lane.arguments(segments, exchange.json, request)) is None:
            return False
        scope["app"], scope["route"] = self._app, lane.route
        try:
            if not lane.access.open:
                await let_in(scope, lane.access)
            response = await lane.endpoint(**arguments)
        except problems.KNOWN as refused:
            response = await problems.answer_to(request, refused)
        if type(response) is Ready:
            await exchange.reply(response.status_code, response.raw_headers, response.body)
        else:
            await response(scope, receive, exchange.send)
        return True
