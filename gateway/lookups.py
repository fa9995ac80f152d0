"""This is where a guest finds an order again by its number and what only its buyer knows."""

from typing import Annotated, Self

from fastapi import Request, Response
from pydantic import StringConstraints, model_validator
from shop.orders.v1 import lookups_pb2 as pb

from gateway.answers import tagged
from gateway.described import feature, shown
from gateway.fields import Body
from gateway.neighbours import ask
from gateway.orders import ORDER, order

router = feature("orders")


class LookupBody(Body):
    """The number, ours or the channel's, and the e-mail address or the phone number it was ordered with."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
    email: Annotated[str, StringConstraints(max_length=254, pattern=r"^([^\s@]+@[^\s@]+)?$")] = ""
    phone: Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9+ ().-]*$")] = ""

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        """One of both is needed."""
        if not (self.email or self.phone):
            raise ValueError("an e-mail address or a phone number is needed")
        return self


@router.post(
    "/v1/orders/lookup",
    summary="Find an order again",
    responses=shown(ORDER, "ORDER_NOT_FOUND", "TOO_MANY_LOOKUPS", body=True),
)
async def look_up_order(request: Request, body: LookupBody) -> Response:
    """For guests: whatever of it is wrong, the answer is that there is no such order. Five times a number and quarter of an
    hour. Customers sign in and see theirs in GET /v1/orders."""
    asked = pb.LookUpOrderRequest(number=body.number, email=body.email, phone=body.phone)
    found = (await ask(request.app.state.gateway.neighbours.lookups.LookUpOrder, asked)).order
    return tagged(order(found), found.version)
