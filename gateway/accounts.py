"""This is where business customers order on their terms, and finance sees what they owe."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.orders.v1 import accounts_pb2 as pb
from shop.orders.v1 import intake_pb2

from gateway.answers import Json, answer, money, paged, tagged
from gateway.channelorders import TAKEN, LineBody, Number, Short, WhereBody, answered_taken
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Id, Limit, Line, MoneyBody, PathId, page_of
from gateway.idempotency import key_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("accounts")
ACCOUNT = {
    "id": "biz_01kb2y5v7g8h9j0kmnpqrstvwx",
    "company": "杭州茶馆有限公司",
    "tax_id": "91330106MA2B0C1D2E",
    "contacts": ["cus_01kb2y5v7g8h9j0kmnpqrstvwx"],
    "group": "tea-houses",
    "credit_limit": {"currency": "CNY", "minor": 5000000},
    "used_minor": 128000,
    "terms_days": 30,
    "min_order_minor": 100000,
    "min_quantity": 10,
    "open": True,
    "version": 4,
}
_OWED = {
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "account_id": "biz_01kb2y5v7g8h9j0kmnpqrstvwx",
    "purchase_order": "PO-2026-118",
    "amount": {"currency": "CNY", "minor": 128000},
    "paid_minor": 0,
    "refunded_minor": 0,
    "open_minor": 128000,
    "due_at": "2026-12-22T08:00:00.000Z",
    "overdue": False,
}
_Amount = Annotated[int, Field(ge=0, le=10**12)]


class AccountBody(Body):
    """An account as it is to be. Its contacts join the group, whose offers are its price list."""

    company: Line
    tax_id: Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[0-9A-Za-z-]+$")]
    contacts: list[Id] = Field(default_factory=list, max_length=50)
    group: Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9-]{0,63})?$")] = ""
    credit_limit: MoneyBody
    terms_days: Annotated[int, Field(ge=0, le=365)] = 30
    min_order_minor: _Amount = 0
    min_quantity: Annotated[int, Field(ge=1, le=99_999)] = 1
    open: bool = True

    def told(self, account_id: str = "") -> pb.Account:
        """As orders takes it."""
        plain = self.model_dump(exclude={"credit_limit"})
        return pb.Account(id=account_id, credit_limit=self.credit_limit.told(), **plain)


class AccountOrderBody(Body):
    """What is ordered; `total` is what the cart showed. Staff names the contact whose offers count."""

    lines: Annotated[list[LineBody], Field(min_length=1, max_length=200)]
    total: MoneyBody
    address: WhereBody
    delivery_option: Short = ""
    contact: Annotated[str, StringConstraints(pattern=r"^(cus_[0-9a-z]{1,60})?$")] = ""


class SettleBody(Body):
    """Money that came in; the bank's number of it makes it once."""

    minor: Annotated[int, Field(ge=1, le=10**12)]
    reference: Number


def _account(of: pb.Account) -> Json:
    plain = {name: getattr(of, name) for name in ACCOUNT if name not in ("credit_limit", "contacts")}
    return {**plain, "contacts": list(of.contacts), "credit_limit": money(of.credit_limit)}


def _owed(of: pb.Receivable) -> Json:
    return {**{name: getattr(of, name) for name in _OWED if name != "amount"}, "amount": money(of.amount)}


def _accounts(request: Request) -> Any:
    return request.app.state.gateway.neighbours.accounts


@router.post(
    "/v1/accounts",
    status_code=201,
    summary="Open a business account",
    responses=shown(ACCOUNT, "INVALID_ACCOUNT", "GROUP_NOT_FOUND", status=201, body=True),
)
async def open_account(request: Request, body: AccountBody) -> Response:
    """On credit terms: what it owes never passes its limit."""
    made = (await ask(_accounts(request).PutAccount, pb.PutAccountRequest(account=body.told()))).account
    return tagged(_account(made), made.version, 201, {"location": f"/v1/accounts/{made.id}"})


