"""This is where the places of a delivery window are given out: so many a day and never more, one an order.

A slot is a document; a place is taken, and given back, by one conditional atomic write of it. Until orders has said what
became of an order its place is only held: the sweeper asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, VersionMismatch, WrongState
from services.kit.store import Store, encode
from services.logistics.regions import Region
from services.logistics.stopping import order_of

from .awaiting import Awaiting
from .windows import Opening, Windows, code_of

HELD_FOR = timedelta(minutes=20)  # longer than a checkout waits for its customer to confirm the payment
LOOKED_AT = timedelta(hours=6)  # and so often what a living order holds is asked about again
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_KEPT_FOR = timedelta(days=30)
_TRIES, _NEXT = 10, 3
_LAST = 1_000_000  # the revision that ends all


class WindowFull(WrongState):
    """It has no place left (metadata `next`: the next free slots)."""


class WindowClosed(WrongState):
    """Nobody comes then, or there, or not any more (metadata `next`: the next free slots)."""


@dataclass(frozen=True, slots=True)
class Place:
    """An order's place: taken with which change of its slot, and until when nobody need ask about it."""

    order_id: str
    revision: int
    until: datetime


@dataclass
class Slot:
    """A window on a day: `taken` places of orders. `look_at`: when the first of them is to be asked about."""

    id: str
    window: str
    warehouse: str
    from_at: datetime
    until_at: datetime
    cut_off_at: datetime
    gone_at: datetime
    taken: int = 0
    places: list[Place] = field(default_factory=list)
    look_at: datetime = NEVER
    version: int = 0

    def place(self, order_id: str) -> Place | None:
        """An order's place in it."""
        return next((place for place in self.places if place.order_id == order_id), None)


@dataclass(frozen=True, slots=True)
class Wish:
    """An order that wants a place: at checkout revision 0; later `revision` is how often its slot was changed, this time
    included, and `was` the one it has until then."""

    order_id: str
    slot: str
    option: str
    to: Region
    revision: int = 0
    was: str = ""


