"""This is where labels are made: PDF (A6) and ZPL, one document for up to 500 parcels, with names and phones masked."""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence

from services.kit.errors import FieldError, Invalid, NotFound, Refused, WrongState
from services.kit.seal import Seal
from services.kit.store import Store

from .addresses import Address, masked
from .carriers import Carrier
from .label_pages import LabelText, pdf, zpl
from .messages.places import unsealed_address
from .shipments import CANCELLED, EXCEPTION, STOPPED, Shipment, ShipmentNotFound
from .warehouses import Warehouses
from .words import is_id, is_waybill

log = logging.getLogger(__name__)
MOST_LABELS = 500
MEDIA_TYPES = {"pdf": "application/pdf", "zpl": "application/zpl"}


class InvalidFormat(Invalid):
    """A label is `pdf` or `zpl`."""


class InvalidLabels(Invalid):
    """One to five hundred shipments, each once."""


class WaybillNotFound(NotFound):
    """No such waybill, or another carrier's."""


class NoLabel(WrongState):
    """A shipment that was stopped, or waits for staff, has no label."""


class Labels:
    """Makes labels."""

    def __init__(
        self, kept: Store[Shipment], warehouses: Warehouses, carriers: Mapping[str, Carrier], seal: Seal
    ) -> None:
        self._kept, self._warehouses, self._carriers, self._seal = kept, warehouses, carriers, seal

    async def of_shipments(self, ids: Sequence[str], form: str) -> tuple[bytes, str]:
        """One document for all, in this order, and its media type. Refuses with `ShipmentNotFound`, `NoLabel`."""
        media_type = _media_type(form)
        if not 1 <= len(ids) <= MOST_LABELS or len(set(ids)) != len(ids):
            what = FieldError("/shipment_ids", f"1 to {MOST_LABELS}, each once")
            raise InvalidLabels("no such batch of labels", errors=[what])
        found = await self._kept.get_many([key for key in ids if is_id(key)])
        if missing := [key for key in ids if key not in found or found[key].state == STOPPED]:
            raise ShipmentNotFound(f"there are no {len(missing)} of these shipments")
        return await self._drawn([found[key] for key in ids], form), media_type

    async def of_waybill(self, carrier: str, waybill: str, form: str) -> tuple[bytes, str]:
        """A carrier's own label. Refuses with `WaybillNotFound`, `NoLabel`."""
        media_type = _media_type(form)
        where = {"waybill": waybill, "carrier": carrier}
        shipment = await self._kept.one(where) if is_waybill(waybill) else None
        if shipment is None:
            raise WaybillNotFound("there is no such waybill")
        return await self._drawn([shipment], form), media_type

    async def of_parcel(self, shipment: Shipment, form: str) -> tuple[bytes, str]:
        """The label of a parcel at hand. Refuses with `NoLabel`."""
        media_type = _media_type(form)
        return await self._drawn([shipment], form), media_type

    def address(self, shipment: Shipment) -> Address:
        """Where a parcel goes, unsealed; only the region when the seal is broken."""
        try:
            return unsealed_address(self._seal.open(shipment.sealed_address, shipment.order_id))
        except (Refused, ValueError):
            log.warning("the address of %s cannot be opened", shipment.id)
            place = shipment.region
            return Address(place.country, place.province, place.city, place.district)

    async def _drawn(self, shipments: Sequence[Shipment], form: str) -> bytes:
        if unready := [one for one in shipments if one.state in (CANCELLED, EXCEPTION)]:
            raise NoLabel(f"{unready[0].id} is {unready[0].state}: it has no label", state=unready[0].state)
        titles = {code: warehouse.title for code, warehouse in (await self._warehouses.all()).items()}
        texts = [self._text(one, titles.get(one.warehouse, one.warehouse)) for one in shipments]
        # Five hundred pages take a second: not on the loop that answers everybody.
        return await asyncio.to_thread(pdf if form == "pdf" else zpl, texts)

    def _text(self, shipment: Shipment, sender: str) -> LabelText:
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
        )


def _media_type(form: str) -> str:
    if form not in MEDIA_TYPES:
        raise InvalidFormat("a label is pdf or zpl", errors=[FieldError("/format", "pdf or zpl")])
    return MEDIA_TYPES[form]
