"""This is where copies of coupons are made in batches, claimed by customers, granted to them, and shown."""

from typing import Annotated, Any

import orjson
from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.crm.v1 import customers_pb2, groups_pb2
from shop.marketing.v1 import wallets_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.coupons import coupon
from gateway.described import feature, problems_of, shown
from gateway.fields import ONE_LINE, Body, Cursor, Limit, PathCode, PathId, Word, page_of
from gateway.idempotency import replayed, request_id_of
from gateway.neighbours import BROWSE_S, STAFF_S, ask_again
from gateway.permissions import asking
from gateway.products import shelved

router = feature("coupons")
_BATCH: Json = {
    "id": "bat_01kb2y5v7g8h9j0kmnpqrstvwx",
    "coupon": "SPRING-10",
    "count": 5000,
    "made": 2000,
    "state": "running",
    "detail": None,
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "created_at": "2026-11-22T08:00:00.000Z",
}
_GIVES: Json = {
    "coupon": "SPRING-10",
    "title": "¥10 off",
    "amount_off": {"currency": "CNY", "minor": 1000},
    "percent_bp": None,
    "threshold": {"currency": "CNY", "minor": 5000},
    "starts_at": "2026-11-22T08:00:00.000Z",
    "skus": [],
    "categories": [],
    "channels": [],
}
_MINE: Json = _GIVES | {
    "id": "vch_01kb2y5v7g8h9j0kmnpqrstvwx",
    "code": "7K3M-9QWX-2B4C-HJ6N",
    "source": "claim",
    "state": "usable",
    "granted_at": "2026-11-22T08:00:00.000Z",
    "ends_at": "2026-11-29T08:00:00.000Z",
    "order_id": None,
}
_GRANT: Json = _MINE | {
    "source": "agent",
    "customer_id": "cus_01kb2y5v7g8h9j0kmnpqrstvwx",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "reason": "The parcel came two days late.",
}
_CLAIMABLE: Json = _GIVES | {"ends_at": None, "valid_days": 7, "claims_per_customer": 1, "left": 420}


class BatchBody(Body):
    """How many codes."""

    count: Annotated[int, Field(ge=1, le=100_000)]


class GrantBody(Body):
    """What a customer is given, and why."""

    coupon: Word
    reason: Annotated[str, StringConstraints(min_length=5, max_length=500, pattern=ONE_LINE)]


def _wallets(request: Request) -> Any:
    return request.app.state.gateway.neighbours.wallets


def _batch(of: pb.Batch) -> Json:
    plain = ("id", "coupon", "count", "made", "state", "by", "created_at")
    return {name: getattr(of, name) for name in plain} | {"detail": of.detail or None}


def _gives(of: Any) -> Json:
    whole = coupon(of)
    return {"coupon": of.code} | {name: whole[name] for name in _GIVES if name != "coupon"}


def _mine(of: pb.Voucher) -> Json:
    return _gives(of.coupon) | {
        "id": of.id,
        "code": of.code,
        "source": of.source,
        "state": of.state,
        "granted_at": of.granted_at,
        "ends_at": of.ends_at or None,
        "order_id": of.order_id or None,
    }


def _granted(of: pb.Voucher) -> Json:
    return _mine(of) | {"customer_id": of.customer_id, "by": of.by or None, "reason": of.reason or None}


def _claimable(of: Any) -> Json:
    left = max(0, of.claim_limit - of.claims) if of.claim_limit else None
    more = {"ends_at": of.ends_at or None, "valid_days": of.valid_days or None}
    return _gives(of) | more | {"claims_per_customer": of.claims_per_customer, "left": left}


@router.post(
    "/v1/coupons/{code}/batches",
    status_code=202,
    summary="Make many codes of a coupon",
    responses=shown(
        _BATCH,
        "COUPON_NOT_FOUND",
        "NOT_ISSUING",
        "INVALID_BATCH",
        "IDEMPOTENCY_KEY_MISSING",
        "IDEMPOTENCY_KEY_INVALID",
        status=202,
        body=True,
    ),
)
async def issue_batch(request: Request, code: PathCode, body: BatchBody) -> Response:
    """One-time codes nobody can guess, at most 100,000, of a coupon with `vouchers_only`. See how far it is, then export."""
    by = asking(request).id
    asked = pb.IssueBatchRequest(coupon=code, count=body.count, by=by, request_id=request_id_of(request, by, "batch"))
    batch = _batch((await ask_again(_wallets(request).IssueBatch, asked)).batch)
    return answer(batch, 202, {"location": f"/v1/coupon-batches/{batch['id']}"})


@router.get("/v1/coupon-batches/{batch_id}", summary="How far a batch is", responses=shown(_BATCH, "JOB_NOT_FOUND"))
async def get_batch(request: Request, batch_id: PathId) -> Response:
    """`made` of `count`."""
    answered = await ask_again(_wallets(request).GetBatch, pb.GetBatchRequest(id=batch_id))
    return answer(_batch(answered.batch))


