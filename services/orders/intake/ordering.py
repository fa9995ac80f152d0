"""This is where an order is made of what a channel sent: SKUs known, address good, amounts frozen."""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import WrongState
from services.kit.ids import new_id
from services.kit.seal import Seal
from services.orders.addresses import Address, InvalidAddress, Region
from services.orders.addresses import checked as checked_address
from services.orders.carts import Cart, CartLine, NotOnSale, coupon_code, field_of
from services.orders.checkout import DeliveryMissing, PriceChanged, as_shown, lines_of
from services.orders.leases import LEASE
from services.orders.messages.addresses import address_bytes
from services.orders.orders import IN_STORE, SHIP, STOREFRONT, Happened, Order, State
from services.orders.quotes import Delivery, Quotes, SkuQuote
from services.orders.screens import Hold
from services.orders.till import Rung, Till

from .amounts import Amounts, Sold, as_paid, difference
from .channel_orders import ChannelOrder
from .channel_skus import ChannelSku, ChannelSkus
from .channels import Channel, Kind
from .drafts import Draft
from .outside import token_of

PRICE_MISMATCH = "price_mismatch"
_HANDED_OVER = Delivery("in_store", "門店自取 Handed over in the store", 0, 0, 0, "")
# Which of the channels that offers are made for it is; all others have the storefront's.
_WITH_OFFERS = (Kind.MINI_PROGRAM, Kind.LIVE, Kind.MARKETPLACE, Kind.STORE, Kind.SUBSCRIPTION)
_OFFERS_OF = {kind: kind.value for kind in _WITH_OFFERS}
_NOWHERE = Address("", "", "", "", "", "", "")


class UnknownSku(WrongState):
    """Nobody knows which SKU of ours that is (metadata: sku)."""


class Members(Protocol):
    """Who knows customers: crm."""

    async def recognise(self, email: str, phone: str) -> str:
        """Whose address or number this is; empty for nobody's."""
        ...


@dataclass
class _Wanted:
    """So many of a SKU and what was paid for them; `agreed_minor` None: as in our own list."""

    quantity: int = 0
    paid_minor: int = 0
    agreed_minor: int | None = None


