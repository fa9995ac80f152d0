"""This is where customers sign in, stay signed in and sign out."""

import logging
from typing import Any

from fastapi import Request, Response
from shop.crm.v1 import sessions_pb2 as pb
from shop.orders.v1 import carts_pb2

from gateway.answers import Json, answer
from gateway.described import feature, shown
from gateway.fields import Body, Email, Id, Password, Six, Token
from gateway.neighbours import STAFF_S, ask, ask_again
from services.kit.errors import Refused
from services.kit.rpc import NeighbourFailed

log = logging.getLogger("gateway")
router = feature("sessions")
TOKENS = {
    "access_token": "eyJhbGciOiJFZERTQSJ9.…",
    "refresh_token": "rft_…",
    "expires_in": 600,
    "token_type": "Bearer",
    "id": "cus_01kb2y5v7g8h9j0kmnpqrstvwx",
}
_SIGNED_IN = {**TOKENS, "cart_id": "crt_01kb2y5v7g8h9j0kmnpqrstvwx"}


class SignInBody(Body):
    """Who signs in. `cart_id` is the guest's cart, to be added to the customer's own. `totp` is for second factors."""

    email: Email
    password: Password
    totp: Six | None = None
    cart_id: Id | None = None


class RefreshBody(Body):
    """The refresh token; it works once."""

    refresh_token: Token


def tokens(of: pb.Tokens) -> Json:
    """A pair of tokens."""
    return {
        "access_token": of.access_token,
        "refresh_token": of.refresh_token,
        "expires_in": of.expires_in,
        "token_type": "Bearer",
        "id": of.subject,
    }


@router.post(
    "/v1/sessions",
    status_code=201,
    summary="Sign in",
    responses=shown(_SIGNED_IN, "WRONG_CREDENTIALS", "TOO_MANY_TRIES", status=201, body=True),
)
async def sign_in(request: Request, body: SignInBody) -> Response:
    """Tokens for e-mail address and password. With `cart_id` the guest's cart is merged into the customer's."""
    neighbours = request.app.state.gateway.neighbours
    asked = pb.SignInRequest(email=body.email, password=body.password)
    answered = await ask(neighbours.sessions.SignIn, asked, STAFF_S)
    signed_in: Json = tokens(answered.tokens)
    if body.cart_id:
        signed_in["cart_id"] = await _merged(neighbours, body.cart_id, answered.tokens.subject)
    return answer(signed_in, 201)


async def _merged(neighbours: Any, guest_cart_id: str, customer_id: str) -> str | None:
    # Whoever gave the right password is signed in, whatever becomes of the cart.
    asked = carts_pb2.MergeCartsRequest(guest_cart_id=guest_cart_id, customer_id=customer_id)
    try:
        merged = await ask_again(neighbours.carts.MergeCarts, asked)
    except (Refused, NeighbourFailed) as trouble:
        log.warning("a guest's cart was not merged: %s", getattr(trouble, "reason", "failed"))
        return None
    cart_id: str = merged.cart.id
    return cart_id


@router.post(
    "/v1/sessions/refresh",
    status_code=201,
    summary="Stay signed in",
    responses=shown(TOKENS, "INVALID_REFRESH_TOKEN", status=201, body=True),
)
async def refresh_session(request: Request, body: RefreshBody) -> Response:
    """A new pair for a refresh token, of customers and staff alike. A token used twice ends all of its family."""
    asked = pb.RefreshRequest(refresh_token=body.refresh_token)
    answered = await ask(request.app.state.gateway.neighbours.sessions.Refresh, asked)
    return answer(tokens(answered.tokens), 201)


@router.delete(
    "/v1/sessions",
    status_code=204,
    summary="Sign out",
    responses=shown(None, status=204, text="Signed out.", body=True),
)
async def sign_out(request: Request, body: RefreshBody) -> Response:
    """Ends the family of a refresh token; an unknown one changes nothing."""
    asked = pb.SignOutRequest(refresh_token=body.refresh_token)
    await ask_again(request.app.state.gateway.neighbours.sessions.SignOut, asked)
    return Response(status_code=204)