@router.get(
    "/v1/coupon-batches/{batch_id}/codes",
    summary="The codes of a batch as CSV",
    responses={
        200: {
            "description": "Columns `code` and `used` (0 or 1).",
            "content": {
                "text/csv": {"schema": {"type": "string"}, "example": "code,used\r\n7K3M-9QWX-2B4C-HJ6N,0\r\n"}
            },
        },
        **problems_of(("JOB_NOT_FOUND", "UNAVAILABLE", "TOO_LATE")),
    },
)
async def export_codes(request: Request, batch_id: PathId) -> Response:
    """Those made so far. A code holds letters, digits and `-` only: no spreadsheet takes it for a formula."""
    lines, cursor = ["code,used"], ""
    while True:
        asked = pb.ListBatchCodesRequest(id=batch_id, cursor=cursor)
        answered = await ask_again(_wallets(request).ListBatchCodes, asked, STAFF_S)
        lines += [f"{row.code},{int(row.used)}" for row in answered.codes]
        cursor = answered.next_cursor
        if not cursor:
            break
    headers = {"content-disposition": f'attachment; filename="{batch_id}.csv"', "cache-control": "no-store"}
    return Response("\r\n".join(lines) + "\r\n", media_type="text/csv", headers=headers)


@router.get("/v1/claimable-coupons", summary="Coupons to claim", responses=shown({"items": [_CLAIMABLE]}))
async def list_claimable(request: Request) -> Response:
    """What customers may claim now; `left` is what is really left, null where there is no limit."""

    async def fetch() -> tuple[bytes, str]:
        answered = await ask_again(_wallets(request).ListClaimable, pb.ListClaimableRequest(), BROWSE_S)
        return orjson.dumps({"items": [_claimable(row) for row in answered.coupons]}), ""

    return await shelved(request, "claimable-coupons", fetch)


@router.post(
    "/v1/coupons/{code}/claims",
    status_code=201,
    summary="Claim a coupon",
    responses=shown(
        _MINE,
        "COUPON_NOT_FOUND",
        "NOT_ISSUING",
        "NOT_FOR_YOU",
        "CLAIMED_ALREADY",
        "CLAIMED_OUT",
        "KEY_REUSED",
        "IDEMPOTENCY_KEY_MISSING",
        "IDEMPOTENCY_KEY_INVALID",
        "NOT_SIGNED_IN",
        status=201,
    ),
)
async def claim_coupon(request: Request, code: PathCode) -> Response:
    """Into my wallet; mine alone. The same Idempotency-Key again answers the same voucher."""
    me = asking(request).id
    groups = request.app.state.gateway.neighbours.groups
    standing = await ask_again(groups.GetStanding, groups_pb2.GetStandingRequest(customer_id=me))
    asked = pb.ClaimVoucherRequest(
        coupon=code,
        customer_id=me,
        tier=standing.tier,
        groups=standing.groups,
        request_id=request_id_of(request, me, "claim"),
    )
    answered = await ask_again(_wallets(request).ClaimVoucher, asked)
    return answer(_mine(answered.voucher), 201, replayed(answered.replayed))


@router.get(
    "/v1/customers/me/coupons",
    summary="My coupons",
    responses=shown({"items": [_MINE], "next_cursor": None}, "NOT_SIGNED_IN", "CURSOR_INVALID"),
)
async def list_my_coupons(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first. Enter `code` at a cart while `state` is `usable`."""
    asked = pb.ListVouchersRequest(customer_id=asking(request).id, page=page_of(limit, cursor))
    answered = await ask_again(_wallets(request).ListVouchers, asked)
    return paged(request, "items", [_mine(row) for row in answered.vouchers], answered.next_cursor)


@router.post(
    "/v1/customers/{customer_id}/coupons",
    status_code=201,
    summary="Grant a customer a coupon",
    responses=shown(
        _GRANT,
        "CUSTOMER_NOT_FOUND",
        "COUPON_NOT_FOUND",
        "NOT_ISSUING",
        "INVALID_GRANT",
        "GRANTS_USED_UP",
        "KEY_REUSED",
        "IDEMPOTENCY_KEY_MISSING",
        "IDEMPOTENCY_KEY_INVALID",
        status=201,
        body=True,
    ),
)
async def grant_coupon(request: Request, customer_id: PathId, body: GrantBody) -> Response:
    """Of one with `grantable`. So many a day and agent, in number and in money; who, to whom and why is kept for good."""
    by = asking(request).id
    customers = request.app.state.gateway.neighbours.customers
    await ask_again(customers.GetCustomer, customers_pb2.GetCustomerRequest(id=customer_id))
    asked = pb.GrantVoucherRequest(
        coupon=body.coupon,
        customer_id=customer_id,
        by=by,
        reason=body.reason,
        request_id=request_id_of(request, by, f"grant|{customer_id}"),
    )
    answered = await ask_again(_wallets(request).GrantVoucher, asked)
    return answer(_granted(answered.voucher), 201, replayed(answered.replayed))


@router.get(
    "/v1/customers/{customer_id}/coupons",
    summary="A customer's coupons",
    responses=shown({"items": [_GRANT], "next_cursor": None}, "CURSOR_INVALID"),
)
async def list_customers_coupons(
    request: Request, customer_id: PathId, limit: Limit = 20, cursor: Cursor = ""
) -> Response:
    """Newest first."""
    asked = pb.ListVouchersRequest(customer_id=customer_id, page=page_of(limit, cursor))
    answered = await ask_again(_wallets(request).ListVouchers, asked)
    return paged(request, "items", [_granted(row) for row in answered.vouchers], answered.next_cursor)


@router.get(
    "/v1/coupon-grants",
    summary="What staff has granted",
    responses=shown({"items": [_GRANT], "next_cursor": None}, "CURSOR_INVALID"),
)
async def list_grants(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first: who gave what to whom, when and why."""
    asked = pb.ListGrantsRequest(page=page_of(limit, cursor))
    answered = await ask_again(_wallets(request).ListGrants, asked)
    return paged(request, "items", [_granted(row) for row in answered.grants], answered.next_cursor)
