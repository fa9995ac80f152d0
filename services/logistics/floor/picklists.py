"""This is where goods are picked: a list of SKUs by zone and bin, claimed by one picker, worked off line by line (O04).

A list is one document: who has claimed it and what is picked are decided by one conditional write each.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from google.protobuf.message import Message

from services.kit.clock import Clock
from services.kit.errors import Conflict, FieldError, Invalid, NotFound, VersionMismatch, WrongState
from services.kit.store import Store
from services.logistics.messages.told import pick_list_done
from services.logistics.shipments import Shipment
from services.logistics.words import is_id, tidied

from .bins import Bin
from .troubles import SHORT_PICK, Troubles

OPEN, CLAIMED, DONE = "open", "claimed", "done"
_TRIES = 5


@dataclass
class Share:
    """So many of it go into a parcel."""

    shipment_id: str
    quantity: int


@dataclass
class PickLine:
    """So many of a SKU for all parcels of the list; `picked` and `short` together are all of it once it is done."""

    sku: str
    title: str
    quantity: int
    zone: str = ""
    bin: str = ""
    picked: int = 0
    short: int = 0
    reason: str = ""
    parcels: list[Share] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether nothing of it is left to be looked for."""
        return self.picked + self.short == self.quantity

    def without(self) -> list[str]:
        """The parcels that what is short is missing in: the least urgent, as few as can be."""
        missing, without = self.short, list[str]()
        for share in reversed(self.parcels):
            if missing <= 0:
                break
            without.append(share.shipment_id)
            missing -= share.quantity
        return without


@dataclass
class PickList:
    """What one picker goes for at once."""

    id: str
    wave: str
    warehouse: str
    created_at: datetime
    shipments: list[str]
    lines: list[PickLine]
    state: str = OPEN
    claimed_by: str = ""
    claimed_at: datetime | None = None
    done_at: datetime | None = None
    version: int = 0


class PickListNotFound(NotFound):
    """There is no such list."""


class PickListTaken(WrongState):
    """Somebody else has claimed it."""


class PickListDone(WrongState):
    """It is worked off."""


class InvalidPick(Invalid):
    """Not a pick of this list."""


def lines_of(shipments: Iterable[Shipment], bins: Mapping[str, Bin]) -> list[PickLine]:
    """SKU totals of parcels, the urgent parcels' shares first, in the order one walks: by zone, bin, SKU."""
    lines: dict[str, PickLine] = {}
    for shipment in shipments:
        for goods in shipment.lines:
            line = lines.setdefault(goods.sku, PickLine(goods.sku, goods.title, 0))
            line.quantity += goods.quantity
            line.parcels.append(Share(shipment.id, goods.quantity))
    for sku, line in lines.items():
        if place := bins.get(sku):
            line.zone, line.bin = place.zone, place.bin
    # What nobody has said the place of is looked for last.
    return sorted(lines.values(), key=lambda line: (not line.zone, line.zone, line.bin, line.sku))


class PickLists:
    """The lists."""

    def __init__(self, kept: Store[PickList], troubles: Troubles, clock: Clock) -> None:
        self._kept, self._troubles, self._clock = kept, troubles, clock

    async def get(self, key: str) -> PickList:
        """One. Refuses with `PickListNotFound`."""
        found = await self._kept.get(key) if is_id(key) else None
        if found is None:
            raise PickListNotFound("there is no such pick list")
        return found

    async def page(self, state: str, warehouse: str, limit: int, cursor: str) -> tuple[list[PickList], str]:
        """A page, what waits longest first."""
        where = {"state": state or {"$in": [OPEN, CLAIMED, DONE]}}
        if warehouse:
            where["warehouse"] = warehouse
        return await self._kept.page(where, limit, cursor, newest_first=False)

    async def claim(self, key: str, by: str) -> PickList:
        """It is this picker's; again changes nothing. Refuses with `PickListNotFound`, `PickListTaken`, `PickListDone`."""
        mine = {"state": CLAIMED, "claimed_by": by, "claimed_at": self._clock.now()}
        if claimed := await self._kept.change({"_id": key, "state": OPEN}, {"$set": mine}):
            return claimed
        return self._theirs(await self.get(key), by)

    async def release(self, key: str, by: str) -> PickList:
        """It is anybody's again; what is picked stays picked. Refuses as `claim` does."""
        free = {"state": OPEN, "claimed_by": "", "claimed_at": None}
        if freed := await self._kept.change({"_id": key, "state": CLAIMED, "claimed_by": by}, {"$set": free}):
            return freed
        there = await self.get(key)
        return there if there.state == OPEN else self._theirs(there, by)

    def _theirs(self, there: PickList, by: str) -> PickList:
        if there.state == DONE:
            raise PickListDone("this list is worked off")
        if there.claimed_by != by:
            raise PickListTaken("somebody else works on this list" if there.claimed_by else "claim it first")
        return there

    async def pick(self, key: str, by: str, sku: str, picked: int, short: int, reason: str) -> PickList:
        """So many of a SKU are picked, so many are not there; in all, not in addition. The parcels that miss something are
        set aside. The last line ends the list. Refuses with `InvalidPick`, `PickListTaken`, `PickListDone`."""
        for _ in range(_TRIES):
            there = self._theirs(await self.get(key), by)
            line = _picked(there, sku, picked, short, tidied(reason, 200))
            # Set aside first: a crash after it finds the line undone, and it is picked again.
            for shipment in line.without():
                text = f"{sku}: {short} of {line.quantity} not there ({line.reason})"
                await self._troubles.set_aside(shipment, SHORT_PICK, text)
            try:
                return await self._kept.save(there, *self._ended(there))
            except VersionMismatch:
                continue
        raise Conflict("this list keeps changing")

    def _ended(self, there: PickList) -> Sequence[Message]:
        if not all(line.done for line in there.lines):
            return ()
        there.state, there.done_at = DONE, self._clock.now()
        return (pick_list_done(there, there.done_at),)


def _picked(there: PickList, sku: str, picked: int, short: int, reason: str) -> PickLine:
    line = next((line for line in there.lines if line.sku == sku), None)
    if line is None:
        raise InvalidPick("this SKU is not on the list", errors=[FieldError("/sku", "not on the list")])
    if picked < 0 or short < 0 or picked + short > line.quantity:
        raise InvalidPick(f"{line.quantity} are wanted", errors=[FieldError("/picked", f"0 to {line.quantity} in all")])
    if short and not reason:
        raise InvalidPick("say why it is short", errors=[FieldError("/reason", "needed when something is short")])
    if line.short and (picked, short) != (line.picked, line.short):
        raise InvalidPick("what is short was said already", errors=[FieldError("/short", f"it is {line.short}")])
    line.picked, line.short, line.reason = picked, short, reason
    return line
