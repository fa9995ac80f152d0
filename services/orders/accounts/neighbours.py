"""This is where accounts call crm."""

import grpc.aio
from shop.crm.v1 import groups_pb2, groups_pb2_grpc

from services.kit.rpc import call


class Groups:
    """Groups of customers."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._groups = groups_pb2_grpc.GroupsServiceStub(channel)

    async def join(self, group: str, customer_ids: list[str]) -> None:
        """They are in it, each once. Refuses with GROUP_NOT_FOUND."""
        await call(self._groups.AddMembers, groups_pb2.AddMembersRequest(group_id=group, customer_ids=customer_ids))
