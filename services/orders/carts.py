"""This is where a cart is: what somebody means to buy, and what can be done with it."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, NotFound, VersionMismatch, WrongState
from services.kit.ids import new_id
from services.kit.seal import Seal
from services.kit.store import Change, Store, encode

from . import limits
from .addresses import Address, Judgement, Region, checked
from .memory import Memory
from .messages.addresses import address_bytes
from .quotes import Delivery, Parcel, Quotes
from .slots.window import Window

Upsert = Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], Awaitable["Cart | None"]]

_GLANCED, _GLANCE_S = 5_000, 60.0  # carts remembered for a version-checked write, and for how long
_CODE = re.compile(r"[A-Z0-9-]{1,64}")


class CartNotFound(NotFound):
    """There is no such cart, or it is another's."""


class CartClosed(WrongState):
    """It is ordered or merged already."""


class CartFull(WrongState):
    """It has 1,000 lines, or ten coupons."""


class SkuNotFound(NotFound):
    """No such SKU."""


class NotOnSale(WrongState):
    """Its product is not on sale (metadata: sku)."""


class InvalidQuantity(Invalid):
    """Not 0 to 99,999."""


class OtherCurrency(WrongState):
    """What is in the cart costs another currency."""


class AddressMissing(WrongState):
    """Nobody said where to yet."""


class InvalidCoupon(Invalid):
    """Nothing anybody could have typed off a coupon."""


@dataclass
class CartLine:
    """How many of a SKU, and the price of one its owner was last shown (minor units)."""

    quantity: int
    price_minor: int


@dataclass
class Cart:
    """A cart. `lines` are kept by `field_of(sku)`, in the order they came in; `working` are the coupons that gave something
    when it was last shown. `delivery` is as it was quoted for `parcel`. `merged` are the guests' carts poured into it."""

    id: str
    customer_id: str = ""
    state: str = "open"
    currency: str = ""
    lines: dict[str, CartLine] = field(default_factory=dict)
    coupons: list[str] = field(default_factory=list)
    working: list[str] = field(default_factory=list)
    sealed_address: bytes | None = None
    region: Region | None = None
    place: Judgement | None = None  # of the address; None while nobody could say
    delivery: Delivery | None = None
    parcel: Parcel | None = None
    merged: list[str] = field(default_factory=list)
    merged_into: str = ""
    channel: str = "storefront"
    store: str = ""  # where it is picked up, as long as that is its delivery
    window: Window | None = None  # when it is brought, as long as its delivery has windows
    changed_at: datetime | None = None
    version: int = 0

    def items(self) -> list[tuple[str, CartLine]]:
        """SKU and line, in order."""
        return [(sku_of(name), line) for name, line in self.lines.items()]


@dataclass(frozen=True, slots=True)
class CartKey:
    """Which cart, who asks, and the version they saw (0: any)."""

    cart_id: str
    customer_id: str = ""
    if_version: int = 0


def field_of(sku: str) -> str:
    """A SKU as a field's name: a dot would mean a path."""
    return sku.replace(".", "~")


def sku_of(name: str) -> str:
    """The SKU a field stands for."""
    return name.replace("~", ".")


def coupon_code(typed: str) -> str:
    """A code as marketing keeps it: NFKC, capitals, no space around it; empty for what no code of ours can be."""
    clean = unicodedata.normalize("NFKC", limits.text(typed, "/code", 100, InvalidCoupon, needed=True)).strip().upper()
    return clean if _CODE.fullmatch(clean) else ""


class CartIds:
    """Ids that prove they are ours: an empty cart need not be kept to be known."""

    def __init__(self, key: str) -> None:
        self._key = hashlib.sha256(f"cart ids {key}".encode()).digest()

    def new(self) -> str:
        """`crt_`, 26 characters that cannot be guessed, 12 that only we can work out."""
        fresh = new_id("crt")
        return fresh + self._proof(fresh)

    def genuine(self, cart_id: str) -> bool:
        """Whether `new` made it."""
        if not limits.is_id(cart_id, "crt"):
            return False
        return hmac.compare_digest(cart_id[-12:], self._proof(cart_id[:-12]))

    def _proof(self, fresh: str) -> str:
        return hmac.digest(self._key, fresh.encode(), "sha256").hex()[:12]


