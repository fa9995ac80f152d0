"""This is where goods go from one warehouse to another: planned, dispatched, received; what did not arrive is booked.

Between dispatch and receipt the units are `in_transit` of their SKU: what lies in all warehouses, what is under way and
what was booked as lost always add up. A step and its bookings are one transaction: once, and all lines or none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.catalog.fields import MAX_UNITS, Faults
from services.catalog.moves import Grade, Move, moving, shortage
from services.catalog.skus import Sku, SkuNotFound
from services.catalog.stock import COUNTED
from services.catalog.store import NotAsSeen, Table, Write, together
from services.catalog.taking import WarehouseShort
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.kit.store import Document, decode_cursor, encode_cursor, found

_MOST_LINES = 200
_TRIES = 5


class TransferState(StrEnum):
    """The life of a transfer."""

    PLANNED = "planned"
    DISPATCHED = "dispatched"
    RECEIVED = "received"
    CANCELLED = "cancelled"


@dataclass
class TransferLine:
    """Units of a SKU. Once received: quantity = received + damaged + lost."""

    sku: str
    quantity: int
    received: int = 0
    damaged: int = 0
    lost: int = 0
    reason: str = ""  # why not all came well


@dataclass
class Transfer:
    """Goods from one warehouse to another."""

    id: str
    request_id: str
    origin: str
    target: str
    lines: list[TransferLine]
    by: str
    created_at: datetime
    state: TransferState = TransferState.PLANNED
    dispatched_at: datetime | None = None
    received_at: datetime | None = None
    cancelled_at: datetime | None = None
    seen_by: list[str] = field(default_factory=list)  # who moved it along
    version: int = 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came of a line."""

    sku: str
    received: int
    damaged: int = 0
    reason: str = ""


class TransferNotFound(NotFound):
    """There is no such transfer."""


class InvalidTransfer(Invalid):
    """No transfer can be so, or nothing can arrive so; `errors` say why."""


class TransferClosed(WrongState):
    """It is too far along for that, or not far enough. meta: state."""


