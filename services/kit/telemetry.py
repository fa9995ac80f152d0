"""This is where a process tells how it fares: JSON logs, Prometheus metrics, W3C traces.

Stock OpenTelemetry instrumentation costs 3–4 times the CPU of a request; these hooks decide once, at the gateway, and
do nothing for a request that is not sampled. Errors are always kept.
"""

import contextlib
import json
import logging
import sys
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from services.kit.cards import masked

_traceparent: ContextVar[str] = ContextVar("traceparent", default="")
_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def current_trace() -> str:
    """The `traceparent` to pass on; empty when there is none."""
    return _traceparent.get()


def trace_id() -> str:
    """The id of the current trace, 32 hex digits; empty when there is none."""
    parts = _traceparent.get().split("-")
    return parts[1] if len(parts) == 4 else ""


class JsonLines(logging.Formatter):
    """One JSON object a line, with the trace's id; control characters cannot forge a line."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "process": self.process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := trace_id():
            line["trace_id"] = trace
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return masked(json.dumps(line, ensure_ascii=False, default=str))


def log_as_json(process: str, level: str) -> None:
    """Sends all logging of this process to standard error, one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = JsonLines(process)
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)


class Metrics:
    """The metrics every process has; a registry each, so that several can live in one test process."""

    def __init__(self, process: str) -> None:
        self.process = process
        self.registry = CollectorRegistry()
        self.calls = self.counter("shop_rpc_total", "Calls answered, by code.", ("method", "code"))
        self.call_seconds = self.histogram("shop_rpc_seconds", "Time to answer a call.", ("method",))
        self.heard = self.counter("shop_events_heard_total", "Events heard, by outcome.", ("subject", "outcome"))
        self.event_lag = self.histogram("shop_event_lag_seconds", "From an event's commit to its effect.", ("subject",))
        self.told = self.counter("shop_events_told_total", "Events published.", ("subject",))
        self.outbox = self.gauge("shop_outbox_oldest_seconds", "Age of the oldest event not yet published.")
        self.parked = self.gauge("shop_events_parked", "Events parked because they could not be handled.")

    def counter(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
        """A counter of this process."""
        return Counter(name, text, labels, registry=self.registry)

    def gauge(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
        """A gauge of this process."""
        return Gauge(name, text, labels, registry=self.registry)

    def histogram(
        self, name: str, text: str, labels: tuple[str, ...] = (), buckets: tuple[float, ...] = _BUCKETS
    ) -> Histogram:
        """A histogram of this process, in seconds unless `buckets` says otherwise."""
        return Histogram(name, text, labels, registry=self.registry, buckets=buckets)

    def serve(self, host: str, port: int) -> None:
        """Answers /metrics on its own port, from its own thread."""
        start_http_server(port, host or "127.0.0.1", registry=self.registry)


class Tracer:
    """Makes spans for sampled requests and for errors; without an endpoint it only passes the context on."""

    def __init__(self, process: str, endpoint: str) -> None:
        self._tracer: Any = None
        self._provider: Any = None
        if endpoint:
            self._provider = _provider(process, endpoint)
            self._tracer = self._provider.get_tracer("shop")

    @contextlib.contextmanager
    def span(self, name: str, parent: str) -> Iterator[None]:
        """Runs the body as a child of `parent` (a traceparent; empty for none)."""
        started = time.time_ns()
        span = self._start(name, parent, started) if parent.endswith("-01") else None
        token = _traceparent.set(_traceparent_of(span) if span else parent)
        try:
            yield
        except Exception as error:
            span = span or self._start(name, parent, started)
            if span:
                span.record_exception(error)
            raise
        finally:
            _traceparent.reset(token)
            if span:
                span.end()

    def _start(self, name: str, parent: str, started: int) -> Any:
        if self._tracer is None or not parent:
            return None
        from opentelemetry import trace

        _, trace_hex, span_hex, _ = parent.split("-")
        above = trace.SpanContext(int(trace_hex, 16), int(span_hex, 16), True, trace.TraceFlags(1))
        context = trace.set_span_in_context(trace.NonRecordingSpan(above))
        return self._tracer.start_span(name, context=context, start_time=started)

    def close(self) -> None:
        """Sends what is left."""
        if self._provider is not None:
            self._provider.shutdown()


def _traceparent_of(span: Any) -> str:
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"


def _provider(process: str, endpoint: str) -> Any:
    # Imported only where it is used: it costs every process 15 MB.
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": process}))
    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=not endpoint.startswith("https"))
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    return provider
