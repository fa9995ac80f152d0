"""This is where a cart's owner sees when it can be brought, and chooses."""

from collections.abc import Sequence
from typing import Protocol

from services.kit.errors import WrongState
from services.orders.addresses import Region
from services.orders.carts import AddressMissing, Cart, CartKey, Carts
from services.orders.checkout import Purchase
from services.orders.orders import Order
from services.orders.till import Till, UnknownDeliveryOption

from .window import Free

_NEXT = 3


class WindowFull(WrongState):
    """It has no place left (metadata `next`: the next free ones)."""


class WindowClosed(WrongState):
    """Nobody comes then, or there, or not any more (metadata `next`: the next free ones)."""


class AheadWithoutWindow(WrongState):
    """What is sold ahead is not there yet: when it is brought is not chosen now."""


class Slots(Protocol):
    """Who knows delivery windows: logistics."""

    async def there(self, option: str, region: Region) -> list[Free]:
        """The slots at a place, those that are full too; the soonest first."""
        ...


class Choosing:
    """Chooses a way of sending and when it is brought."""

    def __init__(self, carts: Carts, till: Till, slots: Slots) -> None:
        self._carts, self._till, self._slots = carts, till, slots

    async def free(self, key: CartKey, option: str) -> list[Free]:
        """When a cart can be brought. Refuses with CART_NOT_FOUND, ADDRESS_MISSING."""
        cart = await self._carts.get(key)
        if cart.region is None:
            raise AddressMissing("say where to first")
        return [each for each in await self._slots.there(option, cart.region) if each.left]

    async def choose(self, key: CartKey, option: str, slot: str) -> Cart:
        """Takes both; the place itself is taken at checkout. Refuses with ADDRESS_MISSING, UNKNOWN_DELIVERY_OPTION,
        WINDOW_FULL, WINDOW_CLOSED."""
        cart = await self._carts.get(key)
        parcel, ways = await self._till.ways_of(cart, key.customer_id)
        way = next((way for way in ways if way.id == option), None)
        if parcel is None or way is None:
            raise UnknownDeliveryOption("not one of the ways this cart can be sent")
        there = await self._slots.there(option, parcel.region) if way.windowed else []
        wanted = next((each for each in there if each.window.id == slot), None)
        if wanted is None:
            raise WindowClosed("nobody comes then", next=next_of(there))
        if not wanted.left:
            raise WindowFull("there is no place left then", next=next_of(there))
        return await self._carts.choose(key, way, parcel, window=wanted.window)


def next_of(there: Sequence[Free]) -> str:
    """The next free ones, for who was too late."""
    return " ".join([each.window.id for each in there if each.left][:_NEXT])


async def not_ahead(order: Order, purchase: Purchase) -> None:
    """A screen. Refuses with AHEAD_WITHOUT_WINDOW."""
    if order.window and order.preorder:
        raise AheadWithoutWindow("what is sold ahead is not brought in a window chosen now")
