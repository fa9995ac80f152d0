"""This is where the servers of a local shop prove that they start, remember and come back."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.ports import Ports, PortTaken, demand_free
from deploy.local.shop import KeepsDying, LocalServers

ELSEWHERE = {"MONGO_URL": "mongodb://elsewhere"}


@pytest.fixture
def nats_alone(tmp_path: Path) -> Iterator[LocalServers]:
    with LocalServers(tmp_path, environment=ELSEWHERE, on_tmpfs=True) as servers:
        yield servers


def diary(servers: LocalServers) -> MongoClient[dict[str, Any]]:
    return MongoClient(servers.environment["MONGO_URL"], timeoutMS=5_000)


def test_what_was_kept_is_there_after_a_restart_even_on_other_ports(tmp_path: Path) -> None:
    with LocalServers(tmp_path, on_tmpfs=True) as servers:
        with diary(servers) as client:
            client["diary"].get_collection("days").insert_one({"_id": "yesterday"})
        servers.stop()
        with LocalServers(tmp_path, Ports.free()) as moved, diary(moved) as client:
            assert client["diary"].get_collection("days").find_one() == {"_id": "yesterday"}


def test_a_crashed_nats_server_is_started_again(nats_alone: LocalServers) -> None:
    first = nats_alone.pid("nats")
    nats_alone.kill("nats")
    nats_alone.wait_until(lambda: nats_alone.pid("nats") not in (0, first))
    nats_alone.wait_ready()


def test_a_server_taken_down_stays_down_until_it_is_brought_up(nats_alone: LocalServers) -> None:
    nats_alone.take_down("nats")
    assert nats_alone.pid("nats") == 0
    nats_alone.bring_up("nats")
    nats_alone.wait_ready()
    assert nats_alone.memory()["nats"] > 0


def test_a_server_that_exists_elsewhere_is_not_started(nats_alone: LocalServers) -> None:
    assert list(nats_alone.info()) == ["nats"]
    assert nats_alone.environment["MONGO_URL"] == ELSEWHERE["MONGO_URL"]


def test_a_server_that_cannot_start_shows_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mongo").symlink_to("/proc")
    with pytest.raises(KeepsDying, match=r"mongod keeps dying.*logs/mongod\.log:\n.*mongod\.lock"):
        LocalServers(tmp_path).__enter__()


def test_a_taken_port_is_named_with_its_owner() -> None:
    ports = Ports.free()
    port = ports.listen["gateway"]
    advice = rf"port {port} \(gateway\) is taken by (.|\n)*free-ports"
    with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken, match=advice):
        demand_free(ports, ["gateway"])
