"""This is where a cart's owner sees in which stores it can be picked up, and chooses one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.kit.errors import NotFound, WrongState
from services.orders import limits
from services.orders.carts import AddressMissing, Cart, CartKey, Carts
from services.orders.checkout import CartEmpty, Purchase
from services.orders.orders import PICKUP, Order
from services.orders.paying import CARD, Capture, Paying
from services.orders.quotes import Delivery
from services.orders.till import Till

_MOST_LINES = 100


class PickupPointNotFound(NotFound):
    """No store of that code gives out orders."""


class StoreShort(WrongState):
    """The store has not enough of it (metadata: sku)."""


class PickupPrepaid(WrongState):
    """What is picked up is paid before."""


class TooMuchToPickUp(WrongState):
    """At most 100 lines are picked up at once."""


@dataclass(frozen=True, slots=True)
class Store:
    """A warehouse of kind `store`: it gives out orders. `hours` like `mon 10:00-21:00`, its own time."""

    code: str
    title: str
    country: str
    province: str
    city: str
    district: str
    street: str
    hours: Sequence[str]


@dataclass(frozen=True, slots=True)
class Point:
    """A store, and what it is short of for a cart (SKUs)."""

    store: Store
    short: Sequence[str]


class Places(Protocol):
    """Who knows stores and what lies in them: logistics and catalog."""

    async def stores(self) -> Mapping[str, Store]:
        """Those that give out orders, by code."""
        ...

    async def lying(self, skus: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """How many of each SKU can be had in each warehouse, by SKU and code."""
        ...


class Points:
    """Where a cart can be picked up."""

    def __init__(self, carts: Carts, till: Till, places: Places) -> None:
        self._carts, self._till, self._places = carts, till, places

    async def of(self, key: CartKey) -> list[Point]:
        """Every store. Refuses with CART_NOT_FOUND, CART_EMPTY, TOO_MUCH_TO_PICK_UP."""
        return await self._points(await self._carts.get(key))

    async def choose(self, key: CartKey, code: str) -> Cart:
        """Picks it up there. Refuses with PICKUP_POINT_NOT_FOUND, STORE_SHORT, ADDRESS_MISSING and as `of` does."""
        cart = await self._carts.get(key)
        point = next((each for each in await self._points(cart) if each.store.code == code), None)
        if point is None:
            raise PickupPointNotFound("no store of that code gives out orders")
        if point.short:
            raise StoreShort(f"the store has not enough of {point.short[0]}", sku=point.short[0])
        if cart.region is None:
            raise AddressMissing("say who picks it up first")
        parcel, _ = await self._till.ways_of(cart, key.customer_id)
        if parcel is None:
            raise CartEmpty("there is nothing in it")
        way = Delivery(PICKUP, f"到店自取 {point.store.title}"[:100], 0, 0, 0, "")
        return await self._carts.choose(key, way, parcel, code)

    async def look(self, order: Order, purchase: Purchase) -> None:
        """A screen: what is picked up is paid at once. Refuses with PICKUP_PREPAID."""
        if order.fulfilment != PICKUP:
            return
        if order.paying and order.paying.cash:
            raise PickupPrepaid("what is picked up is paid before")
        if order.deferred:
            method = purchase.payment_method
            order.paying = None if method == CARD else Paying(method, Capture.PAYMENT)

    async def _points(self, cart: Cart) -> list[Point]:
        wanted = {sku: line.quantity for sku, line in cart.items()}
        if not wanted:
            raise CartEmpty("there is nothing in it")
        if len(wanted) > _MOST_LINES:
            raise TooMuchToPickUp(f"at most {_MOST_LINES} lines")
        stores, lying = await self._places.stores(), await self._places.lying(list(wanted))
        return [Point(store, _short(wanted, lying, code)) for code, store in sorted(stores.items())]


def _short(wanted: Mapping[str, int], lying: Mapping[str, Mapping[str, int]], code: str) -> list[str]:
    return [sku for sku, count in wanted.items() if lying.get(sku, {}).get(code, 0) < count]


def checked_code(code: str) -> str:
    """A store's code."""
    return limits.text(code, "/store", 64, needed=True)
