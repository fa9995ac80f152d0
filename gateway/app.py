"""This is where the gateway is put together: neighbours, identity, shelf, limits, routes, and the door around them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Self

from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.telemetry import TelemetryConfig
from shop.catalog.v1 import events_pb2 as catalog_events
from shop.crm.v1 import sessions_pb2
from shop.logistics.v1 import events_pb2 as logistics_events
from shop.marketing.v1 import events_pb2 as marketing_events
from shop.orders.v1 import events_pb2 as orders_events
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware

from gateway import problems
from gateway.described import operations
from gateway.door import Door
from gateway.features import FEATURES, MORE_FEATURES
from gateway.identity import Identity, Keyring
from gateway.limits import Limits
from gateway.measures import HttpMetrics
from gateway.neighbours import USUAL_S, Neighbours, ask_again
from gateway.permissions import ROUTES
from gateway.promoted import Promoted
from gateway.settings import GatewaySettings
from gateway.shelf import Shelf
from gateway.streams import Streams
from services.kit.events import subject_of
from services.kit.jetstream import Bus
from services.kit.telemetry import Tracer

SHELF_DROPS = (
    catalog_events.ProductChanged,
    catalog_events.PriceChanged,
    catalog_events.AvailabilityChanged,
    marketing_events.PromotionChanged,
)
ORDER_MOVES = (
    orders_events.OrderPaid,
    orders_events.OrderCancelled,
    orders_events.OrderDelivered,
    orders_events.RefundIssued,
    orders_events.ReturnRequested,
    orders_events.ReturnReceived,
    logistics_events.ShipmentPlanned,
    logistics_events.ShipmentPacked,
    logistics_events.ShipmentShipped,
    logistics_events.ShipmentCancelled,
    logistics_events.ParcelMoved,
)


# FastAPI looks for OpenTelemetry at every request; the door traces.
_OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


class Unguarded(RuntimeError):
    """A route that no row of the permissions names."""


class Gateway:
    """One gateway. Keeps nothing that another replica would miss."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.metrics = HttpMetrics()
        self.tracer = Tracer("gateway", settings.otel_exporter_otlp_endpoint)
        self.limits = Limits(settings.requests_per_s())
        self.shelf, self.promoted = Shelf(), Promoted()
        self.live = Streams(settings.max_streams, settings.max_streams_each)
        self.ready = True
        self.bus = Bus(settings.nats_url, settings.event_prefix, "gateway")
        self.app = build_app(self)
        self.inside = Door(self.app, self)
        self.door: Any = _with_cors(self.inside, settings)
        self.neighbours: Neighbours
        self.identity = Identity(Keyring(self._keys), settings.token_issuer)

    async def _keys(self) -> bytes:
        keys = await ask_again(self.neighbours.sessions.GetKeys, sessions_pb2.GetKeysRequest(), USUAL_S)
        return keys.jwks

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        """Opens the channels and listens for changes; NATS may come later, or never."""
        self.neighbours = Neighbours(self.settings)
        hearing = asyncio.create_task(self._hear())
        if self.settings.metrics_listen != "off":
            self.metrics.serve(*self.settings.metrics_of("gateway"))
        try:
            yield self
        finally:
            self.live.end()
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
            await self.bus.close()
            await self.neighbours.close()
            self.tracer.close()

    def drain(self) -> None:
        """Not ready any more: balancers look elsewhere, what is in work goes on."""
        self.ready = False

    async def _hear(self) -> None:
        await self.bus.connect_for_ever()
        self.bus.when_back(self.forget)  # who knows what was missed
        await self.bus.watch([subject_of(kind) for kind in SHELF_DROPS], lambda _subject, _data: self.forget())
        self.forget()
        await self.live.hear(self._hear_moves)

    def forget(self) -> None:
        """Something that is shown has changed."""
        self.promoted.drop()
        self.shelf.drop()

    async def _hear_moves(self) -> Callable[[], Awaitable[None]]:
        moves = {subject_of(kind): kind for kind in ORDER_MOVES}
        return await self.bus.watch(
            list(moves), lambda subject, data: self.live.wake(moves[subject].FromString(data).order_id)
        )


class Shop(FastAPI):
    """FastAPI without the layers that the door already is: what is not expected goes up to it."""

    def build_middleware_stack(self) -> Any:
        """Only what turns refusals into answers."""
        return ExceptionMiddleware(AsyncExitStackMiddleware(self.router), handlers=self.exception_handlers)


def build_app(gateway: Gateway) -> FastAPI:
    """The routes. Refuses to start with one that no row of the permissions names."""
    app = Shop(
        title="Shop",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry=_OFF,
    )
    app.state.gateway = gateway
    for room in (*FEATURES, *MORE_FEATURES):
        app.router.routes.extend(room.router.routes)
    problems.install(app)
    named = {(method, route.path) for route in operations(app.routes) for method in route.methods or ()}
    if unguarded := named - set(ROUTES):
        raise Unguarded(f"no row in gateway/permissions.py for {sorted(unguarded)}")
    return app


def _with_cors(door: Door, settings: GatewaySettings) -> Any:
    origins = [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]
    if not origins:
        return door
    return CORSMiddleware(
        door,
        allow_origins=origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            "authorization",
            "content-type",
            "idempotency-key",
            "if-match",
            "x-request-id",
            "x-device-id",
            "last-event-id",
        ],
        expose_headers=["etag", "link", "retry-after", "x-request-id", "idempotent-replayed", "ratelimit"],
        max_age=600,
    )
