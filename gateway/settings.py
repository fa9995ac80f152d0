"""This is where the gateway's own settings are declared."""

from typing import ClassVar

from services.kit.settings import Settings

_DEFAULT_LISTEN = "127.0.0.1:8080"
_PER_S_IN_DEVELOPMENT = 2000.0
_PER_S = 50.0


class GatewaySettings(Settings):
    """What the gateway needs to know beside the addresses of its neighbours. Its one secret is a salt."""

    SECRETS: ClassVar[tuple[str, ...]] = ("origin_salt",)

    # Requests a second a client may make, in bursts of twice that; 0 chooses by SHOP_ENV.
    rate_limit_per_s: float = 0.0
    # How many proxies stand before the gateway and append to X-Forwarded-For; 0 believes nobody.
    forwarded_hops: int = 0
    # The header in which a trusted proxy says the country of the client's address (`CF-IPCountry`); empty: nobody says.
    country_header: str = ""
    # What devices and addresses are hashed with before they are told to anybody; the same in every replica.
    origin_salt: str = "shop-development-origin-salt"
    # Origins, comma-separated, whose pages may call; none by default.
    cors_origins: str = ""
    # Seconds a client may take to send its body.
    body_timeout_s: float = 10.0
    # Milliseconds a client may take to send its headers. It is also how long a kept connection may idle, and must be
    # longer than the proxy in front keeps one (60 s as a rule), or the proxy sends into a line just closed.
    header_timeout_ms: int = 75_000
    # Requests in work at once; beyond it the gateway says 503 at once, browsing first and checkout last.
    max_inflight: int = 512
    # Live order streams at once, in all and for one account or address.
    max_streams: int = 2000
    max_streams_each: int = 8
    # Who signs access tokens (`iss`).
    token_issuer: str = "shop"  # noqa: S105 — a name, no secret

    def address(self) -> tuple[str, int]:
        """Host and port the gateway answers on."""
        host, _, port = (self.listen or _DEFAULT_LISTEN).rpartition(":")
        return host.strip("[]") or "127.0.0.1", int(port)

    def requests_per_s(self) -> float:
        """The rate a client may ask at: generous on a laptop, where checks and benches come from one address."""
        return self.rate_limit_per_s or (_PER_S_IN_DEVELOPMENT if self.development else _PER_S)