class Slots:
    """Gives places out."""

    def __init__(self, kept: Store[Slot], windows: Windows, awaiting: Awaiting, clock: Clock) -> None:
        self._kept, self._windows, self._awaiting, self._clock = kept, windows, awaiting, clock

    async def seen(self, openings: Sequence[Opening]) -> list[tuple[Opening, Slot | None]]:
        """These, and what is taken of each."""
        kept = await self._kept.get_many([each.id for each in openings]) if openings else {}
        return [(each, kept.get(each.id)) for each in openings]

    async def free(self, option: str, to: Region, *, full_too: bool = False) -> list[tuple[Opening, int]]:
        """Slots with room at a place and for how many more, the soonest first."""
        seen = await self.seen(await self._windows.openings(option, to))
        left = [(each, max(0, each.capacity - (slot.taken if slot else 0))) for each, slot in seen]
        return [(each, room) for each, room in left if room or full_too]

    async def take(self, wish: Wish) -> Slot:
        """The slot with a place for the order in it, once. Of an order that is sent already the parcels are awaited then.
        Refuses with `WindowFull`, `WindowClosed`, ON_THE_WAY."""
        if wish.was:
            await self._awaiting.none_on_the_way(wish.order_id)
        slot = await self._placed(wish)
        if wish.was:
            try:
                await self._awaiting.wish(wish.order_id, slot.from_at, slot.until_at, wish.revision)
            except WrongState:
                await self.leave(wish.slot, wish.order_id, wish.revision)
                await self._put_back(wish.order_id, wish.was, wish.revision)
                raise
        return slot

    async def _placed(self, wish: Wish) -> Slot:
        order_of(wish.order_id)
        opening = await self._windows.opening(wish.slot, wish.option, wish.to)
        place = Place(wish.order_id, wish.revision, self._clock.now() + HELD_FOR)
        for _ in range(_TRIES):
            if opening and (slot := await self._one_more(opening, place)):
                return slot
            slot = await self._kept.get(wish.slot) if code_of(wish.slot) else None
            if slot and slot.place(wish.order_id):
                if await self._raised(slot, wish):
                    return slot
            elif opening is None:
                raise WindowClosed("nobody comes then", slot=wish.slot[:64], next=await self._next(wish))
            elif slot and slot.taken >= opening.capacity:
                raise WindowFull("there is no place left then", slot=wish.slot, next=await self._next(wish))
            elif slot is None:
                try:
                    return await self._kept.insert(_first(opening, place))
                except AlreadyExists:
                    continue  # somebody was quicker: there may be room for two
        raise Conflict("this slot keeps changing")

    async def _one_more(self, opening: Opening, place: Place) -> Slot | None:
        """THE write that takes a place."""
        room = {"_id": opening.id, "taken": {"$lt": opening.capacity}, "places.order_id": {"$ne": place.order_id}}
        more = {"$inc": {"taken": 1}, "$push": {"places": encode(place)}, "$min": {"look_at": place.until}}
        return await self._kept.change(room, more)

    async def _raised(self, slot: Slot, wish: Wish) -> bool:
        """It has its place already, perhaps of an earlier change: then it is one of this change."""
        place = slot.place(wish.order_id)
        if place and place.revision >= wish.revision:
            return True
        mine = {
            "_id": slot.id,
            "places": {"$elemMatch": {"order_id": wish.order_id, "revision": {"$lt": wish.revision}}},
        }
        return await self._kept.change(mine, {"$set": {"places.$.revision": wish.revision}}) is not None

    async def _next(self, wish: Wish) -> str:
        """The next free slots, for who was too late."""
        return " ".join(each.id for each, _ in (await self.free(wish.option, wish.to))[:_NEXT])

    async def leave(self, key: str, order_id: str, revision: int = _LAST, seen: datetime | None = None) -> None:
        """Gives a place back that is not of a later change; again changes nothing. `seen`: only as it was seen then."""
        place: dict[str, object] = {"order_id": order_id, "revision": {"$lte": revision}}
        if seen:
            place["until"] = seen
        less = {"$inc": {"taken": -1}, "$pull": {"places": {"order_id": order_id}}}
        await self._kept.change({"_id": key, "places": {"$elemMatch": place}}, less)

    async def settle(self, order_id: str, key: str, revision: int) -> None:
        """This slot is the order's with this change (none: it needs no place any more): the others are free, and its
        parcels are awaited then. Again changes nothing."""
        upto = revision if key else _LAST
        for slot in await self._kept.find({"places.order_id": order_of(order_id)}, limit=100):
            if slot.id != key:
                await self.leave(slot.id, order_id, upto)
            elif revision:
                await self._awaiting.settle(order_id, slot.from_at, slot.until_at, revision)

    async def due(self, now: datetime) -> list[Slot]:
        """Some with places that are to be asked about."""
        return await self._kept.find({"look_at": {"$lte": now}}, sort=[("look_at", 1)], limit=50)

    async def not_theirs(self, slot: Slot, place: Place, theirs: str) -> None:
        """The order has another slot, or none: this place, as it was seen, is free."""
        await self.leave(slot.id, place.order_id, place.revision, place.until)
        if theirs and place.revision:
            await self._put_back(place.order_id, theirs, place.revision)

    async def looked(self, slot: Slot, now: datetime) -> None:
        """What is left of it is asked about later. Not if it changed meanwhile."""
        slot.places = [replace(place, until=now + LOOKED_AT) if place.until <= now else place for place in slot.places]
        slot.look_at = min((place.until for place in slot.places), default=NEVER)
        try:
            await self._kept.save(slot)
        except VersionMismatch:
            return  # the next round looks again

    async def get(self, key: str) -> Slot | None:
        """One."""
        return await self._kept.get(key)

    async def _put_back(self, order_id: str, key: str, revision: int) -> None:
        if slot := await self._kept.get(key):
            await self._awaiting.put_back(order_id, slot.from_at, slot.until_at, revision)


def _first(opening: Opening, place: Place) -> Slot:
    return Slot(
        opening.id,
        opening.window.id,
        opening.window.warehouse,
        opening.from_at.astimezone(UTC),
        opening.until_at.astimezone(UTC),
        opening.cut_off_at.astimezone(UTC),
        opening.until_at.astimezone(UTC) + _KEPT_FOR,
        1,
        [place],
        place.until,
    )
