"""This is where a customer is told beforehand what a cart would lose with a line: others' discounts, gifts, freight."""

from dataclasses import dataclass, replace

from . import limits
from .carts import CartKey, Carts, InvalidQuantity, SkuNotFound, field_of
from .till import Rung, Till


@dataclass(frozen=True, slots=True)
class Lost:
    """What a promotion or coupon would not give any more, that line's own share apart; and the gifts that go with it."""

    id: str
    reason: str
    minor: int
    gifts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Losses:
    """What is lost, and what the cart comes to before and after."""

    lost: list[Lost]
    currency: str
    before_minor: int
    after_minor: int


class Losing:
    """Rings a cart up as it is and as it would be; nothing is kept."""

    def __init__(self, carts: Carts, till: Till) -> None:
        self._carts, self._till = carts, till

    async def preview(self, key: CartKey, sku: str, quantity: int) -> Losses:
        """What fewer of a SKU would lose. Refuses with CART_NOT_FOUND, SKU_NOT_FOUND, INVALID_QUANTITY."""
        cart = await self._carts.get(key)
        line = cart.lines.get(field_of(limits.sku(sku)))
        if line is None:
            raise SkuNotFound(f"there is no {sku} in the cart", sku=sku)
        if not 0 <= quantity < line.quantity:
            raise limits.refused("/quantity", f"below {line.quantity}", InvalidQuantity)
        fewer = cart.lines | {field_of(sku): replace(line, quantity=quantity)}
        lines = {name: each for name, each in fewer.items() if each.quantity}
        before = await self._till.ring_up(cart, key.customer_id)
        after = await self._till.ring_up(replace(cart, lines=lines), key.customer_id)
        return Losses(_lost(before, after, sku), cart.currency, before.priced.total, after.priced.total)


def _lost(before: Rung, after: Rung, sku: str) -> list[Lost]:
    now, then = _given(before, sku), _given(after, sku)
    lost = []
    for key, (reason, minor, gifts) in now.items():
        _, minor_then, gifts_then = then.get(key, ("", 0, frozenset()))
        gone = gifts - gifts_then
        if minor > minor_then or gone:
            lost.append(Lost(key, reason, max(0, minor - minor_then), tuple(sorted(gone))))
    return lost


def _given(rung: Rung, sku: str) -> dict[str, tuple[str, int, frozenset[str]]]:
    """By promotion or coupon: why, how much off other goods and the freight, and which gifts."""
    gifts = {item.sku for item in rung.items if item.gift}
    found: dict[str, tuple[str, int, frozenset[str]]] = {}
    for each in rung.priced.discounts:
        own = sum(share.minor for share in each.shares if share.sku == sku and sku not in gifts)
        _, minor, skus = found.get(each.id, ("", 0, frozenset[str]()))
        free = frozenset(share.sku for share in each.shares) & gifts if each.scope == "items" else frozenset[str]()
        found[each.id] = each.reason, minor + each.minor - own, skus | free
    return found
