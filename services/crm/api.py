"""This is where calls and events come in; each goes straight to the feature that does it."""

from typing import Any

from shop.crm.v1 import (
    customers_pb2,
    customers_pb2_grpc,
    groups_pb2,
    groups_pb2_grpc,
    points_pb2,
    points_pb2_grpc,
    sessions_pb2,
    sessions_pb2_grpc,
    staff_pb2,
    staff_pb2_grpc,
)

from .addresses import AddressBook
from .customers import Customers
from .groups import Groups
from .messages import from_address, to_customer, to_group, to_points, to_saved_address, to_staff, to_tokens
from .people import checked_id
from .points import Points
from .sessions import SHOP, Sessions
from .sign_in import SignIn
from .staff import Staff


class CustomersApi(customers_pb2_grpc.CustomersServiceServicer):
    """Customers and their address books."""

    def __init__(self, customers: Customers, book: AddressBook) -> None:
        self._customers, self._book = customers, book

    async def Register(self, request: customers_pb2.RegisterRequest, context: Any) -> customers_pb2.RegisterResponse:
        """Registers."""
        profile = await self._customers.register(request.email, request.password, request.name)
        return customers_pb2.RegisterResponse(customer=to_customer(profile))

    async def GetCustomer(
        self, request: customers_pb2.GetCustomerRequest, context: Any
    ) -> customers_pb2.GetCustomerResponse:
        """One customer."""
        profile = await self._customers.look(checked_id(request.id, "cus", "/id"))
        return customers_pb2.GetCustomerResponse(customer=to_customer(profile))

    async def UpdateCustomer(
        self, request: customers_pb2.UpdateCustomerRequest, context: Any
    ) -> customers_pb2.UpdateCustomerResponse:
        """Changes the fields given."""
        customer_id = checked_id(request.id, "cus", "/id")
        profile = await self._customers.change(customer_id, request.if_version, request.patch)
        return customers_pb2.UpdateCustomerResponse(customer=to_customer(profile))

    async def RecogniseCustomer(
        self, request: customers_pb2.RecogniseCustomerRequest, context: Any
    ) -> customers_pb2.RecogniseCustomerResponse:
        """Whose address or number it is."""
        known = await self._customers.recognised(request.email, request.phone)
        return customers_pb2.RecogniseCustomerResponse(customer_id=known)

    async def PutAddress(
        self, request: customers_pb2.PutAddressRequest, context: Any
    ) -> customers_pb2.PutAddressResponse:
        """Keeps an address."""
        customer_id = checked_id(request.customer_id, "cus", "/customer_id")
        address = from_address(request.address)
        saved = await self._book.put(customer_id, request.id, address, preferred=request.preferred)
        return customers_pb2.PutAddressResponse(saved=to_saved_address(saved))

    async def DeleteAddress(
        self, request: customers_pb2.DeleteAddressRequest, context: Any
    ) -> customers_pb2.DeleteAddressResponse:
        """Takes an address out."""
        await self._book.delete(checked_id(request.customer_id, "cus", "/customer_id"), request.id)
        return customers_pb2.DeleteAddressResponse()


class SessionsApi(sessions_pb2_grpc.SessionsServiceServicer):
    """Signing in and staying signed in."""

    def __init__(self, sign_in: SignIn, customers: Customers, sessions: Sessions, jwks: bytes) -> None:
        self._sign_in, self._customers, self._sessions, self._jwks = sign_in, customers, sessions, jwks

    async def SignIn(self, request: sessions_pb2.SignInRequest, context: Any) -> sessions_pb2.SignInResponse:
        """Signs a customer in."""
        customer = await self._sign_in.prove(SHOP, request.email, request.password, self._customers.by_email)
        tokens = await self._sessions.begin(customer.id, SHOP)
        return sessions_pb2.SignInResponse(tokens=to_tokens(tokens))

    async def Refresh(self, request: sessions_pb2.RefreshRequest, context: Any) -> sessions_pb2.RefreshResponse:
        """Rotates."""
        return sessions_pb2.RefreshResponse(tokens=to_tokens(await self._sessions.refresh(request.refresh_token)))

    async def SignOut(self, request: sessions_pb2.SignOutRequest, context: Any) -> sessions_pb2.SignOutResponse:
        """Signs out."""
        await self._sessions.end(request.refresh_token)
        return sessions_pb2.SignOutResponse()

    async def GetKeys(self, request: sessions_pb2.GetKeysRequest, context: Any) -> sessions_pb2.GetKeysResponse:
        """The public keys."""
        return sessions_pb2.GetKeysResponse(jwks=self._jwks)


