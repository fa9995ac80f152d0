"""This is where logistics' delivery windows are faked for orders: places, by slot."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shop.logistics.v1 import slots_pb2

from services.kit.clock import Clock, SystemClock, rfc3339
from services.kit.errors import WrongState

from .faults import Faults


class WindowFull(WrongState):
    """As logistics says it."""


class OnTheWay(WrongState):
    """As logistics says it."""


@dataclass
class SlotsFake:
    """Slots `s1`, `s2` … from tomorrow on, each with so many `places`; `holders` are the orders that have one."""

    faults: Faults
    places: dict[str, int] = field(default_factory=dict)
    holders: dict[str, set[str]] = field(default_factory=dict)
    asked_for_places: int = 0
    riding: set[str] = field(default_factory=set)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)  # answers about these slots wait, their places taken
    clock: Clock = field(default_factory=SystemClock)

    def offer(self, clock: Clock, **places: int) -> None:
        """Delivery windows of the way `same-city`."""
        self.clock, self.places, self.holders = clock, places, {slot: set() for slot in places}
        self._begun = clock.now()

    def _slot(self, slot: str) -> slots_pb2.Slot:
        begins = self._begun + timedelta(days=int(slot[1:]))
        return slots_pb2.Slot(
            id=slot,
            window="am",
            title="上午",
            warehouse="hz-main",
            from_at=rfc3339(begins),
            until_at=rfc3339(begins + timedelta(hours=3)),
            cut_off_at=rfc3339(begins - timedelta(hours=2)),
            capacity=self.places[slot],
            taken=len(self.holders[slot]),
        )

    async def ListFreeSlots(
        self, request: slots_pb2.ListFreeSlotsRequest, context: Any
    ) -> slots_pb2.ListFreeSlotsResponse:
        self.asked_for_places += 1
        return slots_pb2.ListFreeSlotsResponse(slots=[self._slot(slot) for slot in self.places])

    async def TakeSlot(self, request: slots_pb2.TakeSlotRequest, context: Any) -> slots_pb2.TakeSlotResponse:
        self.asked_for_places += 1
        await self.faults.at("TakeSlot", "before")
        if request.was and request.order_id in self.riding:
            raise OnTheWay("a rider has it")
        there = self.holders[request.slot]
        if request.order_id not in there and len(there) >= self.places[request.slot]:
            free = [slot for slot, most in self.places.items() if len(self.holders[slot]) < most]
            raise WindowFull(next=" ".join(free))
        there.add(request.order_id)
        if gate := self.gates.get(request.slot):
            await gate.wait()
        await self.faults.at("TakeSlot", "after")
        return slots_pb2.TakeSlotResponse(slot=self._slot(request.slot))

    async def SettleSlot(self, request: slots_pb2.SettleSlotRequest, context: Any) -> slots_pb2.SettleSlotResponse:
        self.asked_for_places += 1
        await self.faults.at("SettleSlot", "before")
        for slot, there in self.holders.items():
            if slot != request.slot:
                there.discard(request.order_id)
        await self.faults.at("SettleSlot", "after")
        return slots_pb2.SettleSlotResponse()

    def of(self, order_id: str) -> list[str]:
        """The slots an order has places in."""
        return [slot for slot, there in self.holders.items() if order_id in there]
