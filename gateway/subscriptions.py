"""This is where customers subscribe to goods, and staff make the plans."""

from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.orders.v1 import subscriptions_pb2 as pb

from gateway.answers import Json, answer, money, paged, tagged
from gateway.described import feature, shown
from gateway.fields import (
    AddressBody,
    Body,
    Currency,
    Cursor,
    Limit,
    Line,
    PathId,
    PathSlug,
    Sku,
    Slug,
    TimeOrEmpty,
    page_of,
)
from gateway.idempotency import fingerprint_of, request_id_of
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("subscriptions")
PLAN = {
    "id": "coffee",
    "title": "咖啡豆定期購",
    "skus": ["BEAN-01"],
    "every": ["2w", "1m"],
    "on_price_rise": "hold",
    "on_stock_out": "skip",
    "remind_days": 3,
    "retry_days": [1, 3, 5],
    "open": True,
    "version": 1,
}
SUBSCRIPTION = {
    "id": "sub_01kb2y5v7g8h9j0kmnpqrstvwx",
    "customer_id": "cus_01kb2y5v7g8h9j0kmnpqrstvwx",
    "plan": "coffee",
    "every": "1m",
    "zone": "Asia/Shanghai",
    "state": "active",
    "why": None,
    "items": [{"sku": "BEAN-01", "quantity": 2}],
    "agreed": {"currency": "CNY", "minor": 17800},
    "delivery_option": "standard",
    "cycle": 2,
    "due_at": "2026-12-22T02:00:00.000Z",
    "failures": 0,
    "orders": ["ord_01kb2y5v7g8h9j0kmnpqrstvwx"],
    "version": 5,
}
Every = Annotated[str, StringConstraints(pattern=r"^(1[0-2]|[1-9])[wm]$")]
_Token = Annotated[str, Field(min_length=1, max_length=200)]
_PRICED = ("INVALID_SUBSCRIPTION", "INVALID_ADDRESS", "UNKNOWN_SKU", "NOT_ON_SALE", "DELIVERY_MISSING")


class PlanBody(Body):
    """What can be subscribed to; what it gives off is a promotion of the channel `subscription`."""

    title: Line
    skus: Annotated[list[Sku], Field(min_length=1, max_length=100)]
    every: Annotated[list[Every], Field(min_length=1, max_length=10)]
    on_price_rise: Literal["skip", "hold", "accept"] = "hold"
    on_stock_out: Literal["skip", "hold"] = "skip"
    remind_days: Annotated[int, Field(ge=0, le=6)] = 3
    retry_days: list[Annotated[int, Field(ge=1, le=30)]] = Field(default_factory=lambda: [1, 3, 5], max_length=10)
    open: bool = True


class ItemBody(Body):
    """So many of a SKU each time."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=999)]


Items = Annotated[list[ItemBody], Field(min_length=1, max_length=20)]


class SubscribeBody(Body):
    """A subscription; the first time now, or at `first_at`. The card is the provider's token, and kept sealed."""

    plan: Slug
    every: Every
    items: Items
    address: AddressBody
    payment_token: _Token
    currency: Currency
    zone: Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")] = "Asia/Shanghai"
    delivery_option: Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9_-]{0,63})?$")] = ""
    first_at: TimeOrEmpty = ""
    email: Annotated[str, StringConstraints(max_length=254)] = ""


class ChangeBody(Body):
    """What is to be otherwise from the next time on."""

    items: Items | None = None
    address: AddressBody | None = None
    payment_token: _Token | None = None
    delivery_option: Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9_-]{0,63})?$")] = ""


def _items(items: list[ItemBody] | None) -> list[pb.SubscriptionItem]:
    return [pb.SubscriptionItem(sku=item.sku, quantity=item.quantity) for item in items or ()]


def _plan(of: pb.Plan) -> Json:
    plain = {name: getattr(of, name) for name in PLAN}
    return {**plain, "skus": list(of.skus), "every": list(of.every), "retry_days": list(of.retry_days)}


def _subscription(of: pb.Subscription) -> Json:
    plain = {name: getattr(of, name) for name in SUBSCRIPTION}
    items = [{"sku": item.sku, "quantity": item.quantity} for item in of.items]
    return {**plain, "why": of.why or None, "items": items, "agreed": money(of.agreed), "orders": list(of.orders)}


def _subscriptions(request: Request) -> Any:
    return request.app.state.gateway.neighbours.subscriptions


@router.put(
    "/v1/subscription-plans/{plan_id}",
    summary="Make or change a plan",
    responses=shown(PLAN, "INVALID_PLAN", "VERSION_MISMATCH", body=True),
)
async def put_plan(request: Request, plan_id: PathSlug, body: PlanBody) -> Response:
    """Subscriptions follow it from their next renewal on."""
    asked = pb.PutPlanRequest(plan=pb.Plan(id=plan_id, **body.model_dump()), if_version=if_version(request))
    kept = (await ask(_subscriptions(request).PutPlan, asked)).plan
    return tagged(_plan(kept), kept.version)


