"""This is where a parcel's papers are: the declaration as data for its carrier, and as commercial invoice, packing list and
CN22/CN23 in PDF."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.kit.errors import FieldError, Invalid, WrongState
from services.logistics.addresses import Address
from services.logistics.labels import Labels
from services.logistics.shipments import CANCELLED, EXCEPTION, Shipment, Shipments
from services.logistics.warehouses import Warehouses

from .clearance import Clearance, Going, declared
from .goods import CustomsGoods
from .pages import KINDS, pdf

log = logging.getLogger(__name__)
_CN22_MOST_G = 2_000


class NotAbroad(WrongState):
    """It stays in the country, comes back, or has not been planned: it has no customs papers."""


class InvalidPaper(Invalid):
    """No such paper."""


class DeclarationIncomplete(WrongState):
    """Customs data of its goods is missing (metadata: sku, missing)."""


@dataclass(frozen=True, slots=True)
class DeclaredLine:
    """A line as it is declared; `value_minor` of all of it, `weight_g` net."""

    sku: str
    description: str
    quantity: int
    hs_code: str
    origin: str
    value_minor: int
    weight_g: int
    material: str
    use: str
    battery: str


@dataclass(frozen=True, slots=True, repr=False)
class Declaration:
    """A parcel as customs sees it. Names its receiver: personal."""

    shipment_id: str
    order_id: str
    waybill: str
    carrier: str
    form: str
    currency: str
    sender: str
    sender_country: str
    receiver: Address
    lines: tuple[DeclaredLine, ...]
    day: str

    @property
    def value_minor(self) -> int:
        """All of it."""
        return sum(line.value_minor for line in self.lines)

    @property
    def weight_g(self) -> int:
        """Net."""
        return sum(line.weight_g for line in self.lines)


class Papers:
    """Makes them."""

    def __init__(
        self, shipments: Shipments, warehouses: Warehouses, labels: Labels, goods: CustomsGoods, clearance: Clearance
    ) -> None:
        self._shipments, self._warehouses, self._labels = shipments, warehouses, labels
        self._goods, self._clearance = goods, clearance

    async def declaration(self, shipment_id: str) -> Declaration:
        """The data. Refuses with SHIPMENT_NOT_FOUND, NOT_ABROAD, DECLARATION_INCOMPLETE."""
        parcel = await self._shipments.get(shipment_id)
        if not self._clearance.abroad(parcel.region.country) or parcel.return_id:
            raise NotAbroad("it crosses no border")
        if parcel.state in (CANCELLED, EXCEPTION):
            raise NotAbroad(f"it is {parcel.state}", state=parcel.state)
        return await self._declared(parcel)

    async def paper(self, shipment_id: str, kind: str) -> bytes:
        """One of them as PDF. Refuses with INVALID_PAPER besides."""
        if kind not in KINDS:
            raise InvalidPaper("no such paper", errors=[FieldError("/kind", f"one of {', '.join(KINDS)}")])
        told = await self.declaration(shipment_id)
        return await asyncio.to_thread(pdf, told, kind)

    async def _declared(self, parcel: Shipment) -> Declaration:
        known = await self._goods.of([line.sku for line in parcel.lines])
        lines = []
        for line in parcel.lines:
            goods = known.get(line.sku)
            if goods is None or goods.missing:
                missing = ", ".join(goods.missing) if goods else "everything"
                raise DeclarationIncomplete(f"{line.sku}: {missing} is missing", sku=line.sku, missing=missing)
            value = declared(Going(line.sku, line.quantity, line.worth_minor), goods, parcel.currency)
            lines.append(
                DeclaredLine(
                    line.sku,
                    goods.description,
                    line.quantity,
                    goods.hs_code,
                    goods.origin,
                    value,
                    line.quantity * line.weight_g,
                    goods.material,
                    goods.use,
                    goods.battery,
                )
            )
        house = (await self._warehouses.all()).get(parcel.warehouse)
        return Declaration(
            shipment_id=parcel.id,
            order_id=parcel.order_id,
            waybill=parcel.waybill,
            carrier=parcel.carrier,
            form=_form(lines),
            currency=parcel.currency,
            sender=house.title if house else parcel.warehouse,
            sender_country=house.region.country if house else "",
            receiver=self._labels.address(parcel),
            lines=tuple(lines),
            day=parcel.created_at.strftime("%Y-%m-%d"),
        )


def _form(lines: Sequence[DeclaredLine]) -> str:
    """CN22 for what is light (UPU: up to 2 kg) and simple, CN23 for the rest. Its limit in worth, 300 SDR, changes daily: a
    CN23 is right for every parcel, so only few lines take the small form."""
    light = sum(line.weight_g for line in lines) <= _CN22_MOST_G
    return "CN22" if light and len(lines) <= 3 else "CN23"


def exported(told: Declaration) -> dict[str, Any]:
    """The declaration as carriers take it electronically (after UPU M33 ITMATT: sender, addressee, content pieces)."""
    to = told.receiver
    return {
        "shipment_id": told.shipment_id,
        "waybill": told.waybill,
        "carrier": told.carrier,
        "form": told.form,
        "category": "sale_of_goods",
        "currency": told.currency,
        "value_minor": told.value_minor,
        "net_weight_g": told.weight_g,
        "sender": {"name": told.sender, "country": told.sender_country},
        "addressee": {name: getattr(to, name) for name in ("name", "phone", "country", "province", "city", "street")},
        "pieces": [{name: getattr(line, name) for name in DeclaredLine.__slots__} for line in told.lines],
    }
