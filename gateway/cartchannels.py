"""This is where a cart says in which channel it is filled: promotions may run in some only."""

from typing import Literal

from fastapi import Request, Response
from shop.orders.v1 import carts_pb2 as pb

from gateway.carts import CART, CHANGES, key_of_cart, shown_cart
from gateway.described import feature, shown
from gateway.fields import Body, PathId
from gateway.neighbours import ask_again

router = feature("carts")


class ChannelBody(Body):
    """Where people shop."""

    channel: Literal["storefront", "app", "mini_program", "live", "store", "phone"]


@router.put(
    "/v1/carts/{cart_id}/channel",
    summary="Say where a cart is filled",
    responses=shown(CART, *CHANGES, "INVALID_CHANNEL", body=True),
)
async def set_channel(request: Request, cart_id: PathId, body: ChannelBody) -> Response:
    """`storefront` until said otherwise. The same promotion may run in several channels; one may run in some only."""
    asked = pb.SetChannelRequest(key=key_of_cart(request, cart_id), channel=body.channel)
    carts = request.app.state.gateway.neighbours.carts
    return shown_cart(await ask_again(carts.SetChannel, asked))
