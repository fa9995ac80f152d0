"""This is where a return goes from step to step: looked at, asked about, called off, booked, inspected, sent anew."""

from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field
from shop.orders.v1 import returns_pb2 as pb

from gateway.answers import tagged
from gateway.described import Described, feature, shown
from gateway.fields import Body, Line, LineOrEmpty, PathId, PictureUrl, Sku, Slug, Token
from gateway.idempotency import key_of
from gateway.neighbours import CHECKOUT_S, STAFF_S, ask_again
from gateway.permissions import asking
from gateway.returns import RETURN, rma

router = feature("returns")


class TextBody(Body):
    """What is said."""

    text: Line


class WhyBody(Body):
    """Why; may be left out."""

    text: LineOrEmpty = ""


class AnswerBody(Body):
    """The customer's answer, and more photos."""

    text: LineOrEmpty = ""
    photos: list[PictureUrl] = Field(default_factory=list, max_length=10)


class WayBackBody(Body):
    """How the goods come back; when they are picked up, in words."""

    kind: Literal["label", "pickup"] = "label"
    window: Annotated[LineOrEmpty, Field(max_length=100)] = ""


class GradedBody(Body):
    """Units of a SKU that were found this good."""

    sku: Sku
    grade: Literal["A", "B", "C", "scrap"]
    units: Annotated[int, Field(ge=1, le=99_999)]


class InspectionBody(Body):
    """What was found; units that are not named were not in the parcel."""

    warehouse: Slug = "main"
    grades: Annotated[list[GradedBody], Field(min_length=1, max_length=4_000)]
    note: LineOrEmpty = ""


class CardBody(Body):
    """The provider's token; never a card number."""

    method: Literal["card"] = "card"
    token: Token


class DifferenceBody(Body):
    """How the difference is paid."""

    payment: CardBody


def _returns(request: Request) -> Any:
    return request.app.state.gateway.neighbours.returns


def _told(answered: Any) -> Response:
    return tagged(rma(answered.rma), answered.rma.version)


def _step(*codes: str, body: bool = True) -> Described:
    return shown(RETURN, "RETURN_NOT_FOUND", "ILLEGAL_TRANSITION", *codes, body=body)


@router.get("/v1/returns/{return_id}", summary="A return", responses=shown(RETURN, "RETURN_NOT_FOUND"))
async def get_return(request: Request, return_id: PathId) -> Response:
    """From end to end: what was asked and answered, where its parcel is, what was found, what was given back or sent. A
    guest's is seen by who knows its id."""
    who = asking(request)
    asked = pb.GetReturnRequest(id=return_id, customer_id=who.customer_id, staff=who.staff)
    return _told(await ask_again(_returns(request).GetReturn, asked))


async def _move(
    request: Request, return_id: str, move: pb.ReturnMove.ValueType, text: str, photos: list[str] | None = None
) -> Response:
    who = asking(request)
    asked = pb.MoveReturnRequest(
        id=return_id,
        move=move,
        by=who.id if who.staff else "",
        customer_id=who.customer_id,
        text=text,
        photos=photos or [],
    )
    return _told(await ask_again(_returns(request).MoveReturn, asked))


@router.post(
    "/v1/returns/{return_id}/reject", summary="Reject a return", responses=_step("INVALID_RETURN", "RETURN_BUSY")
)
async def reject_return(request: Request, return_id: PathId, body: TextBody) -> Response:
    """`requested` or `needs_info` → `rejected`, with the reason its customer reads. Its units can be claimed again."""
    return await _move(request, return_id, pb.RETURN_MOVE_REJECT, body.text)


@router.post("/v1/returns/{return_id}/ask", summary="Ask for more", responses=_step("INVALID_RETURN"))
async def ask_for_more(request: Request, return_id: PathId, body: TextBody) -> Response:
    """`requested` → `needs_info`: the 24 hours stand still until its customer answers."""
    return await _move(request, return_id, pb.RETURN_MOVE_ASK, body.text)