@router.get("/v1/subscription-plans", summary="What can be subscribed to", responses=shown({"items": [PLAN]}))
async def list_plans(request: Request) -> Response:
    """By id; a closed one takes nobody new."""
    answered = await ask_again(_subscriptions(request).ListPlans, pb.ListPlansRequest())
    return answer({"items": [_plan(each) for each in answered.plans]})


@router.post(
    "/v1/subscriptions",
    status_code=201,
    summary="Subscribe",
    responses=shown(
        SUBSCRIPTION,
        "IDEMPOTENCY_KEY_MISSING",
        "PLAN_NOT_FOUND",
        "TOO_MANY_SUBSCRIPTIONS",
        "KEY_REUSED",
        *_PRICED,
        status=201,
        body=True,
    ),
)
async def subscribe(request: Request, body: SubscribeBody) -> Response:
    """`agreed` is what a renewal costs now. Each renewal is an order, at most one a cycle."""
    who = asking(request).customer_id
    plain = body.model_dump(exclude={"items", "address"})
    asked = pb.SubscribeRequest(
        customer_id=who,
        wish=pb.Wish(items=_items(body.items), address=body.address.told(), **plain),
        request_id=request_id_of(request, who, "subscribe"),
        fingerprint=fingerprint_of(request),
    )
    made = (await ask_again(_subscriptions(request).Subscribe, asked)).subscription
    return tagged(_subscription(made), made.version, 201, {"location": f"/v1/subscriptions/{made.id}"})


@router.get(
    "/v1/subscriptions",
    summary="Subscriptions",
    responses=shown({"items": [SUBSCRIPTION], "next_cursor": None}, "CURSOR_INVALID"),
)
async def list_subscriptions(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """A customer's own, newest first; staff see everybody's."""
    who = asking(request)
    asked = pb.ListSubscriptionsRequest(customer_id=who.customer_id, staff=who.staff, page=page_of(limit, cursor))
    answered = await ask_again(_subscriptions(request).ListSubscriptions, asked)
    return paged(request, "items", [_subscription(each) for each in answered.subscriptions], answered.next_cursor)


@router.get(
    "/v1/subscriptions/{subscription_id}",
    summary="One subscription",
    responses=shown(SUBSCRIPTION, "SUBSCRIPTION_NOT_FOUND"),
)
async def get_subscription(request: Request, subscription_id: PathId) -> Response:
    """For its customer and staff."""
    who = asking(request)
    asked = pb.GetSubscriptionRequest(id=subscription_id, customer_id=who.customer_id, staff=who.staff)
    of = (await ask_again(_subscriptions(request).GetSubscription, asked)).subscription
    return tagged(_subscription(of), of.version)


@router.patch(
    "/v1/subscriptions/{subscription_id}",
    summary="Change what comes",
    responses=shown(
        SUBSCRIPTION, "SUBSCRIPTION_NOT_FOUND", "SUBSCRIPTION_OVER", "SUBSCRIPTION_BUSY", *_PRICED, body=True
    ),
)
async def change_subscription(request: Request, subscription_id: PathId, body: ChangeBody) -> Response:
    """Goods, quantities, way, address or card, from the next renewal on; what is left out stays."""
    wish = pb.Wish(
        items=_items(body.items),
        address=body.address.told() if body.address else None,
        payment_token=body.payment_token or "",
        delivery_option=body.delivery_option,
    )
    who = asking(request).customer_id
    asked = pb.ChangeSubscriptionRequest(id=subscription_id, customer_id=who, wish=wish)
    of = (await ask(_subscriptions(request).ChangeSubscription, asked)).subscription
    return tagged(_subscription(of), of.version)


@router.post(
    "/v1/subscriptions/{subscription_id}/{action}",
    summary="Skip, pause, resume or cancel",
    responses=shown(SUBSCRIPTION, "SUBSCRIPTION_NOT_FOUND", "SUBSCRIPTION_OVER", "SUBSCRIPTION_BUSY", "INVALID"),
)
async def steer_subscription(request: Request, subscription_id: PathId, action: PathSlug) -> Response:
    """`skip`: not the next time. `resume`: from the next time still to come, at what it costs now."""
    asked = pb.SteerSubscriptionRequest(id=subscription_id, customer_id=asking(request).customer_id, action=action)
    of = (await ask(_subscriptions(request).SteerSubscription, asked)).subscription
    return tagged(_subscription(of), of.version)
