"""This is where staff looks after what came in through channels and cannot become an order as it is."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.orders.v1 import intake_pb2 as pb

from gateway.answers import Json, address, money, paged, tagged
from gateway.channelorders import TAKEN, LineBody, Short, WhereBody, shown_taken
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, Cursor, Limit, PathId, page_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("intake")
States = Literal["", "taking", "ordered", "exception", "closed"]
_LINE = {"sku": None, "channel_sku": "tb-6201", "quantity": 2, "paid_minor": 5800}
_DRAFT = {
    "lines": [_LINE],
    "address": {
        "country": "CN",
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "street": "文三路 90 号",
        "name": "王小明",
        "phone": "+8613812345678",
    },
    "delivery_option": None,
    "freight_minor": 600,
    "total": {"currency": "CNY", "minor": 6400},
    "payment_method": "external",
    "payment_reference": "2026112222001",
    "email": None,
    "phone": None,
}
_WHOLE = {**TAKEN, "draft": _DRAFT}


class RepairBody(Body):
    """What is put in the place of what was sent; left out: as it is."""

    lines: list[LineBody] = Field(default_factory=list, max_length=200)
    address: WhereBody | None = None
    delivery_option: Short = ""


class CloseBody(Body):
    """Why it needs nothing any more."""

    note: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE)]


def _draft(of: pb.ChannelOrderDraft) -> Json:
    return {
        "lines": [
            {
                "sku": line.sku or None,
                "channel_sku": line.channel_sku or None,
                "quantity": line.quantity,
                "paid_minor": line.paid_minor,
            }
            for line in of.lines
        ],
        "address": address(of.address),
        "delivery_option": of.delivery_option or None,
        "freight_minor": of.freight_minor,
        "total": money(of.total),
        "payment_method": of.payment_method,
        "payment_reference": of.payment_reference or None,
        "email": of.email or None,
        "phone": of.phone or None,
    }


def _intake(request: Request) -> Any:
    return request.app.state.gateway.neighbours.intake


@router.get(
    "/v1/intake",
    summary="What came in through channels",
    responses=shown({"items": [TAKEN], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_channel_orders(
    request: Request,
    state: Annotated[States, Query(description="`exception`: what waits for somebody.")] = "",
    channel: Annotated[str, Query(pattern=r"^([a-z0-9][a-z0-9-]{0,63})?$", description="Only of this channel.")] = "",
    reason: Annotated[str, Query(pattern=r"^[a-z_]{0,32}$", description="Only for this reason.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first."""
    wanted = pb.ChannelOrderState.Value(f"CHANNEL_ORDER_STATE_{state.upper() or 'UNSPECIFIED'}")
    asked = pb.ListChannelOrdersRequest(state=wanted, channel=channel, reason=reason, page=page_of(limit, cursor))
    answered = await ask_again(_intake(request).ListChannelOrders, asked)
    return paged(request, "items", [shown_taken(each) for each in answered.orders], answered.next_cursor)


@router.get("/v1/intake/{entry_id}", summary="One that came in", responses=shown(_WHOLE, "CHANNEL_ORDER_NOT_FOUND"))
async def get_channelshown_taken(request: Request, entry_id: PathId) -> Response:
    """With what was sent, as long as it is no order: that has it then."""
    answered = await ask_again(_intake(request).GetChannelOrder, pb.GetChannelOrderRequest(id=entry_id))
    of = answered.order
    return tagged({**shown_taken(of), "draft": _draft(of.draft) if of.HasField("draft") else None}, of.version)


@router.post(
    "/v1/intake/{entry_id}/retry",
    summary="Try an exception again",
    responses=shown(
        TAKEN,
        "CHANNEL_ORDER_NOT_FOUND",
        "NOT_AN_EXCEPTION",
        "VERSION_MISMATCH",
        "INVALID_CHANNEL_ORDER",
        "CHECKOUT_UNFINISHED",
        body=True,
    ),
)
async def retry_channelshown_taken(request: Request, entry_id: PathId, body: RepairBody | None = None) -> Response:
    """Repaired, or as it is (once the SKU is mapped, the stock is there …). Two who try it at once make one order."""
    repair = body or RepairBody()
    asked = pb.RetryChannelOrderRequest(
        id=entry_id,
        if_version=if_version(request),
        lines=[line.told() for line in repair.lines],
        address=repair.address.told() if repair.address else None,
        delivery_option=repair.delivery_option,
    )
    of = (await ask(_intake(request).RetryChannelOrder, asked, STAFF_S)).order
    return tagged(shown_taken(of), of.version)


@router.post(
    "/v1/intake/{entry_id}/close",
    summary="Close an exception",
    responses=shown(TAKEN, "CHANNEL_ORDER_NOT_FOUND", "NOT_AN_EXCEPTION", "VERSION_MISMATCH", body=True),
)
async def close_channelshown_taken(request: Request, entry_id: PathId, body: CloseBody) -> Response:
    """It was seen to elsewhere. It stays on the books, with who closed it and why."""
    asked = pb.CloseChannelOrderRequest(
        id=entry_id, if_version=if_version(request), note=body.note, by=asking(request).id
    )
    of = (await ask(_intake(request).CloseChannelOrder, asked)).order
    return tagged(shown_taken(of), of.version)
