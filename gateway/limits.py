"""This is where it is counted who asks how often: a token bucket per client and kind of route. Pure."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

_ROOM = 50_000  # clients remembered; the one not seen longest is forgotten first, to its own advantage
_BURST_S = 2.0


@dataclass(frozen=True, slots=True)
class RouteClass:
    """A kind of route with its share of the rate. `shed_at` is the share of all requests in work at which it is shed."""

    name: str
    share: float
    shed_at: float


BROWSE = RouteClass("browse", 1.0, 0.6)
WRITE = RouteClass("write", 0.5, 0.8)
SIGN_IN = RouteClass("sign-in", 0.1, 0.8)
CHECKOUT = RouteClass("checkout", 0.25, 1.0)
_SIGN_IN_PATHS = (
    "/v1/sessions",
    "/v1/staff/sessions",
    "/v1/customers",
    "/v1/sessions/refresh",
    "/v1/merchants/applications",
    "/v1/orders/lookup",
)


def class_of(method: str, path: str) -> RouteClass:
    """Which kind of route this is."""
    if method == "GET":
        return BROWSE
    if path == "/v1/checkouts" or path.endswith("/payment/confirm") or path.startswith("/v1/payments/"):
        return CHECKOUT
    if method == "POST" and path in _SIGN_IN_PATHS:
        return SIGN_IN
    return WRITE


class Allowance(NamedTuple):
    """What a client may do now. `left` whole requests, `reset_s` until the bucket is full again."""

    allowed: bool
    left: int
    reset_s: int
    retry_after_s: int


class Limits:
    """The buckets. One process counts for itself; several gateways share the clients that a balancer spreads."""

    def __init__(self, per_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._rates = {kind.name: per_s * kind.share for kind in (BROWSE, WRITE, SIGN_IN, CHECKOUT)}
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        window = int(_BURST_S)
        self.policies = {
            name: f'"{name}";q={max(1, int(rate * _BURST_S))};w={window}'.encode() for name, rate in self._rates.items()
        }

    def take(self, client: str, kind: RouteClass) -> Allowance:
        """Takes one request out of the client's bucket, if there is one."""
        rate = self._rates[kind.name]
        full = max(1.0, rate * _BURST_S)
        key, now = (client, kind.name), self._now()
        left, seen = self._buckets.get(key, (full, now))
        left = min(full, left + (now - seen) * rate)
        allowed = left >= 1.0
        if allowed:
            left -= 1.0
        self._buckets[key] = (left, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > _ROOM:
            self._buckets.popitem(last=False)
        wait = 0 if allowed else int((1.0 - left) / rate) + 1
        return Allowance(allowed, int(left), int((full - left) / rate) + 1, wait)


def client_of(peer: str, forwarded: str, hops: int) -> str:
    """Who is asking: the address, or for IPv6 its /64; `hops` trusted proxies may say who through X-Forwarded-For."""
    address = peer
    if hops and forwarded:
        chain = [part.strip() for part in forwarded.split(",")]
        address = chain[-min(hops, len(chain))]
    if ":" not in address:
        return address[:45]
    try:
        network = ipaddress.ip_network(f"{address}/64", strict=False)
    except ValueError:
        return address[:45]
    return str(network.network_address)