@router.post("/v1/returns/{return_id}/answer", summary="Answer what staff asked", responses=_step("INVALID_RETURN"))
async def answer_about_return(request: Request, return_id: PathId, body: AnswerBody) -> Response:
    """`needs_info` → `requested`, by its customer."""
    return await _move(request, return_id, pb.RETURN_MOVE_ANSWER, body.text, body.photos)


@router.post("/v1/returns/{return_id}/cancel", summary="Call a return off", responses=_step("RETURN_BUSY"))
async def cancel_return(request: Request, return_id: PathId, body: WhyBody | None = None) -> Response:
    """→ `cancelled`, by its customer or staff, as long as nothing is on its way."""
    return await _move(request, return_id, pb.RETURN_MOVE_CANCEL, body.text if body else "")


@router.post(
    "/v1/returns/{return_id}/way-back",
    summary="Book a label or a pickup",
    responses=_step("INVALID_RETURN", "INVALID_RETURN_PARCEL"),
)
async def book_way_back(request: Request, return_id: PathId, body: WayBackBody | None = None) -> Response:
    """For an `approved` return whose goods come back: a parcel with a waybill of its own. Again answers the same parcel."""
    who, said = asking(request), body or WayBackBody()
    asked = pb.BookWayBackRequest(
        id=return_id, customer_id=who.customer_id, staff=who.staff, kind=said.kind, window=said.window
    )
    return _told(await ask_again(_returns(request).BookWayBack, asked, STAFF_S))


@router.post(
    "/v1/returns/{return_id}/inspect",
    summary="Grade what came back",
    responses=_step("INVALID_RETURN", "RETURN_BUSY"),
)
async def inspect_return(request: Request, return_id: PathId, body: InspectionBody) -> Response:
    """`approved` or `arrived` → `received`. A goes on the shelf, B and C beside it, scrap is written off. What was not in
    the parcel is not paid for, and can be asked back again."""
    grades = [pb.ReturnGrade(sku=row.sku, grade=row.grade, units=row.units) for row in body.grades]
    asked = pb.InspectReturnRequest(
        id=return_id, by=asking(request).id, warehouse=body.warehouse, grades=grades, note=body.note
    )
    return _told(await ask_again(_returns(request).InspectReturn, asked, STAFF_S))


@router.post(
    "/v1/returns/{return_id}/exchange",
    summary="Send something instead",
    responses=_step("NOTHING_INSTEAD", "CHECKOUT_UNFINISHED", "IDEMPOTENCY_KEY_MISSING", body=False),
)
async def send_instead(request: Request, return_id: PathId) -> Response:
    """Exchange, replacement or reship: an order of its own (`follow_up`) with its own stock and parcel → `sent`. What costs
    more waits for its customer → `awaiting_payment`; what costs less is given back. Needs an Idempotency-Key."""
    key_of(request)
    asked = pb.SendInsteadRequest(id=return_id, by=asking(request).id)
    return _told(await ask_again(_returns(request).SendInstead, asked, STAFF_S))


@router.post(
    "/v1/returns/{return_id}/payment",
    summary="Pay the difference",
    responses=_step(
        "DIFFERENCE_CHANGED", "NOTHING_INSTEAD", "CHECKOUT_UNFINISHED", "IDEMPOTENCY_KEY_MISSING", "INVALID_PARAMETER"
    ),
)
async def pay_difference(request: Request, return_id: PathId, body: DifferenceBody) -> Response:
    """`awaiting_payment` → `sent`, or still `awaiting_payment` with `unsendable` saying why. Needs an Idempotency-Key; the
    return itself keeps the money from moving twice."""
    key_of(request)
    asked = pb.PayDifferenceRequest(
        id=return_id, customer_id=asking(request).customer_id, payment_token=body.payment.token
    )
    return _told(await ask_again(_returns(request).PayDifference, asked, CHECKOUT_S))
