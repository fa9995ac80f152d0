"""This is where a paid order becomes parcels, once: warehouses chosen, goods taken, waybills made."""

import dataclasses
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, VersionMismatch
from services.kit.events import Told
from services.kit.store import Store

from .allocation import Choice, only, wanted
from .carriers import DEFAULT_CARRIER, Carrier, CarrierRefused, NotOffered
from .freight import USUAL_DAYS, Freight
from .holds import Holds
from .messages.parcels import paid_order
from .messages.places import region
from .messages.told import shipment_exception, shipment_planned
from .numbering import shipment_id
from .outgoing import Outgoing, asked
from .readdressing import Readdressing
from .regions import Region
from .shelves import HoldGone, Shelves, Taking, WarehouseShort
from .shipments import EXCEPTION, PLANNED, Line, Shipment
from .stopping import Stopping
from .warehouses import Warehouse, Warehouses

if TYPE_CHECKING:
    from shop.orders.v1.events_pb2 import OrderHeld, OrderPaid, OrderReaddressed, OrderReleased

log = logging.getLogger(__name__)
_CHOICES = 5
_WAYBILLS = 5
_AT_ONCE = 50
_AT_STORE = ("in_store", "pickup")  # handed over in a store: its goods are gone already, or put aside
_HEARD_OF = 8  # times a hold is told before nobody waits any more for its order to be planned


KeepTogether = Callable[[Sequence[tuple[Shipment, bool]]], Awaitable[None]]
"""Keeps an order's parcels in one transaction, each telling that it is planned; those marked True exist already."""


class Borders(Protocol):
    """Whether goods may cross a border."""

    async def waits_for(self, country: str, lines: Sequence[Line]) -> list[str]:
        """Why a parcel there cannot leave yet, a line each."""
        ...


class Counted(Protocol):
    """Counts one outcome."""

    def inc(self) -> object:
        """One more."""
        ...


