"""This is where the provider's environment is read, once."""

import os
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class PspSettings:
    """Where it listens, keeps its ledger and tells outcomes. `data` may be `:memory:`; a port of 0 takes a free one."""

    listen: str = "127.0.0.1:7050"
    data: str = ".run/data/psp.sqlite"
    secret: str = "psp-development-secret"
    webhook_url: str = ""
    webhook_secret: str = "whsec_cHNwLWRldmVsb3BtZW50LXdlYmhvb2stc2VjcmV0"

    @classmethod
    def from_environment(cls) -> Self:
        """`PSP_LISTEN`, `PSP_DATA`, `PSP_SECRET`, `PSP_WEBHOOK_URL`, `PSP_WEBHOOK_SECRET`."""
        names = {"listen", "data", "secret", "webhook_url", "webhook_secret"}
        given = {name: os.environ.get(f"PSP_{name.upper()}") for name in names}
        return cls(**{name: value for name, value in given.items() if value})
