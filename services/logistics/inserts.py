"""This is where the card in a parcel has a code: made when its label is printed, scanned, redeemed once (L15).

A parcel's code follows from its id and the shop's own key: whoever prints again prints the same, and nobody can guess one.
"""

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, NotFound, VersionMismatch, WrongState
from services.kit.store import Store

from .label_texts import Insert
from .messages.told import insert_redeemed, insert_scanned
from .shipments import Shipment
from .words import is_id, is_text

OFFER = "offer"
_LETTERS = 12  # of base 32: sixty bits


@dataclass
class Card:
    """The card of a parcel; `id` is its code."""

    id: str
    shipment_id: str
    order_id: str
    created_at: datetime
    scans: int = 0
    scanned_at: datetime | None = None
    redeemed_by: str = ""
    redeemed_at: datetime | None = None
    version: int = 0


@dataclass
class Offer:
    """What the cards promise. The code is added to `url`; `coupon` is what a redeemed one gives, empty for nothing."""

    id: str = OFFER
    enabled: bool = False
    url: str = ""
    title: str = ""
    text: str = ""
    coupon: str = ""
    version: int = 0


class InsertNotFound(NotFound):
    """No card has this code."""


class InsertRedeemed(WrongState):
    """Somebody else has redeemed it."""


class NoInsertOffer(WrongState):
    """Nothing is offered: cards cannot be printed."""


class InvalidInsertOffer(Invalid):
    """No card can say that."""


KeepCards = Callable[[Sequence[Card]], Awaitable[None]]
"""Keeps those that are not kept yet, in one round trip."""


class Inserts:
    """The cards."""

    def __init__(self, cards: Store[Card], offers: Store[Offer], keep: KeepCards, key: str, clock: Clock) -> None:
        self._cards, self._offers, self._keep, self._clock = cards, offers, keep, clock
        self._key = key.encode()

    def code(self, shipment_id: str) -> str:
        """A parcel's code."""
        digest = hmac.new(self._key, f"insert|{shipment_id}".encode(), hashlib.sha256).digest()
        return base64.b32encode(digest).decode()[:_LETTERS]

    async def printed(self, shipments: Sequence[Shipment]) -> dict[str, Insert]:
        """What the card of each parcel says, by the parcel's id. Refuses with `NoInsertOffer`."""
        offer, now = await self.offer(), self._clock.now()
        if not offer.enabled:
            raise NoInsertOffer("say first what the cards promise")
        cards = [Card(self.code(one.id), one.id, one.order_id, now) for one in shipments if not one.return_id]
        await self._keep(cards)
        return {card.shipment_id: Insert(card.id, offer.url + card.id, offer.title, offer.text) for card in cards}

    async def scanned(self, code: str) -> tuple[Card, Offer]:
        """A card somebody looks at, counted. Refuses with `InsertNotFound`."""
        card, now = await self._found(code), self._clock.now()
        count = {"$inc": {"scans": 1}, "$set": {"scanned_at": now}}
        first = None
        if not card.scans:
            first = await self._cards.change({"_id": card.id, "scans": 0}, count, insert_scanned(card, now))
        return first or await self._cards.change({"_id": card.id}, count) or card, await self.offer()

    async def redeemed(self, code: str, customer_id: str) -> tuple[Card, Offer]:
        """A card as this customer's, once; the same customer again changes nothing. Refuses with `InsertNotFound`,
        `InsertRedeemed`."""
        card, now = await self._found(code), self._clock.now()
        if not card.redeemed_by:
            theirs = {"$set": {"redeemed_by": customer_id, "redeemed_at": now}}
            where = {"_id": card.id, "redeemed_by": ""}
            card = await self._cards.change(where, theirs, insert_redeemed(card, now)) or await self._found(code)
        if card.redeemed_by != customer_id:
            raise InsertRedeemed("this card was redeemed already")
        return card, await self.offer()

    async def of_shipment(self, shipment_id: str) -> Card:
        """The card of a parcel. Refuses with `InsertNotFound`."""
        return await self._found(self.code(shipment_id))

    async def offer(self) -> Offer:
        """What the cards promise."""
        return await self._offers.get(OFFER) or Offer()

    async def put(self, offer: Offer, if_version: int) -> Offer:
        """Says what they promise. Refuses with `InvalidInsertOffer`, `VersionMismatch`."""
        _check(offer)
        wanted = replace(offer, id=OFFER, version=if_version)
        try:
            return await (self._offers.save(wanted) if if_version else self._offers.insert(wanted))
        except AlreadyExists:
            raise VersionMismatch("it is there already") from None

    async def _found(self, code: str) -> Card:
        card = await self._cards.get(code.upper()) if is_id(code) else None
        if card is None:
            raise InsertNotFound("no card has this code")
        return card


def _check(offer: Offer) -> None:
    wrong = {
        "/url": is_text(offer.url, 120, 1) and offer.url.startswith(("https://", "http://")),
        "/title": is_text(offer.title, 30, 1),
        "/text": is_text(offer.text, 60),
        "/coupon": is_text(offer.coupon, 64),
    }
    if errors := [FieldError(pointer, "not as a card says it") for pointer, fine in wrong.items() if not fine]:
        raise InvalidInsertOffer("no card can say that", errors=errors)
