"""This is where every process of a local shop gets its ports: the laptop's well-known ones, or free ones."""

import random
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

import psutil

from services.kit.settings import METRICS_PORTS, PORTS

HOST = "127.0.0.1"
LAPTOP = {"mongod": 27117, "nats": 4222, "mqtt": 1883, "psp": 7050, **PORTS, "gateway": 8080}
_ALSO = {"nats": "mqtt"}  # a process that opens a second one
# Below the kernel's ephemeral range: a client's outgoing connection cannot take a port while its owner restarts.
FREE = range(10_000, 32_000)
_TRIED = 500  # to shuffle all of them takes longer than to start a service


class PortTaken(RuntimeError):
    """Somebody else already listens where a process of the shop should."""


@dataclass(frozen=True)
class Ports:
    """Where each process listens (`listen`) and where it shows its metrics (`metrics`)."""

    listen: Mapping[str, int] = field(default_factory=lambda: dict(LAPTOP))
    metrics: Mapping[str, int] = field(default_factory=lambda: dict(METRICS_PORTS))

    @classmethod
    def free(cls) -> Self:
        """Ports nobody listens on now, for a second shop beside the first."""
        found = _free_ports()
        return cls({name: next(found) for name in LAPTOP}, {name: next(found) for name in METRICS_PORTS})

    def address(self, name: str) -> str:
        """Where a process answers, as `host:port`."""
        return f"{HOST}:{self.listen[name]}"

    def metrics_address(self, name: str) -> str:
        """Where a process shows its metrics, as `host:port`."""
        return f"{HOST}:{self.metrics[name]}"

    def of(self, name: str) -> list[int]:
        """All ports one process opens."""
        found = [self.listen.get(name), self.listen.get(_ALSO.get(name, "")), self.metrics.get(name)]
        return [port for port in found if port]


def demand_free(ports: Ports, names: list[str]) -> None:
    """Raises `PortTaken`, naming each port and who has it, when any of them cannot be had."""
    taken = [f"port {p} ({name}) is taken by {_owner(p)}" for name in names for p in ports.of(name) if not _is_free(p)]
    if taken:
        advice = "stop what holds it, or start this shop on other ports: make run ARGS=--free-ports"
        raise PortTaken("\n".join([*taken, advice]))


def accepts(port: int) -> bool:
    """Whether somebody listens."""
    try:
        socket.create_connection((HOST, port), timeout=0.5).close()
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_ports() -> Iterator[int]:
    return (port for port in random.sample(FREE, _TRIED) if _is_free(port))


def _owner(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.status == psutil.CONN_LISTEN
                and connection.laddr
                and connection.laddr.port == port
                and connection.pid
            ):
                return f"pid {connection.pid} ({' '.join(psutil.Process(connection.pid).cmdline())[:60]})"
    except psutil.Error:
        pass  # not ours to see; the port alone must do
    return "another process"
