"""This is where spans are received over OTLP by a stand-in for a collector."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)


class Collector(TraceServiceServicer):
    """Keeps what it receives: trace id → service → names of spans."""

    def __init__(self) -> None:
        self._traces: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._server = grpc.server(ThreadPoolExecutor(2))
        add_TraceServiceServicer_to_server(self, self._server)  # type: ignore[no-untyped-call]
        self.endpoint = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def Export(self, request: ExportTraceServiceRequest, context: Any) -> ExportTraceServiceResponse:
        """Receives spans."""
        for resource in request.resource_spans:
            service = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self._traces[span.trace_id.hex()][service].add(span.name)
        return ExportTraceServiceResponse()

    def spans_of(self, trace: str) -> dict[str, set[str]]:
        """The names of a trace's spans by service, so far."""
        return {service: set(names) for service, names in self._traces[trace].items()}

    def close(self) -> None:
        """Stops receiving."""
        self._server.stop(None).wait()
