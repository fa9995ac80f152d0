"""This is where an order's evidence for a dispute is put together: what is known, what proves it, how to check it."""

import io
import json
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from services.kit.clock import Clock, rfc3339
from services.orders.looking import Orders
from services.orders.orders import Order

from .chain import Block, Tip

_VERIFY = Path(__file__).with_name("verify.py").read_text(encoding="utf-8")
_README = """evidence.json   what happened to the order, and the ledger's entries about it
verify.py       recomputes their hashes: python verify.py evidence.json [head hash]

Each entry's hash is SHA-256(hash before it || SHA-256(its words)). `path` are the digests of the entries that follow it in
its block; they lead to the block's hash, which the next block begins with, and so on to the head. The shop publishes the
head (GET /v1/ledger/head) and recomputes the whole chain for its staff (GET /v1/ledger/verification).
"""
_SHOWN = (
    *("id", "state", "currency", "channel", "channel_order_id", "customer_type", "fulfilment", "lines", "totals"),
    *("discounts", "coupons", "points", "delivery", "region", "placed_at", "paid_at", "delivered_at", "payment_id"),
    *("captured_minor", "refunded_minor", "compensated_minor", "movements", "adjustments", "protections", "shipments"),
    *("events",),
)
# What things cost the shop, who of its people did it, and words that somebody typed.
_NEVER = frozenset({"cost_minor", "by", "note", "released_by"})
More = Callable[[Order], Awaitable[dict[str, Any]]]
Contact = Callable[[Order], dict[str, str]]


class Evidence:
    """Makes evidence files. `more` brings what others know of the order: its returns, its invoices."""

    def __init__(
        self,
        orders: Orders,
        about: Callable[[str], Awaitable[list[Block]]],
        head: Callable[[], Awaitable[Tip]],
        contact: Contact,
        more: Sequence[More],
        clock: Clock,
    ) -> None:
        self._orders, self._about, self._head = orders, about, head
        self._contact, self._more, self._clock = contact, more, clock

    async def of(self, order_id: str) -> bytes:
        """The zip. Refuses with ORDER_NOT_FOUND."""
        order = await self._orders.get(order_id, "", staff=True)
        blocks, head = await self._about(order.id), await self._head()
        told: dict[str, Any] = {
            "made_at": rfc3339(self._clock.now()),
            "order": snapshot(order),
            "contact": self._contact(order),
            "ledger": {
                "rule": "hash = SHA-256(prev || SHA-256(canonical JSON of about, content, event, seq, told_at, type))",
                "head": {"seq": head.seq, "hash": head.hash},
                "entries": [row for block in blocks for row in proven(block, order.id)],
            },
        }
        for more in self._more:
            told |= await more(order)
        return zipped({"evidence.json": _json(told), "verify.py": _VERIFY, "README.txt": _README})


def proven(block: Block, order_id: str) -> list[dict[str, Any]]:
    """The entries of a block about an order, each with the digests that lead from it to the block's hash."""
    digests = [entry.digest() for entry in block.entries]
    return [
        asdict(entry) | {"path": digests[place + 1 :], "block": block.number, "block_hash": block.hash}
        for place, entry in enumerate(block.entries)
        if order_id in entry.about
    ]


def snapshot(order: Order) -> dict[str, Any]:
    """The order as far as it is anybody's business in a dispute."""
    whole = asdict(order)
    return {name: _without(whole[name]) for name in _SHOWN}


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner) for name, inner in value.items() if name not in _NEVER}
    return [_without(inner) for inner in value] if isinstance(value, list) else value


def zipped(files: dict[str, str]) -> bytes:
    """The files in one, the same for the same."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _json(told: object) -> str:
    def plain(thing: object) -> str:
        return rfc3339(thing) if isinstance(thing, datetime) else str(thing)

    return json.dumps(told, ensure_ascii=False, indent=1, default=plain)


def masked_name(name: str) -> str:
    """王小明 → 王**."""
    return f"{name[:1]}**" if name else ""


def masked_phone(phone: str) -> str:
    """The last four digits."""
    return f"****{phone[-4:]}" if len(phone) > 4 else ""
