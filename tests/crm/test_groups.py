"""This is where staff keeps customers together, and where a change of tier or group is told once."""

import asyncio
from typing import Any

import pytest
from shop.crm.v1 import groups_pb2 as pb
from shop.crm.v1.events_pb2 import CustomerChanged
from shop.crm.v1.groups_pb2_grpc import GroupsServiceStub
from shop.type.v1.page_pb2 import Page

from services.kit.errors import Invalid, NotFound
from tests.crm.desk import Desk, paid, refunded


class Clubs:
    """Short ways to ask about groups."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.stub: Any = GroupsServiceStub(desk.crm.channel)

    async def put(self, group: str = "tea-club") -> None:
        await self.desk.ask(self.stub.PutGroup, pb.PutGroupRequest(id=group, title="Tea club", by="stf_1"))

    async def add(self, *customers: str, group: str = "tea-club") -> Any:
        return await self.desk.ask(self.stub.AddMembers, pb.AddMembersRequest(group_id=group, customer_ids=customers))

    async def standing(self, customer: str) -> tuple[str, list[str]]:
        said = await self.desk.ask(self.stub.GetStanding, pb.GetStandingRequest(customer_id=customer))
        return said.tier, list(said.groups)

    async def changes(self) -> list[tuple[str, str]]:
        await self.desk.house.settled()
        return [(event.customer_id, event.what) for event in self.desk.house.told(CustomerChanged)]


@pytest.fixture
def clubs(desk: Desk) -> Clubs:
    return Clubs(desk)


async def test_a_customer_put_in_twice_at_once_is_in_once_and_told_once(desk: Desk, clubs: Clubs) -> None:
    mei = await desk.register()
    await clubs.put()
    await asyncio.gather(*(clubs.add(mei.id) for _ in range(4)))
    assert await clubs.standing(mei.id) == ("basic", ["tea-club"])
    assert await clubs.changes() == [(mei.id, "groups")]
    again = await clubs.add(mei.id, "cus_nobody", "mei@example.com")
    assert (again.added, again.already, list(again.unknown)) == (0, 1, ["cus_nobody", "mei@example.com"])


async def test_who_leaves_is_out_and_the_customers_own_version_never_moved(desk: Desk, clubs: Clubs) -> None:
    mei = await desk.register()
    await clubs.put()
    await clubs.add(mei.id)
    request = pb.RemoveMemberRequest(group_id="tea-club", customer_id=mei.id)
    await desk.ask(clubs.stub.RemoveMember, request)
    await desk.ask(clubs.stub.RemoveMember, request)
    assert await clubs.standing(mei.id) == ("basic", [])
    assert await clubs.changes() == [(mei.id, "groups")] * 2
    assert (await desk.look(mei.id)).version == mei.version


async def test_members_are_paged_and_an_unknown_group_is_refused(desk: Desk, clubs: Clubs) -> None:
    people = sorted([(await desk.register(f"p{n}@example.com")).id for n in range(3)])
    await clubs.put()
    await clubs.add(*people)
    first = await desk.ask(clubs.stub.ListMembers, pb.ListMembersRequest(group_id="tea-club", page=Page(limit=2)))
    rest = pb.ListMembersRequest(group_id="tea-club", page=Page(limit=2, cursor=first.next_cursor))
    assert [*first.customer_ids, *(await desk.ask(clubs.stub.ListMembers, rest)).customer_ids] == people
    assert isinstance(
        await desk.refusal(clubs.stub.AddMembers, pb.AddMembersRequest(group_id="none", customer_ids=people)), NotFound
    )
    too_many = pb.AddMembersRequest(group_id="tea-club", customer_ids=[f"cus_{n}" for n in range(1_001)])
    assert isinstance(await desk.refusal(clubs.stub.AddMembers, too_many), Invalid)
    assert isinstance(await desk.refusal(clubs.stub.PutGroup, pb.PutGroupRequest(id="A b", by="stf_1")), Invalid)


async def test_nobody_is_in_more_than_fifty_groups(desk: Desk, clubs: Clubs) -> None:
    mei = await desk.register()
    memberships = desk.crm.ground.database["memberships"]
    await memberships.insert_one({"_id": mei.id, "groups": [f"g{n}" for n in range(50)], "version": 1})
    await clubs.put()
    assert list((await clubs.add(mei.id)).full) == [mei.id]
    assert "tea-club" not in (await clubs.standing(mei.id))[1]


async def test_a_tier_reached_and_lost_again_is_told_once_each(desk: Desk, clubs: Clubs) -> None:
    mei = await desk.register()
    for _ in range(2):
        await desk.house.tell(paid(mei.id, "ord_1", 100_000))
        await desk.house.settled()
    assert await clubs.standing(mei.id) == ("silver", [])
    assert await clubs.changes() == [(mei.id, "tier")]
    await desk.house.tell(refunded(mei.id, "ord_1", "adj_1", 1, desk.house.clock.now()))
    await desk.house.settled()
    assert await clubs.standing(mei.id) == ("basic", [])
    assert await clubs.changes() == [(mei.id, "tier")] * 2