class PointsApi(points_pb2_grpc.PointsServiceServicer):
    """Points."""

    def __init__(self, points: Points) -> None:
        self._points = points

    async def GetPoints(self, request: points_pb2.GetPointsRequest, context: Any) -> points_pb2.GetPointsResponse:
        """Balance, lots, entries."""
        wallet = await self._points.look(checked_id(request.customer_id, "cus", "/customer_id"))
        return to_points(wallet.balance, wallet.lots, wallet.entries)

    async def SpendPoints(self, request: points_pb2.SpendPointsRequest, context: Any) -> points_pb2.SpendPointsResponse:
        """Spends on an order."""
        customer_id = checked_id(request.customer_id, "cus", "/customer_id")
        order_id = checked_id(request.order_id, "ord", "/order_id")
        left = await self._points.spend(customer_id, order_id, request.points)
        return points_pb2.SpendPointsResponse(balance=left)

    async def ReturnPoints(
        self, request: points_pb2.ReturnPointsRequest, context: Any
    ) -> points_pb2.ReturnPointsResponse:
        """Gives back."""
        customer_id = checked_id(request.customer_id, "cus", "/customer_id")
        order_id = checked_id(request.order_id, "ord", "/order_id")
        return points_pb2.ReturnPointsResponse(balance=await self._points.give_back(customer_id, order_id))


class StaffApi(staff_pb2_grpc.StaffServiceServicer):
    """The staff."""

    def __init__(self, staff: Staff) -> None:
        self._staff = staff

    async def SignInStaff(self, request: staff_pb2.SignInStaffRequest, context: Any) -> staff_pb2.SignInStaffResponse:
        """Signs a member of staff in."""
        tokens = await self._staff.sign_in(request.email, request.password, request.totp)
        return staff_pb2.SignInStaffResponse(tokens=to_tokens(tokens))

    async def CreateStaff(self, request: staff_pb2.CreateStaffRequest, context: Any) -> staff_pb2.CreateStaffResponse:
        """Makes a sub-account."""
        by = checked_id(request.by, "stf", "/by")
        card = await self._staff.create(
            request.email, request.password, request.name, list(request.roles), by, request.merchant_id
        )
        return staff_pb2.CreateStaffResponse(staff=to_staff(card))

    async def ListStaff(self, request: staff_pb2.ListStaffRequest, context: Any) -> staff_pb2.ListStaffResponse:
        """Everybody."""
        return staff_pb2.ListStaffResponse(staff=[to_staff(card) for card in await self._staff.everybody()])

    async def EnrollTotp(self, request: staff_pb2.EnrollTotpRequest, context: Any) -> staff_pb2.EnrollTotpResponse:
        """Begins a second factor."""
        uri = await self._staff.enroll_totp(checked_id(request.staff_id, "stf", "/staff_id"))
        return staff_pb2.EnrollTotpResponse(uri=uri)

    async def ConfirmTotp(self, request: staff_pb2.ConfirmTotpRequest, context: Any) -> staff_pb2.ConfirmTotpResponse:
        """Turns it on."""
        await self._staff.confirm_totp(checked_id(request.staff_id, "stf", "/staff_id"), request.code)
        return staff_pb2.ConfirmTotpResponse()


class GroupsApi(groups_pb2_grpc.GroupsServiceServicer):
    """Customers kept together."""

    def __init__(self, groups: Groups) -> None:
        self._groups = groups

    async def PutGroup(self, request: groups_pb2.PutGroupRequest, context: Any) -> groups_pb2.PutGroupResponse:
        """Makes or renames one."""
        by = checked_id(request.by, "stf", "/by")
        return groups_pb2.PutGroupResponse(group=to_group(await self._groups.put(request.id, request.title, by)))

    async def ListGroups(self, request: groups_pb2.ListGroupsRequest, context: Any) -> groups_pb2.ListGroupsResponse:
        """All."""
        return groups_pb2.ListGroupsResponse(groups=map(to_group, await self._groups.every()))

    async def AddMembers(self, request: groups_pb2.AddMembersRequest, context: Any) -> groups_pb2.AddMembersResponse:
        """Puts customers in."""
        made = await self._groups.add(request.group_id, request.customer_ids)
        return groups_pb2.AddMembersResponse(
            added=made.added, already=made.already, unknown=made.unknown, full=made.full
        )

    async def RemoveMember(
        self, request: groups_pb2.RemoveMemberRequest, context: Any
    ) -> groups_pb2.RemoveMemberResponse:
        """Takes one out."""
        await self._groups.remove(request.group_id, checked_id(request.customer_id, "cus", "/customer_id"))
        return groups_pb2.RemoveMemberResponse()

    async def ListMembers(self, request: groups_pb2.ListMembersRequest, context: Any) -> groups_pb2.ListMembersResponse:
        """A page."""
        found, cursor = await self._groups.members(request.group_id, request.page.limit, request.page.cursor)
        return groups_pb2.ListMembersResponse(customer_ids=found, next_cursor=cursor)

    async def GetStanding(self, request: groups_pb2.GetStandingRequest, context: Any) -> groups_pb2.GetStandingResponse:
        """What offers go by."""
        standing = await self._groups.standing(checked_id(request.customer_id, "cus", "/customer_id"))
        return groups_pb2.GetStandingResponse(tier=standing.tier, groups=standing.groups)
