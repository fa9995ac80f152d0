"""This is where MongoDB and NATS are started for a shop or for tests, and where their data lives."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from deploy.local import mongod, nats, usage
from deploy.local.ports import Ports, demand_free
from deploy.local.processes import Process, mongod_process, nats_process
from deploy.local.supervision import Info, Supervisor

_TMPFS = Path("/dev/shm")
_POLL_S = 0.05
_LIVES = 2  # a process that needs a third will not come up


class KeepsDying(RuntimeError):
    """A process does not come up; the message holds its last words and where the rest is."""


class LocalServers:
    """MongoDB and NATS on this machine, supervised.

    `environment` is what clients and services need to find them; variables given to the constructor are added to
    it, and a MONGO_URL or NATS_URL among them means that server exists elsewhere and is not started. On tmpfs
    (for tests) nothing waits for a disk, and `discard` throws the data away.
    """

    def __init__(
        self,
        directory: Path,
        ports: Ports | None = None,
        environment: Mapping[str, str] | None = None,
        *,
        on_tmpfs: bool = False,
    ) -> None:
        self.directory = directory.absolute()
        self.ports = ports or Ports.free()
        self.on_tmpfs = on_tmpfs
        self.environment = {**self._addresses(), **(environment or {})}
        self._given = environment or {}
        self._supervisor: Supervisor | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        if self.on_tmpfs:
            self.discard()

    @property
    def supervisor(self) -> Supervisor:
        """The supervisor of a started shop."""
        if self._supervisor is None:
            raise RuntimeError("not started")
        return self._supervisor

    def start(self) -> None:
        """Starts every process at once and returns; `wait_ready` waits. Raises `PortTaken`."""
        self._make_room()
        processes = self._processes()
        demand_free(self.ports, [process.name for process in processes])
        self._supervisor = Supervisor(self.directory, processes, self.environment)
        self._supervisor.start()

    def stop(self) -> None:
        """Stops everything in order; the data stays."""
        if self._supervisor is not None:
            self._supervisor.stop()
            self._supervisor = None

    def discard(self) -> None:
        """Throws the data away."""
        data = self.directory / "data"
        shutil.rmtree(data.resolve(), ignore_errors=True)
        if data.is_symlink():
            data.unlink()

    def wait_ready(
        self, told: Callable[[str, float], None] | None = None, within_s: float = 90, stop: Event | None = None
    ) -> None:
        """Waits until every process is ready, telling each name and the seconds it took; `stop` ends the wait.

        Raises `KeepsDying`.
        """
        started = time.monotonic()
        waiting = {process.name: process for process in self.supervisor.processes}
        lives: dict[str, set[int]] = {name: set() for name in waiting}
        while waiting and not (stop and stop.is_set()):
            self._mourn(lives)
            for name in [name for name, process in waiting.items() if process.ready()]:
                del waiting[name]
                if told:
                    told(name, time.monotonic() - started)
            if time.monotonic() - started > within_s:
                raise KeepsDying(self._epitaph(next(iter(waiting)), f"is not ready after {within_s:.0f} s"))
            time.sleep(_POLL_S)

    def wait_until(self, happened: Callable[[], bool], within_s: float = 30) -> None:
        """Waits for something to become true; raises `TimeoutError`."""
        until = time.monotonic() + within_s
        while not happened():
            if time.monotonic() > until:
                raise TimeoutError(f"did not happen within {within_s:.0f} s")
            time.sleep(_POLL_S)

    def info(self) -> dict[str, Info]:
        """State and pid of each process by name."""
        return self.supervisor.info()

    def pid(self, name: str) -> int:
        """Process id; 0 while it does not run."""
        return self.info()[name].pid

    def kill(self, name: str) -> None:
        """SIGKILL; the supervisor starts it again."""
        self.supervisor.kill(name)

    def take_down(self, name: str) -> None:
        """Stops one process until `bring_up`."""
        self.supervisor.take_down(name)

    def bring_up(self, name: str) -> None:
        """Starts what `take_down` stopped."""
        self.supervisor.bring_up(name)

    def memory(self) -> dict[str, int]:
        """Resident bytes by process, children included; shared pages divided among their users."""
        return usage.memory(self._pids())

    def cpu_seconds(self) -> dict[str, float]:
        """Processor seconds by process, children included."""
        return usage.cpu_seconds(self._pids())

    def _pids(self) -> dict[str, int]:
        return {name: info.pid for name, info in self.info().items() if info.pid}

    def _addresses(self) -> dict[str, str]:
        listen = self.ports.listen
        return {
            "MONGO_URL": mongod.url(listen["mongod"]),
            "NATS_URL": nats.url(listen["nats"]),
            "MQTT_URL": nats.mqtt_url(listen["mqtt"]),
        }

    def _processes(self) -> list[Process]:
        data = self.directory / "data"
        processes = []
        if "MONGO_URL" not in self._given:
            processes.append(mongod_process(data / "mongo", self.ports, for_tests=self.on_tmpfs))
        if "NATS_URL" not in self._given:
            processes.append(nats_process(self.directory / "nats.conf", data / "nats", self.ports))
        return processes

    def _make_room(self) -> None:
        data = self.directory / "data"
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.on_tmpfs and not data.exists() and os.access(_TMPFS, os.W_OK):
            data.unlink(missing_ok=True)  # a link into a tmpfs that is gone
            data.symlink_to(tempfile.mkdtemp(prefix="shop-", dir=_TMPFS))
        (data / "mongo").mkdir(parents=True, exist_ok=True)
        (data / "nats").mkdir(parents=True, exist_ok=True)

    def _mourn(self, lives: dict[str, set[int]]) -> None:
        if not self.supervisor.running:
            raise KeepsDying(self._epitaph("supervisord", "does not start"))
        for name, info in self.info().items():
            lives[name].add(info.pid)
            if info.given_up or len(lives[name] - {0}) > _LIVES:
                raise KeepsDying(self._epitaph(name, "keeps dying"))

    def _epitaph(self, name: str, what: str) -> str:
        log = self.supervisor.log(name)
        return f"{name} {what}. Its last words, from {log}:\n{self.supervisor.last_words(name)}"
