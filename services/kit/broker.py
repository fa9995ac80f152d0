"""This is where the NATS client comes from, without its WebSockets, which nobody here speaks: with aiohttp they are 8 MB."""

import sys
from typing import Any

_UNWANTED: dict[str, Any] = {} if "aiohttp" in sys.modules else {"aiohttp": None}
sys.modules.update(_UNWANTED)  # None: whoever tries to import it is told that it is not installed

import nats.errors  # noqa: E402
import nats.js.errors  # noqa: E402
from nats.aio.client import Client as Client  # noqa: E402
from nats.aio.msg import Msg as Msg  # noqa: E402
from nats.js import api as api  # noqa: E402

for _name in _UNWANTED:
    del sys.modules[_name]

__all__ = ["Client", "Msg", "api", "nats"]
