"""This is where processes are kept alive: a supervisord of our own, its configuration and the talk with it."""

import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.processes import Process, Rank

_SOCKET_PATH_LIMIT = 90  # of 107 bytes; supervisord binds a longer temporary name first
_POLL_S = 0.05
_DEAD_STATES = {"FATAL", "UNKNOWN"}  # one that has EXITED is started again in a moment

_HEAD = """\
[supervisord]
nodaemon=true
silent=true
logfile={directory}/logs/supervisord.log
pidfile={directory}/supervisord.pid
[unix_http_server]
file={socket}
chmod=0700
[supervisorctl]
serverurl=unix://{socket}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

_GROUP = """\
[group:{name}]
programs={programs}
priority={priority}
"""

# A process that dies within its first second is started again after 1, 2 and 3 seconds, then given up.
_PROGRAM = """\
[program:{name}]
command={command}
environment={environment}
autorestart=true
startsecs=1
startretries=3
stopwaitsecs={stop_within_s}
killasgroup=true
redirect_stderr=true
stdout_logfile={directory}/logs/{name}.log
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=2
"""


@dataclass(frozen=True)
class Info:
    """What the supervisor knows of one process; pid 0 while it does not run."""

    state: str
    pid: int

    @property
    def given_up(self) -> bool:
        """Whether the supervisor will not start it again."""
        return self.state in _DEAD_STATES


class _UnixConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.host)


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = str(path)

    def make_connection(self, _: Any) -> http.client.HTTPConnection:
        connection = _UnixConnection(self._path)
        self._connection = self._path, connection  # where `close` looks for it
        return connection


class Supervisor:
    """Starts processes all at once, starts again what dies, stops them rank by rank."""

    def __init__(self, directory: Path, processes: Sequence[Process], environment: Mapping[str, str]) -> None:
        self.directory = directory
        self.processes = processes
        self._environment = environment
        self._socket = directory / "supervisor.sock"
        if len(str(self._socket)) > _SOCKET_PATH_LIMIT:
            self._socket = Path(tempfile.mkdtemp(prefix="shop-")) / "supervisor.sock"
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns at once; the processes are on their way."""
        (self.directory / "logs").mkdir(parents=True, exist_ok=True)
        configuration = self.directory / "supervisord.conf"
        configuration.write_text(self._configuration())
        # A session of its own: Ctrl-C reaches us, and we stop the shop in order.
        self._daemon = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.lifeline", "-c", str(configuration)],
            stdin=subprocess.PIPE,
            env={**os.environ, **self._environment},
            start_new_session=True,
        )

    def stop(self) -> None:
        """Stops everything in order and waits for the last to go; a second call does nothing."""
        if self._daemon is None:
            return
        self._daemon.terminate()
        while self._daemon.poll() is None:
            # supervisord looks after its children once a second, or as soon as somebody talks to it.
            self.info()
            time.sleep(_POLL_S)
        self._daemon.communicate()  # closes the lifeline
        self._daemon = None

    @property
    def running(self) -> bool:
        """Whether the supervisor itself lives."""
        return self._daemon is not None and self._daemon.poll() is None

    def info(self) -> dict[str, Info]:
        """Every process by name; empty while the supervisor is not listening yet, or stops."""
        try:
            return {each["name"]: Info(each["statename"], each["pid"]) for each in self._ask("getAllProcessInfo")}
        except (OSError, http.client.HTTPException, xmlrpc.client.Fault):
            return {}

    def kill(self, name: str) -> None:
        """SIGKILL to the process and its children; the supervisor starts it again."""
        if pid := self.info()[name].pid:
            os.killpg(pid, signal.SIGKILL)

    def take_down(self, name: str) -> None:
        """Stops one process and leaves it so until `bring_up`."""
        self._ask("stopProcess", self._full_name(name))

    def bring_up(self, name: str) -> None:
        """Starts what `take_down` stopped."""
        self._ask("startProcess", self._full_name(name))

    def log(self, name: str) -> Path:
        """Where a process writes what it has to say."""
        return self.directory / "logs" / f"{name}.log"

    def last_words(self, name: str, lines: int = 15) -> str:
        """The end of a process's log, or of its complaints when it is mongod, who goes on talking long after."""
        path = self.log(name)
        said = path.read_text(errors="replace").splitlines() if path.exists() else []
        complaints = [line for line in said[-200:] if '"s":"E"' in line or '"s":"F"' in line]
        return "\n".join((complaints or said)[-lines:])

    def _full_name(self, name: str) -> str:
        rank = next(process.rank for process in self.processes if process.name == name)
        return f"{rank.name.lower()}:{name}"

    def _ask(self, method: str, *arguments: str) -> Any:
        with xmlrpc.client.ServerProxy("http://localhost", transport=_UnixTransport(self._socket)) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)

    def _configuration(self) -> str:
        head = _HEAD.format(directory=_escaped(self.directory), socket=_escaped(self._socket))
        return head + "".join([*map(self._group, Rank), *map(self._program, self.processes)])

    def _group(self, rank: Rank) -> str:
        names = ",".join(process.name for process in self.processes if process.rank is rank)
        return _GROUP.format(name=rank.name.lower(), programs=names, priority=rank.value) if names else ""

    def _program(self, process: Process) -> str:
        environment = ",".join(f'{name}="{_escaped(value)}"' for name, value in process.environment.items())
        return _PROGRAM.format(
            name=process.name,
            command=_escaped(shlex.join(process.command)),
            environment=environment,
            stop_within_s=process.stop_within_s,
            directory=_escaped(self.directory),
        )


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")  # supervisord expands %(names)s
