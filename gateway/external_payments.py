"""This is where money is seen that was taken outside, and what channels settled of it."""

from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.orders.v1 import intake_pb2 as pb

from gateway.answers import Json, answer, money, paged
from gateway.channelorders import Number
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, Minor, MoneyBody, PathSlug, page_of
from gateway.neighbours import STAFF_S, ask_again

router = feature("intake")
Settlements = Literal["", "open", "matched", "differs"]
_PAYMENT = {
    "id": "external_ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "channel": "taobao",
    "channel_order_id": "TB-20261122-1",
    "method": "external",
    "reference": "2026112222001",
    "amount": {"currency": "CNY", "minor": 6400},
    "refunded_minor": 0,
    "settlement": "open",
    "settled_minor": 0,
    "fee_minor": 0,
    "taken_at": "2026-11-22T08:00:00.000Z",
    "voided": False,
}
_FOUND = {"channel_order_id": "TB-20261122-1", "outcome": "matched", "expected_minor": 6400, "settled_minor": 6400}


class SettledBody(Body):
    """What a channel settled of one order: taken less given back, before its fee."""

    channel_order_id: Number
    settled: MoneyBody
    fee_minor: Minor = 0


class SettlementBody(Body):
    """A channel's settlement, or a part of it."""

    settlement: Number
    rows: Annotated[list[SettledBody], Field(min_length=1, max_length=500)]


def _payment(of: pb.ExternalPayment) -> Json:
    plain = {name: getattr(of, name) for name in _PAYMENT if name != "amount"}
    return {**plain, "amount": money(of.amount)}


@router.post(
    "/v1/channels/{channel}/settlements",
    summary="What a channel settled",
    responses=shown({"items": [_FOUND]}, "CHANNEL_NOT_FOUND", "INVALID_SETTLEMENT", body=True),
)
async def settle_channel(request: Request, channel: PathSlug, body: SettlementBody) -> Response:
    """Compares each row with what the channel said it had taken, less what it has to give back; the same again finds the
    same. What differs stays in GET /v1/external-payments?settlement=differs."""
    rows = [
        pb.SettlementRow(channel_order_id=row.channel_order_id, settled=row.settled.told(), fee_minor=row.fee_minor)
        for row in body.rows
    ]
    asked = pb.SettleChannelRequest(channel=channel, settlement=body.settlement, rows=rows)
    answered = await ask_again(request.app.state.gateway.neighbours.intake.SettleChannel, asked, STAFF_S)
    return answer({"items": [{name: getattr(row, name) for name in _FOUND} for row in answered.rows]})


@router.get(
    "/v1/external-payments",
    summary="Money that was taken outside",
    responses=shown({"items": [_PAYMENT], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_external_payments(
    request: Request,
    channel: Annotated[str, Query(pattern=r"^([a-z0-9][a-z0-9-]{0,63})?$", description="Only of this channel.")] = "",
    settlement: Annotated[Settlements, Query(description="Only those so settled.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """By marketplaces and tills, beside what they settled of it; newest first."""
    asked = pb.ListExternalPaymentsRequest(channel=channel, settlement=settlement, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.intake.ListExternalPayments, asked)
    return paged(request, "items", [_payment(each) for each in answered.payments], answered.next_cursor)
