"""This is where the environment is read, once, into settings that do not change."""

import os
from typing import ClassVar, Self

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PORTS = {"catalog": 7001, "orders": 7002, "logistics": 7003, "crm": 7004, "marketing": 7005, "metrics": 7006}
METRICS_PORTS = {"gateway": 9100} | {name: port + 2100 for name, port in PORTS.items()}
DEVELOPMENT_SEAL_KEY = "c2hvcC1kZXZlbG9wbWVudC1zZWFsLWtleS0wMDAwMDA="


class InsecureSettings(RuntimeError):
    """Development secrets outside development."""


class Settings(BaseSettings):
    """What every process needs to know. Each field is an environment variable of the same name in capitals.

    A service that needs more derives from it and names its own development secrets in `SECRETS`.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", secrets_dir=os.environ.get("SECRETS_DIR"))
    SECRETS: ClassVar[tuple[str, ...]] = ("seal_key",)

    shop_env: str = "development"
    listen: str = ""
    metrics_listen: str = ""
    mongo_url: str = "mongodb://127.0.0.1:27117/?replicaSet=shop"
    nats_url: str = "nats://127.0.0.1:4222"
    database_prefix: str = "shop_"
    event_prefix: str = ""
    catalog_address: str = f"127.0.0.1:{PORTS['catalog']}"
    orders_address: str = f"127.0.0.1:{PORTS['orders']}"
    logistics_address: str = f"127.0.0.1:{PORTS['logistics']}"
    crm_address: str = f"127.0.0.1:{PORTS['crm']}"
    marketing_address: str = f"127.0.0.1:{PORTS['marketing']}"
    metrics_address: str = f"127.0.0.1:{PORTS['metrics']}"
    otel_exporter_otlp_endpoint: str = ""
    trace_sample_ratio: float = 0.05
    log_level: str = "INFO"
    drain_s: float = 0.0
    mark_every_s: float = 0.25  # how often sent events are taken out of their outboxes, many at a time
    seal_key: str = DEVELOPMENT_SEAL_KEY
    stream_replicas: int = 1

    @property
    def development(self) -> bool:
        """Whether this is somebody's laptop or a test."""
        return self.shop_env == "development"

    @model_validator(mode="after")
    def _refuse_development_secrets(self) -> Self:
        defaults = type(self).model_fields
        weak = [name for name in self.SECRETS if getattr(self, name) == defaults[name].default]
        if weak and not self.development:
            names = ", ".join(name.upper() for name in weak)
            raise InsecureSettings(
                f"SHOP_ENV is {self.shop_env!r} but {names} still has its development value: "
                "set it, or mount it as a file in SECRETS_DIR"
            )
        return self

    def address_of(self, service: str) -> str:
        """Where a neighbour answers."""
        return str(getattr(self, f"{service}_address"))

    def listen_of(self, service: str) -> str:
        """Where this service answers."""
        return self.listen or f"127.0.0.1:{PORTS[service]}"

    def metrics_of(self, process: str) -> tuple[str, int]:
        """Host and port of this process's /metrics."""
        host, _, port = (self.metrics_listen or f"127.0.0.1:{METRICS_PORTS[process]}").rpartition(":")
        return host, int(port)
