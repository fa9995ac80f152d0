"""This is where goods are sold ahead: staff open campaigns, customers see them and pay balances."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field
from shop.orders.v1 import preorders_pb2 as pb

from gateway.answers import Json, paged, tagged
from gateway.described import feature, shown
from gateway.fields import Body, Count, Currency, Cursor, Limit, Line, Minor, PathId, Sku, Time, TimeOrEmpty, page_of
from gateway.idempotency import request_id_of
from gateway.neighbours import CHECKOUT_S, ask, ask_again
from gateway.orders import ORDER, order
from gateway.permissions import asking

router = feature("preorders")
CAMPAIGN = {
    "id": "pre_01kb2y5v7g8h9j0kmnpqrstvwx",
    "title": "雙十一預售",
    "currency": "CNY",
    "items": [{"sku": "MUG-01", "most": 500}],
    "opens_at": "2026-10-20T12:00:00.000Z",
    "closes_at": "2026-10-31T16:00:00.000Z",
    "ships_from": "2026-11-15T00:00:00.000Z",
    "deposit_bp": 0,
    "deposit_minor": 5000,
    "worth_minor": 10000,
    "pay_from": "2026-11-01T00:00:00.000Z",
    "pay_until": "2026-11-11T16:00:00.000Z",
    "keeps_deposit": True,
    "open": True,
    "ended_at": None,
    "version": 1,
}
_WHOLE = {**CAMPAIGN, "items": [{"sku": "MUG-01", "most": 500, "left": 37}]}


class ItemBody(Body):
    """A SKU, and how many are sold ahead at most."""

    sku: Sku
    most: Count


class CampaignBody(Body):
    """What is sold ahead. The deposit is a share of the goods or an amount a unit; neither: all is paid at once."""

    title: Line
    currency: Currency
    items: Annotated[list[ItemBody], Field(min_length=1, max_length=50)]
    opens_at: Time
    closes_at: Time
    ships_from: Time
    deposit_bp: Annotated[int, Field(ge=0, lt=10_000)] = 0
    deposit_minor: Minor = 0
    worth_minor: Minor = 0
    pay_from: TimeOrEmpty = ""
    pay_until: TimeOrEmpty = ""
    keeps_deposit: bool = False

    def told(self) -> pb.Campaign:
        """As orders takes it."""
        items = [pb.CampaignItem(sku=item.sku, most=item.most) for item in self.items]
        return pb.Campaign(items=items, **self.model_dump(exclude={"items"}))


class BalanceBody(Body):
    """What pays it: the provider's token."""

    payment_token: Annotated[str, Field(min_length=1, max_length=200)]


def _campaign(of: pb.Campaign, *, left: bool) -> Json:
    plain = {name: getattr(of, name) for name in CAMPAIGN if name not in ("items", "ended_at", "pay_from", "pay_until")}
    items = [{"sku": item.sku, "most": item.most} | ({"left": item.left} if left else {}) for item in of.items]
    times = {name: getattr(of, name) or None for name in ("ended_at", "pay_from", "pay_until")}
    return {**plain, "items": items, **times}


def _preorders(request: Request) -> Any:
    return request.app.state.gateway.neighbours.preorders


@router.post(
    "/v1/preorders",
    status_code=201,
    summary="Sell ahead",
    responses=shown(_WHOLE, "INVALID_CAMPAIGN", "SOLD_AHEAD_ALREADY", status=201, body=True),
)
async def open_campaign(request: Request, body: CampaignBody) -> Response:
    """While it is open, an order of these SKUs is a pre-order: it is charged the deposit, and never more are sold than
    `most`. What is sold ahead is no stock: goods are held once they are there."""
    asked = pb.OpenCampaignRequest(campaign=body.told(), by=asking(request).id)
    made = (await ask(_preorders(request).OpenCampaign, asked)).campaign
    return tagged(_campaign(made, left=True), made.version, 201, {"location": f"/v1/preorders/{made.id}"})


@router.get(
    "/v1/preorders",
    summary="What is sold ahead",
    responses=shown({"items": [CAMPAIGN], "next_cursor": None}, "CURSOR_INVALID"),
)
async def list_campaigns(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first."""
    answered = await ask_again(_preorders(request).ListCampaigns, pb.ListCampaignsRequest(page=page_of(limit, cursor)))
    rows = [_campaign(each, left=False) for each in answered.campaigns]
    return paged(request, "items", rows, answered.next_cursor)


@router.get("/v1/preorders/{campaign_id}", summary="One campaign", responses=shown(_WHOLE, "CAMPAIGN_NOT_FOUND"))
async def get_campaign(request: Request, campaign_id: PathId) -> Response:
    """With how many of each SKU are left."""
    of = (await ask_again(_preorders(request).GetCampaign, pb.GetCampaignRequest(id=campaign_id))).campaign
    return tagged(_campaign(of, left=True), of.version)


@router.post(
    "/v1/preorders/{campaign_id}/end",
    summary="Sell ahead no more",
    responses=shown(_WHOLE, "CAMPAIGN_NOT_FOUND"),
)
async def end_campaign(request: Request, campaign_id: PathId) -> Response:
    """What is sold stays sold. Again changes nothing."""
    of = (await ask_again(_preorders(request).EndCampaign, pb.EndCampaignRequest(id=campaign_id))).campaign
    return tagged(_campaign(of, left=True), of.version)


@router.post(
    "/v1/orders/{order_id}/balance",
    summary="Pay the balance of a pre-order",
    responses=shown(
        ORDER,
        "IDEMPOTENCY_KEY_MISSING",
        "ORDER_NOT_FOUND",
        "NO_BALANCE",
        "BALANCE_NOT_DUE",
        "BALANCE_OVERDUE",
        "BALANCE_IN_PROGRESS",
        "PAYMENT_DECLINED",
        "MONEY_UNFINISHED",
        body=True,
    ),
)
async def pay_balance(request: Request, order_id: PathId, body: BalanceBody) -> Response:
    """In its window, once: the same key again answers the same. Declined, it may be tried under another key."""
    who = asking(request).customer_id
    asked = pb.PayBalanceRequest(
        order_id=order_id,
        customer_id=who,
        payment_token=body.payment_token,
        request_id=request_id_of(request, who, f"balance {order_id}"),
    )
    of = (await ask_again(_preorders(request).PayBalance, asked, CHECKOUT_S)).order
    return tagged(order(of), of.version)
