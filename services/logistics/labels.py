"""This is where labels are made: PDF and ZPL, A6 and 100 x 180 mm, one document for up to 500 parcels (L02).

Names and phones are masked; what the courier collects is said; each may have a card for the parcel (L15).
"""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from services.kit.errors import FieldError, Invalid, NotFound, Refused, WrongState
from services.kit.seal import Seal
from services.kit.store import Store

from .addresses import Address, masked
from .carriers import Carrier
from .label_formats import zpl
from .label_pages import pdf
from .label_texts import A6, SIZES, Insert, LabelText, amount
from .messages.places import unsealed_address
from .shipments import CANCELLED, EXCEPTION, STOPPED, Shipment, ShipmentNotFound
from .warehouses import Warehouses
from .words import is_id, is_waybill

log = logging.getLogger(__name__)
MOST_LABELS = 500
MEDIA_TYPES = {"pdf": "application/pdf", "zpl": "application/zpl"}
_DRAWN = {"pdf": pdf, "zpl": zpl}


class InvalidFormat(Invalid):
    """A label is `pdf` or `zpl`, `a6` or `100x180`."""


class InvalidLabels(Invalid):
    """One to five hundred shipments, each once."""


class WaybillNotFound(NotFound):
    """No such waybill, or another carrier's."""


class NoLabel(WrongState):
    """A shipment that was stopped, or waits for staff, has no label; nor have many one PDF when a carrier draws its own."""


class Cards(Protocol):
    """Who makes the cards that go into parcels."""

    async def printed(self, shipments: Sequence[Shipment]) -> dict[str, Insert]:
        """What the card of each parcel says, by the parcel's id. Refuses with `NoInsertOffer`."""
        ...


class Labels:
    """Makes labels."""

    def __init__(
        self, kept: Store[Shipment], warehouses: Warehouses, carriers: Mapping[str, Carrier], seal: Seal, cards: Cards
    ) -> None:
        self._kept, self._warehouses, self._carriers, self._seal = kept, warehouses, carriers, seal
        self._cards = cards

    async def of_shipments(
        self, ids: Sequence[str], form: str, size: str = A6, *, inserts: bool = False
    ) -> tuple[bytes, str]:
        """One document for all, in this order, and its media type. Refuses with `ShipmentNotFound`, `NoLabel`, and with
        `NoInsertOffer` where cards are wanted."""
        media_type, size = _media_type(form), _size(size)
        if not 1 <= len(ids) <= MOST_LABELS or len(set(ids)) != len(ids):
            what = FieldError("/shipment_ids", f"1 to {MOST_LABELS}, each once")
            raise InvalidLabels("no such batch of labels", errors=[what])
        found = await self._kept.get_many([key for key in ids if is_id(key)])
        if missing := [key for key in ids if key not in found or found[key].state == STOPPED]:
            raise ShipmentNotFound(f"there are no {len(missing)} of these shipments")
        return await self._drawn([found[key] for key in ids], form, size, inserts=inserts), media_type

    async def of_waybill(self, carrier: str, waybill: str, form: str, size: str = A6) -> tuple[bytes, str]:
        """A carrier's own label. Refuses with `WaybillNotFound`, `NoLabel`."""
        media_type, size = _media_type(form), _size(size)
        where = {"waybill": waybill, "carrier": carrier}
        shipment = await self._kept.one(where) if is_waybill(waybill) else None
        if shipment is None:
            raise WaybillNotFound("there is no such waybill")
        return await self._drawn([shipment], form, size), media_type

    async def of_parcel(self, shipment: Shipment, form: str, size: str = A6) -> tuple[bytes, str]:
        """The label of a parcel at hand. Refuses with `NoLabel`."""
        media_type, size = _media_type(form), _size(size)
        return await self._drawn([shipment], form, size), media_type

    def address(self, shipment: Shipment) -> Address:
        """Where a parcel goes, unsealed; only the region when the seal is broken."""
        try:
            return unsealed_address(self._seal.open(shipment.sealed_address, shipment.order_id))
        except (Refused, ValueError):
            log.warning("the address of %s cannot be opened", shipment.id)
            place = shipment.region
            return Address(place.country, place.province, place.city, place.district)

    async def _drawn(self, shipments: Sequence[Shipment], form: str, size: str, *, inserts: bool = False) -> bytes:
        if unready := [one for one in shipments if one.state in (CANCELLED, EXCEPTION)]:
            raise NoLabel(f"{unready[0].id} is {unready[0].state}: it has no label", state=unready[0].state)
        titles = {code: warehouse.title for code, warehouse in (await self._warehouses.all()).items()}
        cards = await self._cards.printed(shipments) if inserts else {}
        texts = [self._text(one, titles.get(one.warehouse, one.warehouse), cards.get(one.id)) for one in shipments]
        own = await self._own(shipments, form)
        if own and form == "pdf" and len(shipments) > 1:
            raise NoLabel("a carrier draws its own labels: print them as zpl, or one by one")
        if own:
            return b"\n".join(
                own.get(one.waybill) or _DRAWN[form]([text], size) for one, text in zip(shipments, texts, strict=True)
            )
        # Five hundred pages take a second: not on the loop that answers everybody.
        return await asyncio.to_thread(_DRAWN[form], texts, size)

    async def _own(self, shipments: Sequence[Shipment], form: str) -> dict[str, bytes]:
        """The labels that carriers draw themselves, by waybill; a call a carrier. No card stands on them."""
        own: dict[str, bytes] = {}
        for code in {one.carrier for one in shipments}:
            carrier = self._carriers.get(code)
            if carrier and "label" in carrier.abilities:
                own |= await carrier.labels([one.waybill for one in shipments if one.carrier == code], form)
        return own

    def _text(self, shipment: Shipment, sender: str, card: Insert | None) -> LabelText:
        carrier, to = self._carriers.get(shipment.carrier), masked(self.address(shipment))
        place = [re.sub(r"\s+", " ", part) for part in (to.province, to.city, to.district, to.street) if part]
        note = f"{shipment.order_id}  {shipment.part}/{shipment.parts}  {shipment.weight_g} g"
        if shipment.return_id:  # from the customer to the warehouse
            return LabelText(
                carrier=carrier.title if carrier else shipment.carrier,
                sort_code="",
                waybill=shipment.waybill,
                to=sender,
                address=f"RETURN 退货 {shipment.return_id}",
                sender=f"{to.name}  {to.phone}  {' '.join(place[:2])}",
                note=note,
            )
        return LabelText(
            carrier=carrier.title if carrier else shipment.carrier,
            sort_code=carrier.sort_code(shipment.region) if carrier else "",
            waybill=shipment.waybill,
            to=f"{to.name}  {to.phone}",
            address=f"{' '.join(place)} ({to.country})",
            sender=sender,
            note=note,
            collect=amount(shipment.collect_currency, shipment.collect_minor) if collects(shipment) else "",
            insert=card,
        )


def collects(shipment: Shipment) -> bool:
    """Whether the courier is paid for the order when this parcel comes: the first speaks for all."""
    return shipment.part == 1 and shipment.collect_minor > 0


def _size(size: str) -> str:
    if (size or A6) not in SIZES:
        raise InvalidFormat("a label is a6 or 100x180", errors=[FieldError("/size", "a6 or 100x180")])
    return size or A6


def _media_type(form: str) -> str:
    if form not in MEDIA_TYPES:
        raise InvalidFormat("a label is pdf or zpl", errors=[FieldError("/format", "pdf or zpl")])
    return MEDIA_TYPES[form]
