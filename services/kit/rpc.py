"""This is where gRPC calls are made and answered: deadlines passed on, refusals carried, calls counted and traced.

Methods are wrapped once, when the server is built; an interceptor would cost every call again.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

from services.kit.errors import (
    AlreadyExists,
    Conflict,
    Exhausted,
    FieldError,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    TooLate,
    Unavailable,
    WrongState,
    kind_of,
    remote,
)
from services.kit.telemetry import Metrics, Tracer, current_trace

log = logging.getLogger(__name__)
Request = TypeVar("Request")
Response = TypeVar("Response")

STATUS: dict[type[Refused], grpc.StatusCode] = {
    Invalid: grpc.StatusCode.INVALID_ARGUMENT,
    NotFound: grpc.StatusCode.NOT_FOUND,
    AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    WrongState: grpc.StatusCode.FAILED_PRECONDITION,
    Conflict: grpc.StatusCode.ABORTED,
    NotSignedIn: grpc.StatusCode.UNAUTHENTICATED,
    NotAllowed: grpc.StatusCode.PERMISSION_DENIED,
    Exhausted: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Unavailable: grpc.StatusCode.UNAVAILABLE,
    TooLate: grpc.StatusCode.DEADLINE_EXCEEDED,
}
_KIND = {status: kind for kind, status in STATUS.items()}
_DETAILS = "grpc-status-details-bin"
_DEFAULT_DEADLINE_S = 3.0
_RESERVE_S = 0.05  # kept back at each hop, to still be able to answer
_TOO_LATE_S = 0.02

_deadline: ContextVar[float] = ContextVar("deadline", default=0.0)

_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.lb_policy_name", "round_robin"),  # a headless service has an address a replica
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 2000),  # no pause: how long one attempt may take, also on a busy machine
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.max_receive_message_length", 8 * 1024 * 1024),
]
_SERVER_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.max_receive_message_length", 8 * 1024 * 1024),
]


class Overdue(TooLate):
    """There was no time left to begin."""


class NeighbourAway(Unavailable):
    """A neighbour does not answer."""


class NeighbourTooLate(TooLate):
    """A neighbour did not answer in time; what it did is unknown."""


class NeighbourFailed(Exception):
    """A neighbour answered INTERNAL or something that is no refusal: a bug there."""


def open_channel(address: str) -> grpc.aio.Channel:
    """A channel that reconnects within a second."""
    return grpc.aio.insecure_channel(address, options=_OPTIONS)


def time_left() -> float | None:
    """Seconds until the caller stops waiting; None when it set no deadline."""
    deadline = _deadline.get()
    return deadline - time.monotonic() if deadline else None


async def call(
    method: Callable[..., Awaitable[Response]], request: object, *, timeout_s: float = _DEFAULT_DEADLINE_S
) -> Response:
    """Calls a neighbour within the caller's own deadline. Raises its refusal as a `Refused` with its reason."""
    left = time_left()
    timeout = timeout_s if left is None else min(timeout_s, left - _RESERVE_S)
    if timeout < _TOO_LATE_S:
        raise Overdue("no time left for a call")
    trace = current_trace()
    try:
        return await method(request, timeout=timeout, metadata=(("traceparent", trace),) if trace else None)
    except grpc.aio.AioRpcError as error:
        raise _refusal(error) from error


def _refusal(error: grpc.aio.AioRpcError) -> Exception:
    code, detail = error.code(), error.details() or ""
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS and isinstance(value, bytes):
            return _told_refusal(_KIND.get(code, WrongState), status_pb2.Status.FromString(value))
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
        return NeighbourAway(detail)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return NeighbourTooLate(detail)
    return NeighbourFailed(f"{code.name}: {detail}")


def _told_refusal(kind: type[Refused], status: status_pb2.Status) -> Refused:
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(bad)
    errors = [FieldError(violation.field, violation.description) for violation in bad.field_violations]
    return remote(kind, info.reason, status.message, errors, dict(info.metadata))


def status_of(refusal: Refused, domain: str) -> status_pb2.Status:
    """A refusal as a `google.rpc.Status` with ErrorInfo and, for bad input, BadRequest."""
    code = STATUS[kind_of(refusal)]
    status = status_pb2.Status(code=code_pb2.Code.Value(code.name), message=refusal.detail)
    info = error_details_pb2.ErrorInfo(reason=refusal.reason, domain=domain, metadata=refusal.meta)
    status.details.append(_packed(info))
    if refusal.errors:
        bad = error_details_pb2.BadRequest()
        for error in refusal.errors:
            bad.field_violations.add(field=error.pointer, description=error.message)
        status.details.append(_packed(bad))
    return status


def _packed(message: Any) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed


class Answering:
    """Stands before a servicer: refuses what is overdue, carries refusals, counts and traces each call."""

    def __init__(self, servicer: object, service: str, metrics: Metrics, tracer: Tracer) -> None:
        self._service, self._metrics, self._tracer = service, metrics, tracer
        for name in dir(servicer):
            if name[0].isupper():
                setattr(self, name, self._wrap(f"{type(servicer).__name__}.{name}", getattr(servicer, name)))

    def _wrap(self, name: str, method: Callable[[Any, Any], Awaitable[Any]]) -> Callable[[Any, Any], Awaitable[Any]]:
        async def answer(request: Any, context: Any) -> Any:
            started = time.perf_counter()
            parent = next(
                (str(value) for key, value in context.invocation_metadata() or () if key == "traceparent"), ""
            )
            try:
                self._set_deadline(context.time_remaining())
                with self._tracer.span(name, parent):
                    response = await method(request, context)
                self._metrics.calls.labels(name, "OK").inc()
                return response
            except Refused as refusal:
                await self._refuse(name, refusal, context)
            except asyncio.CancelledError:
                self._metrics.calls.labels(name, "CANCELLED").inc()
                raise
            except Exception as error:
                from services.kit.store import DatabaseAway, is_away  # the gateway has no database: 15 MB less of it

                if is_away(error):
                    await self._refuse(name, DatabaseAway("try again in a moment"), context)
                log.exception("%s failed", name)
                self._metrics.calls.labels(name, "INTERNAL").inc()
                await context.abort(grpc.StatusCode.INTERNAL, "something went wrong; it is logged")
            finally:
                self._metrics.call_seconds.labels(name).observe(time.perf_counter() - started)

        return answer

    @staticmethod
    def _set_deadline(left: float | None) -> None:
        if left is None:
            return
        if left < _TOO_LATE_S:
            raise Overdue("the caller has no time left")
        _deadline.set(time.monotonic() + left)

    async def _refuse(self, name: str, refusal: Refused, context: Any) -> None:
        status = status_of(refusal, f"{self._service}.shop")
        code = STATUS[kind_of(refusal)]
        self._metrics.calls.labels(name, code.name).inc()
        await context.abort(code, refusal.detail, ((_DETAILS, status.SerializeToString()),))


def new_server() -> grpc.aio.Server:
    """A server with our limits."""
    return grpc.aio.server(options=_SERVER_OPTIONS, maximum_concurrent_rpcs=1024)
