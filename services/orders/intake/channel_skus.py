"""This is where it is kept what channels call our SKUs, and what they were agreed to cost there."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.kit.errors import AlreadyExists, FieldError, Invalid, VersionMismatch
from services.kit.store import MOST_A_PAGE, USUAL_PAGE, InvalidPage, Store, decode_cursor, encode_cursor
from services.orders import limits

from .channels import Channels

_MOST_MINOR = 10**12


class InvalidChannelSku(Invalid):
    """No channel can call a SKU so."""


@dataclass
class ChannelSku:
    """What a channel calls a SKU. `price_minor` in `currency`: agreed for one; no currency: as in our own list."""

    id: str
    channel: str
    channel_sku: str
    sku: str
    currency: str = ""
    price_minor: int = 0
    version: int = 0


def key_of(channel: str, channel_sku: str) -> str:
    """Its id: no code of a channel has a bar in it."""
    return f"{channel}|{channel_sku}"


def checked_name(channel_sku: str, pointer: str = "/channel_sku") -> str:
    """1 to 128 characters. Refuses with INVALID_CHANNEL_SKU."""
    return limits.text(channel_sku, pointer, 128, InvalidChannelSku, needed=True)


class ChannelSkus:
    """Keeps the table of every channel."""

    def __init__(self, kept: Store[ChannelSku], channels: Channels) -> None:
        self._kept, self._channels = kept, channels

    async def put(self, row: ChannelSku) -> ChannelSku:
        """Keeps a row, in the place of what was there. Refuses with CHANNEL_NOT_FOUND, INVALID_CHANNEL_SKU."""
        await self._channels.get(row.channel)
        limits.sku(row.sku)
        if row.currency and not (len(row.currency) == 3 and 0 < row.price_minor <= _MOST_MINOR):
            raise limits.refused("/price", "an amount above zero", InvalidChannelSku)
        row.channel_sku = checked_name(row.channel_sku)
        row.id = key_of(row.channel, row.channel_sku)
        fields = {"sku": row.sku, "currency": row.currency, "price_minor": row.price_minor}
        for _ in range(2):
            if changed := await self._kept.change({"_id": row.id}, {"$set": fields}):
                return changed
            try:
                return await self._kept.insert(row)
            except AlreadyExists:
                continue
        raise VersionMismatch("it is being changed by another")

    async def drop(self, channel: str, channel_sku: str) -> None:
        """Forgets a row; an unknown one changes nothing."""
        await self._kept.collection.delete_one({"_id": key_of(channel, channel_sku)})

    async def named(self, channel: str, names: Iterable[str]) -> dict[str, ChannelSku]:
        """What a channel means by these names, in one read."""
        rows = await self._kept.get_many([key_of(channel, name) for name in dict.fromkeys(names)])
        return {row.channel_sku: row for row in rows.values()}

    async def page(self, channel: str, limit: int, cursor: str) -> tuple[list[ChannelSku], str]:
        """By the channel's names. Refuses with CHANNEL_NOT_FOUND, INVALID_PAGE."""
        await self._channels.get(channel)
        if not 0 <= limit <= MOST_A_PAGE:
            raise InvalidPage("a page has 1 to 100", errors=[FieldError("/page/limit", "1 to 100")])
        after = str(decode_cursor(cursor, 1)[0]) if cursor else key_of(channel, "")
        size = limit or USUAL_PAGE
        rows = await self._kept.find({"_id": {"$gt": after, "$lt": f"{channel}}}"}}, limit=size + 1)
        return rows[:size], encode_cursor(rows[size - 1].id) if len(rows) > size else ""
