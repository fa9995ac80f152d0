"""This is where what tells a buyer apart becomes marks: keyed hashes that name nobody and cannot be turned back. Pure."""

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping

from services.orders.addresses import Address

KINDS = ("customer", "email", "device", "address", "card", "ip")
LISTABLE = KINDS[:-1]  # an address of the net is a neighbourhood, not a person
_NOT_A_WORD = re.compile(r"[\W_]+")
_MARK = re.compile(rf"({'|'.join(LISTABLE)})\.[0-9a-z_]{{1,64}}")


class Marker:
    """Makes marks. The key is derived from the seal's, so whoever has the database alone can try out nothing."""

    def __init__(self, seal_key: str) -> None:
        self._key = hmac.digest(base64.b64decode(seal_key), b"orders.fraud.marks", "sha256")

    def mark(self, kind: str, value: str | bytes) -> str:
        """`kind.` and 128 bits; a customer's id names nobody and stays as it is."""
        if kind == "customer":
            return f"customer.{value if isinstance(value, str) else value.decode()}"
        plain = value.encode() if isinstance(value, str) else value
        return f"{kind}.{hmac.digest(self._key, kind.encode() + b'|' + plain, 'sha256')[:16].hex()}"

    def email(self, address: str) -> str:
        """Of an e-mail address; `A.Nn+shop@Example.com` is `a.nn@example.com`."""
        local, _, domain = folded(address).rpartition("@")
        return self.mark("email", f"{local.partition('+')[0]}@{domain}")

    def address(self, of: Address) -> str:
        """Of where something is sent, however it is written: width, case, space and punctuation do not count."""
        parts = (of.country, of.province, of.city, of.district, of.street)
        return self.mark("address", "|".join(_NOT_A_WORD.sub("", folded(part)) for part in parts))


def folded(text: str) -> str:
    """Of one width and one case."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def same_name(one: str, other: str) -> bool:
    """Whether two names are written alike: the same words in any order, or one within the other (王小明, 小明)."""
    words, others = (frozenset(_NOT_A_WORD.sub(" ", folded(name)).split()) for name in (one, other))
    if words == others or words <= others or others <= words:
        return True
    whole, other_whole = "".join(sorted(words)), "".join(sorted(others))
    return whole in other_whole or other_whole in whole


def kind_of(mark: str) -> str:
    """`device` of `device.4f…`; empty for what is no mark that can be listed."""
    return mark.partition(".")[0] if _MARK.fullmatch(mark) else ""


def short(mark: str) -> str:
    """Enough to tell two apart within one trail."""
    return hashlib.blake2s(mark.encode(), digest_size=6).hexdigest()


def who(marks: Mapping[str, str]) -> str:
    """Who buys, as far as anybody can tell: the customer, else the e-mail address, else the device."""
    return next((marks[kind] for kind in ("customer", "email", "device") if kind in marks), "")
