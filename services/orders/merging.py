"""This is where a guest who signs in gets what was in the guest's cart into their own: once."""

from collections.abc import Mapping
from typing import Any

from services.kit.errors import Conflict, Invalid, VersionMismatch
from services.kit.seal import Seal
from services.kit.store import Store

from . import limits
from .carts import Cart, CartKey, CartLine, Carts

_TRIES = 5
_REMEMBERED = 50  # guests' carts a cart remembers; more than anybody signs in with


class CartBusy(Conflict):
    """Somebody else keeps changing it: try again."""


class Merging:
    """Closes the guest's cart first, saying whose it becomes, then pours it out: a crash between is made good by the same
    call, and the customer's cart remembers which it has in it already."""

    def __init__(self, carts: Carts, store: Store[Cart], seal: Seal) -> None:
        self._carts, self._store, self._seal = carts, store, seal

    async def merge(self, guest_cart_id: str, customer_id: str) -> Cart:
        """The customer's cart with both in it. Refuses with CART_NOT_FOUND when the guest's is another customer's."""
        if not customer_id:
            raise limits.refused("/customer_id", "whose is it to be?", Invalid)
        guest = await self._carts.get(CartKey(guest_cart_id, customer_id))
        own = await self._carts.create(customer_id)
        if guest.id == own.id or guest.version == 0 or not self._fits(guest, own):
            return own
        guest = await self._closed(guest, customer_id)
        if guest.merged_into != customer_id:
            return own
        for _ in range(_TRIES):
            if guest.id in own.merged:
                return own
            self._pour(guest, own)
            try:
                return await self._store.save(own)
            except VersionMismatch:
                own = await self._carts.create(customer_id)
        raise CartBusy(f"{own.id} keeps changing")

    @staticmethod
    def _fits(guest: Cart, own: Cart) -> bool:
        """What costs another currency stays where it is."""
        return not guest.lines or not own.lines or guest.currency == own.currency

    async def _closed(self, guest: Cart, customer_id: str) -> Cart:
        where: Mapping[str, Any] = {"_id": guest.id, "state": "open", "customer_id": ""}
        update = {"$set": {"state": "merged", "merged_into": customer_id}}
        return await self._store.change(where, update) or await self._store.get(guest.id) or guest

    def _pour(self, guest: Cart, own: Cart) -> None:
        for name, line in guest.lines.items():
            mine = own.lines.get(name)
            if mine is None and len(own.lines) >= limits.MOST_LINES:
                continue
            quantity = min(line.quantity + (mine.quantity if mine else 0), limits.MOST_OF_A_SKU)
            own.lines[name] = CartLine(quantity, line.price_minor)
        own.currency = own.currency or guest.currency if own.lines else ""
        own.coupons = list(dict.fromkeys([*own.coupons, *guest.coupons]))[: limits.MOST_COUPONS]
        if own.sealed_address is None and guest.sealed_address is not None:
            plain = self._seal.open(guest.sealed_address, guest.id)
            own.sealed_address, own.region = self._seal.close(plain, own.id), guest.region
            own.place = guest.place
            own.delivery, own.store, own.window = guest.delivery, guest.store, guest.window
        own.merged = [*own.merged, guest.id][-_REMEMBERED:]