class Transfers:
    """Moves goods between warehouses."""

    def __init__(self, transfers: Table[Transfer], skus: Table[Sku], clock: Clock) -> None:
        self._transfers, self._skus, self._clock = transfers, skus, clock

    async def plan(
        self, origin: str, target: str, wanted: Sequence[tuple[str, int]], *, request_id: str, by: str
    ) -> Transfer:
        """A transfer, once a request id; nothing moves yet. Refuses with INVALID_TRANSFER, SKU_NOT_FOUND."""
        origin, target = _checked(origin, target, wanted, request_id, by)
        known = await self._skus.by_keys([sku for sku, _ in wanted], {"_id": 1})
        if missing := [sku for sku, _ in wanted if sku not in known]:
            raise SkuNotFound(f"there is no SKU {missing[0]}", sku=missing[0])
        lines = [TransferLine(sku, quantity) for sku, quantity in wanted]
        key = new_id("trf")
        transfer = Transfer(key, request_id or key, origin, target, lines, by, self._clock.now())
        try:
            return await self._transfers.insert(transfer)
        except AlreadyExists:
            return found(await self._transfers.one({"request_id": request_id}), TransferNotFound())

    async def get(self, transfer_id: str) -> Transfer:
        """Refuses with TRANSFER_NOT_FOUND."""
        return found(await self._transfers.get(transfer_id), TransferNotFound("there is no such transfer"))

    async def page(self, state: str, limit: int, cursor: str) -> tuple[list[Transfer], str]:
        """Newest first, in one state or all, and where the next page starts."""
        size = min(limit or 20, 100)
        where: dict[str, object] = {"_id": {"$lt": decode_cursor(cursor, 1)[0]}} if cursor else {}
        if state:
            where["state"] = state
        items = await self._transfers.find(where, [("_id", -1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""

    async def dispatch(self, transfer_id: str, by: str) -> Transfer:
        """Takes the goods off their shelves; again it changes nothing.

        Refuses with TRANSFER_NOT_FOUND, TRANSFER_CLOSED, WAREHOUSE_SHORT (meta: sku, warehouse).
        """
        for _ in range(_TRIES):
            transfer = await self.get(transfer_id)
            if transfer.state is TransferState.DISPATCHED:
                return transfer
            _demand(transfer, TransferState.PLANNED)
            seen, now = await self._seen(transfer), self._clock.now()
            moves = {line.sku: [Move(transfer.origin, -line.quantity, "transfer_out")] for line in transfer.lines}
            for sku, of_sku in moves.items():
                if short := shortage(seen[sku], of_sku):
                    message = f"{transfer.origin} can spare {short[1]} of {sku}"
                    raise WarehouseShort(message, sku=sku, warehouse=transfer.origin)
            taken = [
                self._moving(transfer, seen[line.sku], moves[line.sku], line.quantity, "out", by)
                for line in transfer.lines
            ]
            step = {"state": TransferState.DISPATCHED.value, "dispatched_at": now}
            if await self._together(transfer, step, taken, by):
                return await self.get(transfer_id)
        raise Conflict("these SKUs are being moved by others")

    async def receive(self, transfer_id: str, arrivals: Sequence[Arrival], by: str) -> Transfer:
        """Puts what came onto the target's shelves, damaged goods as grade C; lines nobody names came whole. What did not
        come is booked as lost. Again it changes nothing.

        Refuses with TRANSFER_NOT_FOUND, TRANSFER_CLOSED, INVALID_TRANSFER.
        """
        for _ in range(_TRIES):
            transfer = await self.get(transfer_id)
            if transfer.state is TransferState.RECEIVED:
                return transfer
            _demand(transfer, TransferState.DISPATCHED)
            _arrive(transfer, arrivals)
            seen = await self._seen(transfer)
            put = [
                self._moving(transfer, seen[line.sku], _arriving(transfer, line), -line.quantity, "in", by)
                for line in transfer.lines
            ]
            step = {
                "state": TransferState.RECEIVED.value,
                "received_at": self._clock.now(),
                "lines": [_kept(line) for line in transfer.lines],
            }
            if await self._together(transfer, step, put, by):
                return await self.get(transfer_id)
        raise Conflict("these SKUs are being moved by others")

    async def cancel(self, transfer_id: str, by: str) -> Transfer:
        """Calls off what has not left; again it changes nothing. Refuses with TRANSFER_NOT_FOUND, TRANSFER_CLOSED."""
        transfer = await self.get(transfer_id)
        if transfer.state is TransferState.CANCELLED:
            return transfer
        _demand(transfer, TransferState.PLANNED)
        ended = {"state": TransferState.CANCELLED.value, "cancelled_at": self._clock.now()}
        where = {"_id": transfer_id, "state": TransferState.PLANNED.value}
        cancelled = await self._transfers.change(where, {"$set": ended, "$push": {"seen_by": by}})
        return cancelled or await self.cancel(transfer_id, by)

    async def _seen(self, transfer: Transfer) -> Mapping[str, Document]:
        return await self._skus.by_keys([line.sku for line in transfer.lines], COUNTED)

    def _moving(
        self, transfer: Transfer, seen: Document, moves: Sequence[Move], transit: int, way: str, by: str
    ) -> Write:
        ref, now = f"transfer_{way}:{transfer.id}", self._clock.now()
        change = moving(seen, moves, ref=ref, reference=transfer.id, by=by, at=now, transit=transit)
        return self._skus.changing(change.where, change.update, *change.events)

    async def _together(self, transfer: Transfer, step: Mapping[str, object], moved: Sequence[Write], by: str) -> bool:
        where = {"_id": transfer.id, "version": transfer.version}
        try:
            mark = self._transfers.changing(where, {"$set": dict(step), "$push": {"seen_by": by}})
            await together((self._transfers, [mark]), (self._skus, moved))
        except NotAsSeen:
            return False
        return True


def _demand(transfer: Transfer, state: TransferState) -> None:
    if transfer.state is not state:
        raise TransferClosed(f"it is {transfer.state.value}, not {state.value}", state=transfer.state.value)


def _arriving(transfer: Transfer, line: TransferLine) -> list[Move]:
    """All of it comes in; then what is damaged changes its grade, and what is missing is lost."""
    target, moves = transfer.target, [Move(transfer.target, line.quantity, "transfer_in")]
    if line.damaged:
        moves.append(Move(target, -line.damaged, "damage", note=line.reason))
        moves.append(Move(target, line.damaged, "damage", Grade.C, line.reason))
    if line.lost:
        moves.append(Move(target, -line.lost, "loss", note=line.reason))
    return moves


def _arrive(transfer: Transfer, arrivals: Sequence[Arrival]) -> None:
    named, faults = {arrival.sku: arrival for arrival in arrivals}, Faults()
    if len(named) < len(arrivals):
        faults.add("/lines", "must name each SKU once")
    if unknown := set(named) - {line.sku for line in transfer.lines}:
        faults.add("/lines", f"{min(unknown)} is not under way")
    for i, arrival in enumerate(arrivals):
        faults.number(f"/lines/{i}/received", arrival.received, 0, MAX_UNITS)
        faults.number(f"/lines/{i}/damaged", arrival.damaged, 0, MAX_UNITS)
        faults.text(f"/lines/{i}/reason", arrival.reason, 200)
    for line in transfer.lines:
        arrival = named.get(line.sku, Arrival(line.sku, line.quantity))
        line.received, line.damaged, line.reason = arrival.received, arrival.damaged, arrival.reason
        line.lost = line.quantity - line.received - line.damaged
        if line.lost < 0:
            faults.add("/lines", f"only {line.quantity} of {line.sku} are under way")
        elif (line.lost or line.damaged) and not line.reason:
            faults.add("/lines", f"say the reason why not all of {line.sku} came well")
    faults.refuse(InvalidTransfer)


def _kept(line: TransferLine) -> dict[str, object]:
    return {name: getattr(line, name) for name in TransferLine.__dataclass_fields__}


def _checked(origin: str, target: str, wanted: Sequence[tuple[str, int]], request_id: str, by: str) -> tuple[str, str]:
    faults = Faults()
    origin, target = faults.warehouse("/from", origin), faults.warehouse("/to", target)
    if origin == target:
        faults.add("/to", "must be another warehouse")
    if not 1 <= len(wanted) <= _MOST_LINES:
        raise InvalidTransfer("no lines, or too many", errors=[FieldError("/lines", f"must be 1 to {_MOST_LINES}")])
    for i, (sku, quantity) in enumerate(wanted):
        faults.sku(f"/lines/{i}/sku", sku)
        faults.number(f"/lines/{i}/quantity", quantity, 1, MAX_UNITS)
    if len({sku for sku, _ in wanted}) < len(wanted):
        faults.add("/lines", "must name each SKU once")
    faults.text("/request_id", request_id, 255)
    faults.text("/by", by, 128)
    faults.refuse(InvalidTransfer)
    return origin, target
