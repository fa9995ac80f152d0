"""This is where the processes of a shop are listed: how each starts, in which order they stop, when one is ready."""

import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.local import mongod, nats
from deploy.local.ports import HOST, Ports, accepts
from services.kit.settings import PORTS

SERVICES = tuple(PORTS)
# One heap for all threads, of which most only wait (gRPC's): what each keeps for itself is never given back.
_ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}


class Rank(IntEnum):
    """Ranks stop from the highest to the lowest, each at once: nobody loses what it stands on."""

    DATABASE = 10
    STREAMS = 20
    OUTSIDE = 30
    SERVICES = 40
    FRONT = 50


@dataclass(frozen=True)
class Process:
    """One supervised process."""

    name: str
    command: list[str]
    rank: Rank
    ready: Callable[[], bool]
    environment: dict[str, str] = field(default_factory=dict)
    stop_within_s: int = 30


def mongod_process(data: Path, ports: Ports, *, for_tests: bool) -> Process:
    """The database."""
    port = ports.listen["mongod"]
    command = mongod.command(data, port, for_tests=for_tests)
    return Process("mongod", command, Rank.DATABASE, lambda: mongod.is_primary(port))


def nats_process(configuration: Path, data: Path, ports: Ports) -> Process:
    """The event streams."""
    port = ports.listen["nats"]
    command = nats.command(configuration, data, port, ports.listen["mqtt"])
    return Process("nats", command, Rank.STREAMS, lambda: nats.has_jetstream(port))


def shop_processes(ports: Ports) -> list[Process]:
    """Everything written here, in the order a person thinks of it."""
    services = [_module(f"services.{name}", name, Rank.SERVICES, ports, _serves_grpc) for name in SERVICES]
    psp = Process(
        "psp",
        [sys.executable, "-m", "deploy.sandbox.psp"],
        Rank.OUTSIDE,
        lambda: accepts(ports.listen["psp"]),
        stop_within_s=10,
    )
    return [psp, *services, _module("gateway", "gateway", Rank.FRONT, ports, _says_ready)]


def _module(module: str, name: str, rank: Rank, ports: Ports, ready: Callable[[int], bool]) -> Process:
    port = ports.listen[name]
    environment = {"LISTEN": ports.address(name), "METRICS_LISTEN": ports.metrics_address(name), **_ONE_ARENA}
    return Process(name, [sys.executable, "-m", module], rank, lambda: ready(port), environment)


def _serves_grpc(port: int) -> bool:
    if not accepts(port):
        return False  # cheaper than a channel, and a fresh channel below carries no back-off
    with grpc.insecure_channel(f"{HOST}:{port}") as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=1)
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _says_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
