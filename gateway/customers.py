"""This is where customers register, read and change what the shop knows of them, and keep their addresses."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import Request, Response
from pydantic import Field
from shop.crm.v1 import customers_pb2 as pb
from shop.crm.v1 import points_pb2

from gateway.answers import Json, address, answer, tagged
from gateway.carts import ADDRESS
from gateway.described import feature, shown
from gateway.fields import AddressBody, Body, Email, Name, Password, PathId
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("customers")
_SAVED = {"id": "adr_01kb2y5v7g8h9j0kmnpqrstvwx", "address": ADDRESS, "preferred": True}
CUSTOMER = {
    "id": "cus_01kb2y5v7g8h9j0kmnpqrstvwx",
    "email": "ann@example.com",
    "name": "Ann",
    "language": "zh-CN",
    "tier": "silver",
    "points": 120,
    "addresses": [_SAVED],
    "marketing_consent": False,
    "registered_at": "2026-11-22T08:00:00.000Z",
    "version": 2,
}
_POINTS = {
    "balance": 120,
    "lots": [{"points": 120, "expires_at": "2027-11-22T08:00:00.000Z"}],
    "entries": [
        {
            "points": 120,
            "reason": "delivered",
            "reference": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
            "at": "2026-11-22T08:00:00.000Z",
        }
    ],
}


class RegistrationBody(Body):
    """Who registers. The password has at least 10 characters and is none of the common ones."""

    email: Email
    password: Password
    name: Name


class CustomerPatch(Body):
    """A JSON Merge Patch."""

    name: Name = Field(default="")
    language: Literal["zh-CN", "en"] = "zh-CN"
    marketing_consent: bool = False


class SavedAddressBody(AddressBody):
    """An address for the book."""

    preferred: Annotated[bool, Field(description="Offer it first.")] = False


def saved(of: pb.SavedAddress) -> Json:
    """An address in the book."""
    return {"id": of.id, "address": address(of.address), "preferred": of.preferred}


def customer(of: pb.Customer) -> Json:
    """A customer, as they see themselves."""
    return {
        "id": of.id,
        "email": of.email,
        "name": of.name,
        "language": of.language,
        "tier": of.tier,
        "points": of.points,
        "addresses": [saved(row) for row in of.addresses],
        "marketing_consent": of.marketing_consent,
        "registered_at": of.registered_at,
        "version": of.version,
    }


def _customers(request: Request) -> Any:
    return request.app.state.gateway.neighbours.customers


@router.post(
    "/v1/customers",
    status_code=201,
    summary="Register",
    responses=shown(CUSTOMER, "EMAIL_TAKEN", "INVALID_EMAIL", "WEAK_PASSWORD", "INVALID_NAME", status=201, body=True),
)
async def register(request: Request, body: RegistrationBody) -> Response:
    """A new customer; then sign in."""
    asked = pb.RegisterRequest(email=body.email, password=body.password, name=body.name)
    answered = await ask(_customers(request).Register, asked, STAFF_S)
    return tagged(customer(answered.customer), answered.customer.version, 201, {"location": "/v1/customers/me"})


@router.get("/v1/customers/me", summary="Who I am", responses=shown(CUSTOMER, "NOT_SIGNED_IN"))
async def get_me(request: Request) -> Response:
    """Profile, tier, points and addresses."""
    answered = await ask_again(_customers(request).GetCustomer, pb.GetCustomerRequest(id=asking(request).id))
    return tagged(customer(answered.customer), answered.customer.version)


@router.patch(
    "/v1/customers/me",
    summary="Change my profile",
    responses=shown(CUSTOMER, "NOT_SIGNED_IN", "VERSION_MISMATCH", "INVALID_NAME", body=True),
)
async def update_me(request: Request, body: CustomerPatch) -> Response:
    """JSON Merge Patch; If-Match is honoured."""
    patch = orjson.dumps(body.model_dump(exclude_unset=True))
    asked = pb.UpdateCustomerRequest(id=asking(request).id, if_version=if_version(request), patch=patch)
    answered = await ask(_customers(request).UpdateCustomer, asked)
    return tagged(customer(answered.customer), answered.customer.version)


@router.get("/v1/customers/me/points", summary="My points", responses=shown(_POINTS, "NOT_SIGNED_IN"))
async def get_points(request: Request) -> Response:
    """The balance, what expires when, and how it came about."""
    asked = points_pb2.GetPointsRequest(customer_id=asking(request).id)
    answered = await ask_again(request.app.state.gateway.neighbours.points.GetPoints, asked)
    lots = [{"points": row.points, "expires_at": row.expires_at} for row in answered.lots]
    entries = [
        {"points": row.points, "reason": row.reason, "reference": row.reference, "at": row.at}
        for row in answered.entries
    ]
    return answer({"balance": answered.balance, "lots": lots, "entries": entries})


@router.get("/v1/customers/me/addresses", summary="My addresses", responses=shown({"items": [_SAVED]}, "NOT_SIGNED_IN"))
async def list_addresses(request: Request) -> Response:
    """The address book."""
    answered = await ask_again(_customers(request).GetCustomer, pb.GetCustomerRequest(id=asking(request).id))
    return answer({"items": [saved(row) for row in answered.customer.addresses]})


async def _put_address(request: Request, customer_id: str, address_id: str, body: SavedAddressBody) -> Json:
    asked = pb.PutAddressRequest(customer_id=customer_id, id=address_id, address=body.told(), preferred=body.preferred)
    answered = await ask(_customers(request).PutAddress, asked)
    return saved(answered.saved)


@router.post(
    "/v1/customers/me/addresses",
    status_code=201,
    summary="Add an address",
    responses=shown(_SAVED, "NOT_SIGNED_IN", "ADDRESS_BOOK_FULL", "INVALID_ADDRESS", status=201, body=True),
)
async def add_address(request: Request, body: SavedAddressBody) -> Response:
    """Into the book; twenty fit."""
    return answer(await _put_address(request, asking(request).id, "", body), 201)


@router.put(
    "/v1/customers/me/addresses/{address_id}",
    summary="Change an address",
    responses=shown(_SAVED, "NOT_SIGNED_IN", "ADDRESS_NOT_FOUND", "INVALID_ADDRESS", body=True),
)
async def put_address(request: Request, address_id: PathId, body: SavedAddressBody) -> Response:
    """Replaces it."""
    return answer(await _put_address(request, asking(request).id, address_id, body))


@router.delete(
    "/v1/customers/me/addresses/{address_id}",
    status_code=204,
    summary="Take an address out",
    responses=shown(None, "NOT_SIGNED_IN", status=204, text="Gone."),
)
async def delete_address(request: Request, address_id: PathId) -> Response:
    """Out of the book; again changes nothing."""
    await ask_again(
        _customers(request).DeleteAddress, pb.DeleteAddressRequest(customer_id=asking(request).id, id=address_id)
    )
    return Response(status_code=204)