class Ordering:
    """Makes orders of drafts."""

    def __init__(
        self, skus: ChannelSkus, quotes: Quotes, till: Till, members: Members, seal: Seal, clock: Clock
    ) -> None:
        self._skus, self._quotes, self._till, self._members = skus, quotes, till, members
        self._seal, self._clock = seal, clock

    async def make(self, record: ChannelOrder, draft: Draft, channel: Channel) -> Order:
        """Refuses with UNKNOWN_SKU, INVALID_ADDRESS, NOT_ON_SALE, DELIVERY_MISSING, PRICE_CHANGED, AMOUNTS_DIFFER …"""
        wanted = await self._wanted(draft, channel)
        quotes = await self._quoted(wanted, draft.currency)
        where = _NOWHERE if channel.kind is Kind.STORE else _good(draft.address)
        customer_id = draft.customer_id or await self._member(draft)
        cart = await self._as_cart(draft, wanted, quotes, where.region, customer_id, channel.kind)
        rung = await self._till.ring_up(cart, customer_id)
        order = self._order(record, draft, channel, customer_id, where)
        if not draft.paid_outside:
            _charged_as_shown(order, rung, draft)
            return order
        sold = [_sold(rung, sku, each) for sku, each in wanted.items()]
        freight = replace(cart.delivery or _HANDED_OVER, price_minor=draft.freight_minor)
        _fill(order, as_paid(sold, draft.freight_minor, draft.total_minor, channel.title), freight)
        if told := difference(sold):
            text, at = f"Sold elsewhere: {told} (minor units).", order.placed_at
            # What was handed over at a till cannot be held back any more: it is only written down.
            gone = (at, channel.id) if order.fulfilment == IN_STORE else (None, "")
            order.holds.append(Hold(PRICE_MISMATCH, text, at, *gone))
        return order

    async def total(self, draft: Draft, channel: Channel) -> int:
        """What it would come to now, in minor units; refuses as `make` does."""
        wanted = await self._wanted(draft, channel)
        quotes = await self._quoted(wanted, draft.currency)
        region = _good(draft.address).region
        cart = await self._as_cart(draft, wanted, quotes, region, draft.customer_id, channel.kind)
        return (await self._till.ring_up(cart, draft.customer_id)).priced.total

    async def _wanted(self, draft: Draft, channel: Channel) -> dict[str, _Wanted]:
        """What is wanted of our SKUs, each once."""
        rows = await self._skus.named(channel.id, [line.channel_sku for line in draft.lines if line.channel_sku])
        wanted: dict[str, _Wanted] = defaultdict(_Wanted)
        for line in draft.lines:
            row = rows.get(line.channel_sku)
            if line.channel_sku and row is None:
                raise UnknownSku(f"nobody knows what {line.channel_sku} is", sku=line.channel_sku)
            each = wanted[row.sku if row else line.sku]
            each.quantity += line.quantity
            each.paid_minor += line.paid_minor
            each.agreed_minor = _agreed(row, draft.currency)
        return dict(wanted)

    async def _quoted(self, wanted: dict[str, _Wanted], currency: str) -> dict[str, SkuQuote]:
        quotes = await self._quotes.skus(wanted)
        for sku in wanted:
            if sku not in quotes or quotes[sku].currency != currency:
                raise UnknownSku(f"there is no {sku} that costs {currency}", sku=sku)
            if not quotes[sku].live:
                raise NotOnSale(f"{sku} is not on sale", sku=sku)
        return quotes

    async def _member(self, draft: Draft) -> str:
        return await self._members.recognise(draft.email, draft.phone) if draft.email or draft.phone else ""

    async def _as_cart(
        self,
        draft: Draft,
        wanted: dict[str, _Wanted],
        quotes: dict[str, SkuQuote],
        region: Region,
        customer_id: str,
        kind: Kind,
    ) -> Cart:
        """A cart that is kept nowhere: what is rung up as everybody's is."""
        coupons = [code for code in map(coupon_code, draft.coupons) if code]
        cart = Cart(
            id="",
            customer_id=customer_id,
            currency=draft.currency,
            lines={field_of(sku): CartLine(each.quantity, quotes[sku].price_minor) for sku, each in wanted.items()},
            coupons=coupons,
            working=coupons,
            channel=_OFFERS_OF.get(kind, STOREFRONT),
        )
        if region.country:
            cart.region = region
            _, ways = await self._till.ways_of(cart, customer_id)
            chosen = [way for way in ways if draft.delivery_option in ("", way.id)]
            if not chosen:
                raise DeliveryMissing("it cannot be sent there that way")
            cart.delivery = chosen[0]
        return cart

    def _order(self, record: ChannelOrder, draft: Draft, channel: Channel, customer_id: str, where: Address) -> Order:
        """All but its amounts."""
        order_id, now = new_id("ord"), self._clock.now()
        token = draft.payment_token
        if draft.paid_outside:
            token = token_of(record, draft.payment_method, draft.payment_reference)
        in_store = channel.kind is Kind.STORE
        return Order(
            id=order_id,
            request_id=record.request_id,
            fingerprint=record.fingerprint,
            cart_id="",
            cart_claim="",
            customer_id=customer_id,
            state=State.CHECKING_OUT,
            currency=draft.currency,
            lines=[],
            totals=[],
            discounts=[],
            coupons=[],
            points=0,
            delivery=_HANDED_OVER,
            region=where.region,
            sealed_address=self._seal.close(b"" if in_store else address_bytes(where), order_id),
            sealed_email=self._seal.close(draft.email.encode(), order_id) if draft.email else b"",
            sealed_token=self._seal.close(token.encode(), order_id),
            placed_at=now,
            due_at=now + LEASE,
            events=[Happened("placed", "placed", now, "Placed.")],
            channel=channel.id,
            channel_order_id=record.channel_order_id,
            customer_type=draft.customer_type or channel.customer_type,
            fulfilment=IN_STORE if in_store else SHIP,
            store=channel.warehouse,
            account_id=draft.account_id,
            purchase_order=draft.purchase_order,
        )


def flags_of(order: Order) -> list[str]:
    """What differed though it was taken."""
    return [hold.reason for hold in order.holds if hold.reason == PRICE_MISMATCH]


def _agreed(row: ChannelSku | None, currency: str) -> int | None:
    return row.price_minor if row and row.currency == currency else None


def _good(address: Address | None) -> Address:
    if address is None:
        raise InvalidAddress("say where to")
    return checked_address(address)


def _sold(rung: Rung, sku: str, wanted: _Wanted) -> Sold:
    """What was paid, beside what we ask with our own promotions, or as agreed."""
    asked = next(line.total for line in rung.priced.lines if line.sku == sku)
    if wanted.agreed_minor is not None:
        asked = wanted.agreed_minor * wanted.quantity
    return Sold(rung.quotes[sku], wanted.quantity, wanted.paid_minor, asked)


def _charged_as_shown(order: Order, rung: Rung, draft: Draft) -> None:
    """Our own prices, and no other total than the channel showed: nobody pays unseen."""
    delivery = as_shown(rung)
    if rung.priced.total != draft.total_minor:
        raise PriceChanged("it comes to something else than was shown", total=rung.priced.total)
    _fill(order, Amounts(lines_of(rung), rung.priced.totals, rung.priced.discounts), delivery)
    order.coupons, order.claims = rung.working(), list(rung.claims)


def _fill(order: Order, amounts: Amounts, delivery: Delivery) -> None:
    order.lines, order.totals, order.discounts = amounts.lines, amounts.totals, amounts.discounts
    order.delivery = delivery
