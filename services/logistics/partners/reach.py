"""This is where it is decided which addresses a webhook may be sent to: none inside (SSRF). Pure."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_MOST, _HTTPS = 500, 443
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Reach:
    """How far webhooks go. On a laptop `http`, any port and the loopback too: receivers are written there."""

    development: bool = False

    def fault_of(self, url: str) -> str:
        """What is wrong with an endpoint's address; empty when nothing is. Names are looked up when something is sent."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return "not an address"
        if len(url) > _MOST or not url.isascii() or not url.isprintable() or " " in url or not host:
            return f"an ASCII address of at most {_MOST} characters"
        if parts.scheme != "https" and not (self.development and parts.scheme == "http"):
            return "https only"
        if "@" in parts.netloc or parts.fragment:
            return "no user, no password, no fragment"
        if not self.development and port not in (None, _HTTPS):
            return "port 443 only"
        if port == 0 or not self.literal_allowed(host):
            return "not an address inside"
        return ""

    def literal_allowed(self, host: str) -> bool:
        """Whether a host that is a number may be reached; a name may be, as far as can be told without looking it up."""
        if ":" not in host and not host.replace(".", "").isdigit():
            return not (host == "localhost" or host.endswith(".localhost")) or self.development
        return self.allows(host)

    def allows(self, address: str) -> bool:
        """Whether an address is outside. Addresses that carry another one in them are as that one is."""
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False  # `2130706433`, `127.1`, `0177.0.0.1`: a system may read them as 127.0.0.1
        return all(self._outside(one) for one in _carried(found))

    def _outside(self, address: Address) -> bool:
        if address.is_loopback:
            return self.development
        inside = (address.is_multicast, address.is_reserved, address.is_unspecified, address.is_link_local)
        return address.is_global and not any(inside) and not getattr(address, "is_site_local", False)


def _carried(address: Address) -> list[Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    inner = [address.sixtofour, *(address.teredo or ())]
    return [address, *(one for one in inner if one is not None)]