class Carts:
    """What can be done with carts. Each answers the cart as it is then."""

    def __init__(
        self, carts: Store[Cart], upsert: Upsert, ids: CartIds, quotes: Quotes, seal: Seal, clock: Clock
    ) -> None:
        self._carts, self._upsert, self._ids = carts, upsert, ids
        self._quotes, self._seal, self._clock = quotes, seal, clock
        self._latest: Memory[str, Cart] = Memory(_GLANCED, _GLANCE_S)

    def glance(self, key: CartKey) -> Cart | None:
        """The cart as this replica last made it, perhaps no longer as it is: only for a write that names its version."""
        cart = self._latest.get(key.cart_id)
        return cart if cart and cart.customer_id in ("", key.customer_id) else None

    async def create(self, customer_id: str) -> Cart:
        """A guest's empty cart is not kept: no write. A customer has one open cart at most."""
        fresh = Cart(self._ids.new(), limits.customer_id(customer_id), changed_at=self._hour())
        if not customer_id:
            return fresh
        mine = {"customer_id": customer_id, "state": "open"}
        existing = await self._carts.one(mine)
        if existing:
            return existing
        try:
            return await self._carts.insert(fresh)
        except AlreadyExists:  # asked for twice at once: the other one made it
            return await self._carts.one(mine) or fresh

    async def get(self, key: CartKey) -> Cart:
        """The cart. Refuses with CART_NOT_FOUND."""
        limits.customer_id(key.customer_id)
        if not self._ids.genuine(key.cart_id):
            raise CartNotFound("no such cart")
        cart = await self._carts.get(key.cart_id)
        if cart is None:
            return Cart(key.cart_id)
        if cart.customer_id not in ("", key.customer_id):
            raise CartNotFound("no such cart")
        return cart

    async def set_line(self, key: CartKey, sku: str, quantity: int) -> Cart:
        """Sets how many of a SKU; zero removes it."""
        limits.sku(sku)
        if not 0 <= quantity <= limits.MOST_OF_A_SKU:
            raise limits.refused("/quantity", f"0 to {limits.MOST_OF_A_SKU}", InvalidQuantity)
        name = field_of(sku)
        if not quantity:
            return await self._removed(key, name)
        quote = (await self._quotes.skus([sku])).get(sku)
        if quote is None:
            raise SkuNotFound(f"there is no {sku}", sku=sku)
        if not quote.live:
            raise NotOnSale(f"{sku} is not on sale", sku=sku)
        line = {"quantity": quantity, "price_minor": quote.price_minor}
        where = {"currency": {"$in": ["", quote.currency]}}
        cart = await self._changed(key, {"$set": {f"lines.{name}": line, "currency": quote.currency}}, where)
        if len(cart.lines) > limits.MOST_LINES:
            # The condition cannot count fields and stay one write; so one too many goes out again.
            await self._changed(CartKey(cart.id, key.customer_id), {"$unset": {f"lines.{name}": ""}})
            raise CartFull(f"a cart has room for {limits.MOST_LINES} lines")
        return cart

    async def _removed(self, key: CartKey, name: str) -> Cart:
        cart = await self._changed(key, {"$unset": {f"lines.{name}": ""}})
        if not cart.lines and cart.currency:
            where = {"_id": cart.id, "lines": {}, "state": "open"}
            cart = await self._carts.change(where, {"$set": {"currency": ""}}) or cart
        return cart

    async def set_address(self, key: CartKey, address: Address, place: Judgement | None = None) -> Cart:
        """Sets where to; kept sealed, its region beside it, and what is made of it."""
        good = checked(address)
        sealed = self._seal.close(address_bytes(good), key.cart_id)
        said = {"sealed_address": sealed, "region": encode(good.region), "place": encode(place)}
        return await self._changed(key, {"$set": said})

    async def choose(
        self, key: CartKey, way: Delivery, parcel: Parcel, store: str = "", window: Window | None = None
    ) -> Cart:
        """Takes a way of sending, which was on offer a moment ago for this parcel."""
        chosen = {"delivery": encode(way), "parcel": encode(parcel), "store": store, "window": encode(window)}
        return await self._changed(key, {"$set": chosen}, {"region": {"$ne": None}})

    async def add_coupon(self, key: CartKey, code: str) -> tuple[Cart, bool]:
        """Enters a code (as `coupon_code` made it); answers whether it was not there yet."""
        before = await self.get(key)
        if code in before.coupons:
            return before, False
        if len(before.coupons) >= limits.MOST_COUPONS:
            raise CartFull(f"a cart has room for {limits.MOST_COUPONS} coupons")
        return await self._changed(key, {"$addToSet": {"coupons": code}}), True

    async def remove_coupon(self, key: CartKey, code: str) -> Cart:
        """Takes a code out."""
        return await self._changed(key, {"$pull": {"coupons": code, "working": code}})

    async def fill_in(self, key: CartKey, channel: str) -> Cart:
        """Says where it is filled."""
        return await self._changed(key, {"$set": {"channel": channel}})

    async def acknowledge(self, cart: Cart, prices: Mapping[str, int], working: list[str]) -> Cart:
        """Its owner is being shown these prices (by SKU) and which coupons work; `cart` if it changed meanwhile."""
        update: dict[str, Any] = {f"lines.{field_of(sku)}.price_minor": minor for sku, minor in prices.items()}
        where = {"_id": cart.id, "version": cart.version, "state": "open"}
        return await self._carts.change(where, {"$set": update | {"working": working}}) or cart

    async def close(self, cart_id: str) -> None:
        """It became an order."""
        where = {"_id": cart_id, "state": "open"}
        await self._carts.change_many([Change(where, {"$set": {"state": "ordered", "changed_at": self._hour()}})])

    def _hour(self) -> datetime:
        # To the hour: the index that forgets old carts need not be written at every step of a living one.
        return self._clock.now().replace(minute=0, second=0, microsecond=0)

    async def _changed(self, key: CartKey, update: dict[str, Any], more: Mapping[str, Any] | None = None) -> Cart:
        """One atomic write; a cart that was never kept is kept by it."""
        limits.customer_id(key.customer_id)
        if not self._ids.genuine(key.cart_id):
            raise CartNotFound("no such cart")
        where: dict[str, Any] = {"_id": key.cart_id, "state": "open", "customer_id": {"$in": ["", key.customer_id]}}
        update = {**update, "$set": {**update.get("$set", {}), "changed_at": self._hour()}}
        if key.if_version or "region" in (more or {}):
            version = {"version": key.if_version} if key.if_version else {}
            cart = await self._carts.change(where | version | dict(more or {}), update)
        else:
            cart = await self._upsert(where | dict(more or {}), update, _empty(update))
        if cart is None:
            raise await self._why_not(key, "region" in (more or {}))
        self._latest.put(cart.id, cart, self._latest.stamp())
        return cart

    async def _why_not(self, key: CartKey, needs_address: bool) -> Exception:
        cart = await self.get(key)
        if cart.state != "open":
            return CartClosed("this cart is closed")
        if key.if_version and cart.version != key.if_version:
            return VersionMismatch(f"the cart is at version {cart.version}")
        if needs_address:
            return AddressMissing("say where to first")
        return OtherCurrency(f"what is in the cart costs {cart.currency}")


def _empty(update: Mapping[str, Any]) -> dict[str, Any]:
    """What a kept cart begins with beside what `update` sets."""
    begins: dict[str, Any] = {"state": "open", "customer_id": "", "currency": ""}
    begins |= {"lines": {}, "coupons": [], "region": None}
    touched = {path.split(".")[0] for paths in update.values() for path in paths}
    return {name: value for name, value in begins.items() if name not in touched}