@router.put(
    "/v1/accounts/{account_id}",
    summary="Change a business account",
    responses=shown(
        ACCOUNT,
        "INVALID_ACCOUNT",
        "ACCOUNT_NOT_FOUND",
        "GROUP_NOT_FOUND",
        "VERSION_MISMATCH",
        "PRECONDITION_REQUIRED",
        body=True,
    ),
)
async def put_account(request: Request, account_id: PathId, body: AccountBody) -> Response:
    """If-Match with the ETag that was read is required; what it owes stays."""
    asked = pb.PutAccountRequest(account=body.told(account_id), if_version=if_version(request, required=True))
    kept = (await ask(_accounts(request).PutAccount, asked)).account
    return tagged(_account(kept), kept.version)


@router.get(
    "/v1/accounts",
    summary="Business accounts",
    responses=shown({"items": [ACCOUNT], "next_cursor": None}, "CURSOR_INVALID"),
)
async def list_accounts(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first."""
    answered = await ask_again(_accounts(request).ListAccounts, pb.ListAccountsRequest(page=page_of(limit, cursor)))
    return paged(request, "items", [_account(each) for each in answered.accounts], answered.next_cursor)


@router.get("/v1/accounts/{account_id}", summary="One business account", responses=shown(ACCOUNT, "ACCOUNT_NOT_FOUND"))
async def get_account(request: Request, account_id: PathId) -> Response:
    """For its contacts and staff."""
    who = asking(request)
    asked = pb.GetAccountRequest(id=account_id, customer_id=who.customer_id, staff=who.staff)
    of = (await ask_again(_accounts(request).GetAccount, asked)).account
    return tagged(_account(of), of.version)


@router.post(
    "/v1/accounts/{account_id}/orders",
    status_code=201,
    summary="Order on credit terms",
    responses=shown(
        TAKEN,
        "IDEMPOTENCY_KEY_MISSING",
        "ACCOUNT_NOT_FOUND",
        "ACCOUNT_CLOSED",
        "INVALID_CHANNEL_ORDER",
        "KEY_REUSED",
        "KEY_IN_PROGRESS",
        "CHECKOUT_UNFINISHED",
        status=201,
        text="An order.",
        body=True,
    )
    | shown(TAKEN, status=202, text="It is kept and waits for staff: see `reason`."),
)
async def place_account_order(request: Request, account_id: PathId, body: AccountOrderBody) -> Response:
    """The Idempotency-Key is the purchase-order number: once an account. At our prices, with the offers of its group.
    Above the credit limit (`credit_exceeded`) or below the least order (`below_minimum`) it waits in GET /v1/intake, where
    staff lets it through by retry once the terms are changed, or closes it."""
    who = asking(request)
    draft = intake_pb2.ChannelOrderDraft(
        channel_order_id=key_of(request),
        lines=[line.told() for line in body.lines],
        address=body.address.told(),
        delivery_option=body.delivery_option,
        total=body.total.told(),
    )
    asked = pb.PlaceAccountOrderRequest(
        account_id=account_id, customer_id=body.contact if who.staff else who.customer_id, staff=who.staff, order=draft
    )
    taken = await ask_again(_accounts(request).PlaceAccountOrder, asked, STAFF_S)
    return answered_taken(taken.order, replay=taken.replayed)


@router.get(
    "/v1/receivables",
    summary="What business accounts owe",
    responses=shown({"items": [_OWED], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_receivables(
    request: Request,
    account: Annotated[str, Query(pattern=r"^(biz_[0-9a-z]{1,60})?$", description="Only of this account.")] = "",
    overdue: Annotated[bool, Query(description="Only what is due already.")] = False,
    settled: Annotated[bool, Query(description="What is settled, instead of what is open.")] = False,
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first."""
    asked = pb.ListReceivablesRequest(account_id=account, overdue=overdue, settled=settled, page=page_of(limit, cursor))
    answered = await ask_again(_accounts(request).ListReceivables, asked)
    return paged(request, "items", [_owed(each) for each in answered.receivables], answered.next_cursor)


@router.post(
    "/v1/receivables/{order_id}/payments",
    summary="Money came in for an order",
    responses=shown(_OWED, "RECEIVABLE_NOT_FOUND", "MORE_THAN_OWED", "INVALID_AMOUNT", body=True),
)
async def settle_receivable(request: Request, order_id: PathId, body: SettleBody) -> Response:
    """In one or several parts; the same reference again changes nothing. So much of the account's limit is free again."""
    asked = pb.SettleReceivableRequest(order_id=order_id, minor=body.minor, reference=body.reference)
    return answer(_owed((await ask_again(_accounts(request).SettleReceivable, asked)).receivable))
