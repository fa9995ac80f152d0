"""This is where channels are kept: the ways orders come in beside the storefront, and the keys they prove themselves by."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from services.kit.errors import AlreadyExists, Invalid, NotFound, NotSignedIn, VersionMismatch, WrongState
from services.kit.store import Store
from services.orders import limits
from services.orders.orders import STOREFRONT

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_WAREHOUSE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_MOST = 200
_GOOD_KEYS = 2  # so that a channel can go over from one to the next
CARD, EXTERNAL, CASH, TILL_CARD, TERMS = "card", "external", "cash", "till_card", "terms"
CUSTOMER_TYPES = ("b2c", "b2b", "c2c")


class Kind(StrEnum):
    """What a channel is."""

    MINI_PROGRAM = "mini_program"
    LIVE = "live"
    SOCIAL = "social"
    MARKETPLACE = "marketplace"
    STORE = "store"
    SUBSCRIPTION = "subscription"  # what renews itself; there is one, and nobody opens it
    ACCOUNT = "account"  # business customers on their terms; there is one, and nobody opens it


# How each may be paid. What is not paid by `card` was taken outside; goods of a store are handed over there.
METHODS: dict[Kind, tuple[str, ...]] = {
    Kind.MINI_PROGRAM: (CARD,),
    Kind.LIVE: (CARD, EXTERNAL),
    Kind.SOCIAL: (CARD, EXTERNAL),
    Kind.MARKETPLACE: (EXTERNAL,),
    Kind.STORE: (CASH, TILL_CARD),
    Kind.ACCOUNT: (TERMS,),
    Kind.SUBSCRIPTION: (CARD,),
}


class InvalidChannel(Invalid):
    """No channel can be so."""


class ChannelNotFound(NotFound):
    """There is no such channel."""


class ChannelKeyWrong(NotSignedIn):
    """Neither the channel's key nor staff."""


class ChannelClosed(WrongState):
    """It takes no orders in."""


@dataclass
class Channel:
    """A channel. `warehouse`: what a store's till sells from. `keys`: the good ones, hashed, newest last."""

    id: str
    title: str
    kind: Kind
    customer_type: str = "b2c"
    warehouse: str = ""
    open: bool = True
    keys: list[bytes] = field(default_factory=list)
    version: int = 0


ACCOUNTS = Channel("b2b", "企业采购 Business accounts", Kind.ACCOUNT, "b2b")
SUBSCRIPTIONS = Channel("subscription", "定期购 Subscriptions", Kind.SUBSCRIPTION)
_OWN = {channel.id: channel for channel in (ACCOUNTS, SUBSCRIPTIONS)}
_NOBODY_OPENS = {channel.kind for channel in _OWN.values()}


def checked(channel: Channel) -> Channel:
    """A channel that can be kept. Refuses with INVALID_CHANNEL."""
    if not _SLUG.fullmatch(channel.id) or channel.id in (STOREFRONT, *_OWN) or channel.kind in _NOBODY_OPENS:
        raise limits.refused("/code", "a slug of at most 32, and not the storefront's", InvalidChannel)
    channel.title = limits.text(channel.title, "/title", 100, InvalidChannel, needed=True)
    if channel.customer_type not in CUSTOMER_TYPES:
        raise limits.refused("/customer_type", "b2c, b2b or c2c", InvalidChannel)
    if (channel.kind is Kind.STORE) != bool(_WAREHOUSE.fullmatch(channel.warehouse)):
        raise limits.refused("/warehouse", "a store sells from one, others from none", InvalidChannel)
    return channel


class Channels:
    """Opens, changes, knows again."""

    def __init__(self, kept: Store[Channel]) -> None:
        self._kept = kept

    async def put(self, channel: Channel, if_version: int) -> Channel:
        """Opens it, or changes it but for its keys. Refuses with INVALID_CHANNEL, VERSION_MISMATCH."""
        wanted = checked(channel)
        where: dict[str, object] = {"_id": wanted.id}
        if if_version:
            where["version"] = if_version
        fields = {name: getattr(wanted, name) for name in ("title", "kind", "customer_type", "warehouse", "open")}
        fields["kind"] = wanted.kind.value
        if changed := await self._kept.change(where, {"$set": fields}):
            return changed
        if if_version:
            raise VersionMismatch(f"the channel has changed since version {if_version}")
        try:
            return await self._kept.insert(wanted)
        except AlreadyExists:
            return await self.put(channel, if_version)  # made in this very moment

    async def get(self, code: str) -> Channel:
        """Refuses with CHANNEL_NOT_FOUND."""
        channel = _OWN.get(code) or await self._kept.get(code)
        if channel is None:
            raise ChannelNotFound("no such channel")
        return channel

    async def all(self) -> list[Channel]:
        """By code."""
        return await self._kept.find({"_id": {"$gt": ""}}, limit=_MOST)

    async def new_key(self, code: str) -> str:
        """A key, shown this once. The one before stays good. Refuses with CHANNEL_NOT_FOUND."""
        key = f"chk_{secrets.token_urlsafe(32)}"
        push = {"$push": {"keys": {"$each": [_hashed(key)], "$slice": -_GOOD_KEYS}}}
        if await self._kept.change({"_id": code}, push) is None:
            raise ChannelNotFound("no such channel")
        return key

    async def letting_in(self, code: str, key: str, *, staff: bool) -> Channel:
        """The channel, open, for who may send its orders. Refuses with CHANNEL_KEY_WRONG, CHANNEL_NOT_FOUND,
        CHANNEL_CLOSED: who proves nothing does not learn which channels there are."""
        channel = await self._kept.get(code)
        if not staff:
            good = channel.keys if channel else []
            if not any(hmac.compare_digest(kept, _hashed(key)) for kept in good):
                raise ChannelKeyWrong("show the channel's key")
        if channel is None:
            raise ChannelNotFound("no such channel")
        if not channel.open:
            raise ChannelClosed("this channel takes no orders in")
        return channel


def _hashed(key: str) -> bytes:
    # 256 random bits need no slow hash.
    return hashlib.sha256(key.encode()).digest()
