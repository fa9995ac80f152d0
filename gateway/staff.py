"""This is where the shop's own people sign in, and where their accounts are made."""

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import Field
from shop.catalog.v1.merchants_pb2 import GetMerchantRequest
from shop.crm.v1 import staff_pb2 as pb

from gateway.answers import Json, answer
from gateway.described import feature, shown
from gateway.fields import Body, Email, Id, Name, Password, Six
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.sessions import TOKENS, tokens

router = feature("staff")
Role = Literal["owner", "goods", "orders", "finance", "marketing", "support", "read-only", "merchant", "rider"]
_STAFF = {
    "id": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "email": "bo@example.com",
    "name": "Bo",
    "roles": ["goods"],
    "totp": False,
    "merchant_id": "self",
}


class StaffSignInBody(Body):
    """Who signs in; `totp` once a second factor is on."""

    email: Email
    password: Password
    totp: Six | None = None


class StaffBody(Body):
    """A sub-account and what it may do. A merchant's has the role `merchant` alone, and meets only what is theirs."""

    email: Email
    password: Password
    name: Name
    roles: Annotated[list[Role], Field(min_length=1, max_length=8)]
    merchant_id: Id = "self"


class CodeBody(Body):
    """Six digits of the authenticator."""

    code: Six


def member(of: pb.Staff) -> Json:
    """A member of staff."""
    return {
        "id": of.id,
        "email": of.email,
        "name": of.name,
        "roles": list(of.roles),
        "totp": of.totp,
        "merchant_id": of.merchant_id,
    }


@router.post(
    "/v1/staff/sessions",
    status_code=201,
    summary="Sign in to the back office",
    responses=shown(TOKENS, "WRONG_CREDENTIALS", "TOTP_REQUIRED", "TOO_MANY_TRIES", status=201, body=True),
)
async def sign_in_staff(request: Request, body: StaffSignInBody) -> Response:
    """Tokens for the back office."""
    asked = pb.SignInStaffRequest(email=body.email, password=body.password, totp=body.totp or "")
    answered = await ask(request.app.state.gateway.neighbours.staff.SignInStaff, asked, STAFF_S)
    return answer(tokens(answered.tokens), 201)


@router.post(
    "/v1/staff",
    status_code=201,
    summary="Make a sub-account",
    responses=shown(
        _STAFF,
        "EMAIL_TAKEN",
        "INVALID_EMAIL",
        "WEAK_PASSWORD",
        "UNKNOWN_ROLE",
        "INVALID_ACCOUNT",
        "MERCHANT_NOT_FOUND",
        status=201,
        body=True,
    ),
)
async def create_staff(request: Request, body: StaffBody) -> Response:
    """Only the owner may. A merchant's account is for a merchant that exists."""
    if body.merchant_id != "self":
        there = GetMerchantRequest(id=body.merchant_id)
        await ask_again(request.app.state.gateway.neighbours.merchants.GetMerchant, there)
    asked = pb.CreateStaffRequest(
        email=body.email,
        password=body.password,
        name=body.name,
        roles=body.roles,
        by=asking(request).id,
        merchant_id=body.merchant_id,
    )
    answered = await ask(request.app.state.gateway.neighbours.staff.CreateStaff, asked, STAFF_S)
    return answer(member(answered.staff), 201)


@router.get("/v1/staff", summary="Everybody on the staff", responses=shown({"items": [_STAFF]}))
async def list_staff(request: Request) -> Response:
    """By e-mail address."""
    answered = await ask_again(request.app.state.gateway.neighbours.staff.ListStaff, pb.ListStaffRequest())
    return answer({"items": [member(row) for row in answered.staff]})


@router.post(
    "/v1/staff/totp",
    status_code=201,
    summary="Begin a second factor",
    responses=shown({"uri": "otpauth://totp/shop:bo@example.com?secret=…"}, "TOTP_ENROLLED", status=201),
)
async def enroll_totp(request: Request) -> Response:
    """For oneself: the secret, shown once. It is on when it is confirmed."""
    answered = await ask(
        request.app.state.gateway.neighbours.staff.EnrollTotp, pb.EnrollTotpRequest(staff_id=asking(request).id)
    )
    return answer({"uri": answered.uri}, 201)


@router.post(
    "/v1/staff/totp/confirm",
    summary="Turn the second factor on",
    responses=shown({"totp": True}, "WRONG_CODE", body=True),
)
async def confirm_totp(request: Request, body: CodeBody) -> Response:
    """For oneself, with a first code."""
    asked = pb.ConfirmTotpRequest(staff_id=asking(request).id, code=body.code)
    await ask(request.app.state.gateway.neighbours.staff.ConfirmTotp, asked)
    return answer({"totp": True})