class Planning:
    """Plans orders."""

    def __init__(
        self,
        kept: Store[Shipment],
        together: KeepTogether,
        stopping: Stopping,
        warehouses: Warehouses,
        freight: Freight,
        carriers: Mapping[str, Carrier],
        shelves: Shelves,
        clock: Clock,
        outcomes: Callable[[str], Counted],
        holds: Holds,
        outgoing: Outgoing,
        borders: Borders,
    ) -> None:
        self._kept, self._together, self._stopping = kept, together, stopping
        self._warehouses, self._freight, self._carriers = warehouses, freight, carriers
        self._shelves, self._clock, self._outcomes, self._holds = shelves, clock, outcomes, holds
        self._readdressing, self._outgoing = Readdressing(kept, clock), outgoing
        self._borders = borders
        self._after = ""

    async def on_order_paid(self, event: "OrderPaid", told: Told) -> None:
        """Plans an order. Its first parcel's id is the order's: whoever keeps it first, planner or stopper, has won."""
        if (
            not event.holds and event.fulfilment not in _AT_STORE
        ):  # else `OrderReleased` comes, or nothing is to be sent
            await self._plan(event, told)

    async def on_order_released(self, event: "OrderReleased", told: Told) -> None:
        """Plans an order that was held, or lets its parcels go."""
        if event.order.fulfilment in _AT_STORE:
            return
        if not await self._holds.let_go(event.order_id, event.turn):
            await self._plan(event.order, told, event.turn)

    async def on_order_held(self, event: "OrderHeld", told: Told) -> None:
        """Keeps its parcels where they are. One that was never planned was cancelled meanwhile."""
        if event.to_send and told.deliveries <= _HEARD_OF:
            await self._holds.hold(event.order_id, event.turn)

    async def on_order_readdressed(self, event: "OrderReaddressed", told: Told) -> None:
        """Brings a repaired address to its parcels."""
        if event.to_send and told.deliveries <= _HEARD_OF:
            to = region(event.region)
            await self._readdressing.readdress(event.order_id, event.revision, to, event.sealed_address)

    async def _plan(self, event: "OrderPaid", told: Told, turn: int = 0) -> None:
        draft = paid_order(event, shipment_id(event.order_id, 1), self._clock.now())
        draft.hold_turn = turn  # an older word about holds is no news
        if told.deliveries > 1 and await self._kept.get(draft.id):
            return
        await self._promise(draft, event.delivery_option)
        try:
            parcels = await self._allocated(draft)
        except HoldGone:
            # The order was cancelled before we heard of it, or this is an old story told again.
            log.info("nothing is held for order %s: not planned", draft.order_id)
            self._outcomes("dropped").inc()
            return
        try:
            if parcels:
                await self._keep(parcels)
            else:
                await self._kept.insert(draft, shipment_exception(draft, self._clock.now()))
                self._outcomes("exception").inc()
                log.warning("order %s cannot be allocated: %s", draft.order_id, "; ".join(draft.reasons))
        except AlreadyExists:
            if parcels:
                await self._stopping.give_back(parcels)

    async def again(self) -> None:
        """Tries once more what could not be allocated; a chore."""
        drafts = await self._kept.find(
            {"state": EXCEPTION, "moving": None, "_id": {"$gt": self._after}}, limit=_AT_ONCE
        )
        # The next turn goes on where this one ends: fifty hopeless ones must not keep the others waiting.
        self._after = drafts[-1].id if len(drafts) == _AT_ONCE else ""
        for draft in drafts:
            try:
                await self._once_more(draft)
            except VersionMismatch:
                continue  # stopped, or another replica is at it

    async def _once_more(self, draft: Shipment) -> None:
        # A stop waits from here on: what is taken now must not be lost.
        draft.taken = draft.uncounted = True
        await self._kept.save(draft)
        try:
            parcels = await self._allocated(draft)
        except HoldGone:
            parcels = []
        if parcels:
            await self._keep(parcels, first_exists=True)
        else:
            draft.taken = False
            await self._kept.save(draft)

    async def _promise(self, draft: Shipment, option: str) -> None:
        tariff = await self._freight.option(option)
        zone = tariff.zone(draft.region) if tariff else None
        draft.promise_days = zone.max_days if zone else USUAL_DAYS
        draft.deliver_by = self._outgoing.due(draft, None)
        draft.carrier = await self._outgoing.serving(tariff.template.carrier if tariff else DEFAULT_CARRIER)

    async def _allocated(self, draft: Shipment) -> list[Shipment]:
        """The order's parcels, their goods taken; none when no choice of warehouses holds, with the reasons in the draft."""
        if waits := await self._borders.waits_for(draft.region.country, draft.lines):
            draft.reasons = waits
            return []
        known = await self._warehouses.all()
        opened = [warehouse for warehouse in known.values() if warehouse.open]
        short: dict[str, set[str]] = {}
        for turn in range(_CHOICES):
            if turn == 0 and len(opened) == 1:
                choice = only(opened[0], draft.lines)
            elif turn == 0 and (depot := known.get(draft.own.depot)) in opened:
                choice = only(depot, draft.lines, "its riders bring it in the window chosen")
            else:
                choice = await self._chosen(draft, known, short)
            draft.reasons = list(choice.reasons)
            if not choice.parts:
                return []
            takings = [Taking(sku, code, units) for code, lines in choice.parts for sku, units in wanted(lines).items()]
            try:
                taken = await self._shelves.take(draft.order_id, takings)
            except WarehouseShort as refusal:
                short.setdefault(refusal.warehouse, set()).add(refusal.sku)
                continue
            if taken and set(taken) != set(takings):
                choice = _as_taken(draft, taken)
                draft.reasons = list(choice.reasons)
            return await self._parcels(draft, choice, known)
        draft.reasons = [f"{code}: short of {', '.join(sorted(skus))}" for code, skus in short.items()]
        return []

    async def _chosen(self, draft: Shipment, known: Mapping[str, Warehouse], short: Mapping[str, set[str]]) -> Choice:
        shelf = await self._shelves.stock([line.sku for line in draft.lines])
        return await self._outgoing.routed(draft, known, shelf, short)

    async def _parcels(self, draft: Shipment, choice: Choice, known: Mapping[str, Warehouse]) -> list[Shipment]:
        parcels = [
            dataclasses.replace(
                draft,
                id=draft.id if part == 1 else shipment_id(draft.order_id, part),
                state=PLANNED,
                part=part,
                parts=len(choice.parts),
                warehouse=code,
                origin=known[code].region if code in known else Region(),
                lines=list(lines),
                deliver_by=self._outgoing.due(draft, known.get(code)),
                taken=True,
                held=draft.held and part == 1,  # the first speaks for all
                version=draft.version if part == 1 else 0,
            )
            for part, (code, lines) in enumerate(choice.parts, 1)
        ]
        for parcel in parcels:
            await self._outgoing.choose_carrier(parcel)
            await self._numbered(parcel)
        return parcels

    async def _numbered(self, parcel: Shipment) -> None:
        """Gets its waybill. A carrier that will not have it for good is passed over; one that is away is waited for."""
        wish = asked(parcel)
        try:
            parcel.waybill = await self._carriers[parcel.carrier].make_waybill(wish)
        except (CarrierRefused, NotOffered) as refused:
            if parcel.carrier == DEFAULT_CARRIER:
                raise
            parcel.reasons = [*parcel.reasons, f"{parcel.carrier}: {refused.detail}"]
            parcel.carrier = DEFAULT_CARRIER
            parcel.waybill = await self._carriers[DEFAULT_CARRIER].make_waybill(wish)

    async def _keep(self, parcels: Sequence[Shipment], *, first_exists: bool = False) -> None:
        for _ in range(_WAYBILLS):
            try:
                if len(parcels) == 1 and not first_exists:
                    await self._kept.insert(parcels[0], shipment_planned(parcels[0], self._clock.now()))
                else:
                    await self._together([(one, first_exists and one.part == 1) for one in parcels])
                self._outcomes("split" if len(parcels) > 1 else "whole").inc()
                return
            except AlreadyExists:
                if await self._kept.get(parcels[0].id) and not first_exists:
                    raise
                for one in parcels:  # somebody else's parcel has this number
                    await self._numbered(one)
        raise AlreadyExists("no waybill number is free")


def _as_taken(draft: Shipment, taken: Sequence[Taking]) -> Choice:
    """The choice an earlier try had made before it broke off."""
    about = {line.sku: line for line in draft.lines}
    boxes: dict[str, list[Line]] = {}
    for one in taken:
        box = boxes.setdefault(one.warehouse, [])
        box.append(dataclasses.replace(about[one.sku], quantity=one.quantity))
    return Choice(list(boxes.items()), [f"{code}: chosen; taken from there before" for code in boxes])
