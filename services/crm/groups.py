"""This is where staff keeps customers together in groups, and where it is said what offers a customer can be meant by.

A customer's groups are one small document of their own, apart from the customer's: staff moving people about does not
disturb what a customer is just editing. A group has no list of members; they are found by the index.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, NotFound, WrongState
from services.kit.store import Change, Store

from .messages import customer_changed
from .people import plain_text
from .tiers import Tiers
from .wallet import Wallet

MOST_AT_ONCE = 1_000
_MOST_GROUPS, _MOST_OF_ONE, _TITLE_LENGTH = 500, 50, 200
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_CUSTOMER = re.compile(r"cus_[0-9A-Za-z_-]{1,64}")


class InvalidGroup(Invalid):
    """No group can be like this, or too many customers at once."""


class GroupNotFound(NotFound):
    """There is no such group."""


class TooManyGroups(WrongState):
    """A shop has at most 500."""


@dataclass
class Group:
    """Customers kept together under a word."""

    id: str
    title: str
    made_at: datetime
    made_by: str
    version: int = 0


@dataclass
class Membership:
    """The groups a customer (`id`) is in, at most 50."""

    id: str
    groups: list[str] = field(default_factory=list)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Added:
    """What became of those who were to be put in."""

    added: int
    already: int
    unknown: list[str]
    full: list[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """What offers go by."""

    tier: str
    groups: list[str]


class Groups:
    """Makes groups, puts customers in and takes them out. `known` says which of some ids are customers."""

    def __init__(
        self,
        groups: Store[Group],
        memberships: Store[Membership],
        wallets: Store[Wallet],
        known: Callable[[Sequence[str]], Awaitable[set[str]]],
        tiers: Tiers,
        clock: Clock,
    ) -> None:
        self._groups, self._memberships, self._wallets = groups, memberships, wallets
        self._known, self._tiers, self._clock = known, tiers, clock

    async def put(self, group_id: str, title: str, by: str) -> Group:
        """Makes it or renames it. Refuses with INVALID_GROUP, TOO_MANY_GROUPS."""
        words = plain_text(title, _TITLE_LENGTH)
        errors = [] if _ID.fullmatch(group_id) else [FieldError("/id", "small letters, digits and -")]
        errors += [] if words else [FieldError("/title", f"1 to {_TITLE_LENGTH} characters that can be seen")]
        if errors or not words:
            raise InvalidGroup("this cannot be a group", errors=errors)
        if there := await self._groups.change({"_id": group_id}, {"$set": {"title": words}}):
            return there
        if len(await self._groups.find({}, limit=_MOST_GROUPS)) >= _MOST_GROUPS:
            raise TooManyGroups(f"there are {_MOST_GROUPS} groups already")
        try:
            return await self._groups.insert(Group(group_id, words, self._clock.now(), by))
        except AlreadyExists:
            return await self._there(group_id)

    async def every(self) -> list[Group]:
        """All, by id."""
        return await self._groups.find({}, limit=_MOST_GROUPS)

    async def add(self, group_id: str, customer_ids: Sequence[str]) -> Added:
        """Puts customers in, each once, each told. Refuses with GROUP_NOT_FOUND, INVALID_GROUP."""
        if len(customer_ids) > MOST_AT_ONCE:
            raise InvalidGroup(errors=[FieldError("/customer_ids", f"at most {MOST_AT_ONCE:,} at once")])
        await self._there(group_id)
        wanted = sorted(set(customer_ids))
        known = await self._known([each for each in wanted if _CUSTOMER.fullmatch(each)])
        before = await self._memberships.get_many(sorted(known)) if known else {}
        for customer_id in known - before.keys():
            before[customer_id] = await self._opened(customer_id)
        fresh = [each for each in before.values() if group_id not in each.groups]
        full = {each.id for each in fresh if len(each.groups) >= _MOST_OF_ONE}
        now = self._clock.now()
        changes = [
            Change(
                {"_id": each.id, "groups": {"$ne": group_id}, f"groups.{_MOST_OF_ONE - 1}": {"$exists": False}},
                {"$push": {"groups": group_id}},
                [customer_changed(each.id, "groups", now)],
            )
            for each in fresh
            if each.id not in full
        ]
        if changes:
            await self._memberships.change_many(changes)
        unknown = [each for each in wanted if each not in known]
        return Added(len(changes), len(known) - len(fresh), unknown, sorted(full))

    async def remove(self, group_id: str, customer_id: str) -> None:
        """Takes one out; again changes nothing. Refuses with GROUP_NOT_FOUND."""
        await self._there(group_id)
        told = customer_changed(customer_id, "groups", self._clock.now())
        await self._memberships.change({"_id": customer_id, "groups": group_id}, {"$pull": {"groups": group_id}}, told)

    async def members(self, group_id: str, limit: int, cursor: str) -> tuple[list[str], str]:
        """Who is in it, by id, and the cursor of the next page. Refuses with GROUP_NOT_FOUND, CURSOR_INVALID."""
        await self._there(group_id)
        rows, more = await self._memberships.page({"groups": group_id}, limit, cursor, newest_first=False)
        return [each.id for each in rows], more

    async def standing(self, customer_id: str) -> Standing:
        """A customer's tier and groups."""
        wallet = await self._wallets.get(customer_id)
        membership = await self._memberships.get(customer_id)
        given = wallet.given(self._clock.now()) if wallet else ""
        tier = self._tiers.of(wallet.spent if wallet else {}, given)
        return Standing(tier, sorted(membership.groups if membership else []))

    async def _opened(self, customer_id: str) -> Membership:
        try:
            return await self._memberships.insert(Membership(customer_id))
        except AlreadyExists:  # opened this very moment
            return await self._memberships.get(customer_id) or Membership(customer_id)

    async def _there(self, group_id: str) -> Group:
        group = await self._groups.get(group_id)
        if group is None:
            raise GroupNotFound("there is no such group")
        return group
