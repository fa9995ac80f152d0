"""This is where merchants are shown, their licences kept and reviewed, and where the owner closes and reopens them."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field
from shop.catalog.v1 import merchants_pb2 as pb

from gateway.answers import Json, answer, paged, tagged, word
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Email, Limit, Line, LineOrEmpty, Name, PathId, Text, Word, page_of
from gateway.neighbours import ask, ask_again
from gateway.papers import CONTACT, PAPER, Day, Document, Phone, contact, paper
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.roles import may

router = feature("merchants")
LICENCE = {
    "id": "lic_01kb2y5v7g8h9j0kmnpqrstvwx",
    **PAPER,
    "state": "valid",
    "reason": None,
    "renews": None,
    "added_at": "2026-11-22T08:00:00.000Z",
    "reviewed_by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "reviewed_at": "2026-11-22T09:00:00.000Z",
}
PENALTY = {
    "id": "pen_01kb2y5v7g8h9j0kmnpqrstvwx",
    "points": 12,
    "reason": "false_advertising",
    "evidence": "标题使用绝对化用语，截图见附件",
    "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "at": "2026-11-22T08:00:00.000Z",
    "expires_at": "2027-11-22T08:00:00.000Z",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "counts",
    "appeal": None,
    "appealed_at": None,
    "decision": None,
    "decided_by": None,
    "decided_at": None,
}
MERCHANT = {
    "id": "mer_01kb2y5v7g8h9j0kmnpqrstvwx",
    "legal_name": "厦门某某商贸有限公司",
    "credit_code": "91350100M000100Y43",
    "contact": CONTACT,
    "standing": "warned",
    "points": 12,
    "licences": [LICENCE],
    "penalties": [PENALTY],
    "closed_reason": None,
    "since": "2026-11-22T08:00:00.000Z",
    "version": 4,
}


class ContactPatch(Body):
    """What changes of whom to reach."""

    name: Name = ""
    phone: Phone = ""
    email: Email = ""


class MerchantPatch(Body):
    """A JSON Merge Patch: whom to reach."""

    contact: ContactPatch


class LicenceBody(Body):
    """A paper of a kind: `business`, `tax`, `brand`, `food`, `medical_device` …."""

    kind: Word
    number: LineOrEmpty = ""
    subject: Annotated[LineOrEmpty, Field(description="The brand, for a brand's authorisation.")] = ""
    scope: Text = ""
    categories: Annotated[
        list[Word], Field(min_length=1, max_length=200, description="With all below them; `*` for all.")
    ]
    valid_from: Day = ""
    valid_until: Annotated[Day, Field(description="The last day; empty for one that does not end.")] = ""
    document: Document = ""


class RenewalBody(Body):
    """The new paper; what is left out is as on the one before."""

    number: LineOrEmpty = ""
    scope: Text = ""
    categories: list[Word] = Field(default_factory=list, max_length=200)
    valid_from: Day = ""
    valid_until: Day = ""
    document: Document = ""


class LicenceReviewBody(Body):
    """Whether it is accepted; a refusal says why."""

    accept: bool
    reason: LineOrEmpty = ""
    categories: list[Word] = Field(default_factory=list, max_length=200, description="Empty leaves them as they are.")


class ReasonBody(Body):
    """Why."""

    reason: Line


def licence(of: pb.Licence) -> Json:
    """A licence."""
    return {
        "id": of.id,
        **paper(of.paper),
        "state": word(pb.LicenceState.Name(of.state), "LICENCE_STATE_"),
        "reason": of.reason or None,
        "renews": of.renews or None,
        "added_at": of.added_at,
        "reviewed_by": of.reviewed_by or None,
        "reviewed_at": of.reviewed_at or None,
    }


def penalty(of: pb.Penalty) -> Json:
    """Points against a merchant."""
    return {
        "id": of.id,
        "points": of.points,
        "reason": of.reason,
        "evidence": of.evidence,
        "product_id": of.product_id or None,
        "at": of.at,
        "expires_at": of.expires_at,
        "by": of.by,
        "state": word(pb.PenaltyState.Name(of.state), "PENALTY_STATE_"),
        "appeal": of.appeal or None,
        "appealed_at": of.appealed_at or None,
        "decision": of.decision or None,
        "decided_by": of.decided_by or None,
        "decided_at": of.decided_at or None,
    }


def merchant(of: pb.Merchant) -> Json:
    """A merchant."""
    return {
        "id": of.id,
        "legal_name": of.legal_name,
        "credit_code": of.credit_code or None,
        "contact": contact(of.contact),
        "standing": word(pb.MerchantStanding.Name(of.standing), "MERCHANT_STANDING_"),
        "points": of.points,
        "licences": [licence(row) for row in of.licences],
        "penalties": [penalty(row) for row in of.penalties],
        "closed_reason": of.closed_reason or None,
        "since": of.since,
        "version": of.version,
    }


def _merchants(request: Request) -> Any:
    return request.app.state.gateway.neighbours.merchants


@router.get(
    "/v1/merchants",
    summary="Who sells in the shop",
    responses=shown({"items": [MERCHANT], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_merchants(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """By id, contacts masked; `self` is the shop. A merchant's people see their own."""
    asked = pb.ListMerchantsRequest(page=page_of(limit, cursor), merchant_id=asking(request).only_merchant)
    answered = await ask_again(_merchants(request).ListMerchants, asked)
    return paged(request, "items", [merchant(row) for row in answered.merchants], answered.next_cursor)


@router.get("/v1/merchants/{merchant_id}", summary="A merchant", responses=shown(MERCHANT, "MERCHANT_NOT_FOUND"))
async def get_merchant(request: Request, merchant_id: PathId) -> Response:
    """Licences, points and standing; the contact in clear for who keeps merchants and for the merchant."""
    who = asking(request)
    reveal = bool(who.only_merchant) or may(who.roles, "merchants.write")
    asked = pb.GetMerchantRequest(id=merchant_id, merchant_id=who.only_merchant, reveal=reveal)
    answered = await ask_again(_merchants(request).GetMerchant, asked)
    return tagged(merchant(answered.merchant), answered.merchant.version)


@router.patch(
    "/v1/merchants/{merchant_id}",
    summary="Change whom to reach",
    responses=shown(MERCHANT, "MERCHANT_NOT_FOUND", "VERSION_MISMATCH", "INVALID_MERCHANT", body=True),
)
async def update_merchant(request: Request, merchant_id: PathId, body: MerchantPatch) -> Response:
    """If-Match is honoured."""
    given = body.contact
    asked = pb.UpdateContactRequest(
        id=merchant_id,
        contact=pb.MerchantContact(name=given.name, phone=given.phone, email=given.email),
        if_version=if_version(request),
        merchant_id=asking(request).only_merchant,
    )
    answered = await ask(_merchants(request).UpdateContact, asked)
    return tagged(merchant(answered.merchant), answered.merchant.version)


async def _add(request: Request, merchant_id: str, told: pb.Paper, renews: str = "") -> Response:
    who = asking(request)
    asked = pb.AddLicenceRequest(id=merchant_id, paper=told, renews=renews, by=who.id, merchant_id=who.only_merchant)
    answered = await ask(_merchants(request).AddLicence, asked)
    return answer(licence(answered.licence), 201)


@router.post(
    "/v1/merchants/{merchant_id}/licences",
    status_code=201,
    summary="Add a licence",
    responses=shown(LICENCE, "MERCHANT_NOT_FOUND", "INVALID_LICENCE", status=201, body=True),
)
async def add_licence(request: Request, merchant_id: PathId, body: LicenceBody) -> Response:
    """It waits for review."""
    return await _add(request, merchant_id, pb.Paper(**body.model_dump()))


@router.post(
    "/v1/merchants/{merchant_id}/licences/{licence_id}/renew",
    status_code=201,
    summary="Renew a licence",
    responses=shown(LICENCE, "MERCHANT_NOT_FOUND", "LICENCE_NOT_FOUND", "INVALID_LICENCE", status=201, body=True),
)
async def renew_licence(request: Request, merchant_id: PathId, licence_id: PathId, body: RenewalBody) -> Response:
    """The new one waits for review; until it is accepted the old one stays in force to its last day."""
    return await _add(request, merchant_id, pb.Paper(**body.model_dump()), licence_id)


@router.post(
    "/v1/merchants/{merchant_id}/licences/{licence_id}/review",
    summary="Accept or revoke a licence",
    responses=shown(LICENCE, "MERCHANT_NOT_FOUND", "LICENCE_NOT_FOUND", "INVALID_LICENCE", body=True),
)
async def review_licence(
    request: Request, merchant_id: PathId, licence_id: PathId, body: LicenceReviewBody
) -> Response:
    """Listings that need a licence that is revoked come down."""
    asked = pb.ReviewLicenceRequest(
        id=merchant_id,
        licence_id=licence_id,
        accept=body.accept,
        reason=body.reason,
        categories=body.categories,
        by=asking(request).id,
    )
    answered = await ask(_merchants(request).ReviewLicence, asked)
    return answer(licence(answered.licence))


@router.post(
    "/v1/merchants/{merchant_id}/close",
    summary="Close a merchant",
    responses=shown(MERCHANT, "MERCHANT_NOT_FOUND", "INVALID_MERCHANT", body=True),
)
async def close_merchant(request: Request, merchant_id: PathId, body: ReasonBody) -> Response:
    """The owner's: everything it sells comes down, and nothing can be published."""
    asked = pb.CloseMerchantRequest(id=merchant_id, reason=body.reason, by=asking(request).id)
    answered = await ask_again(_merchants(request).CloseMerchant, asked)
    return tagged(merchant(answered.merchant), answered.merchant.version)


@router.post(
    "/v1/merchants/{merchant_id}/reopen",
    summary="Open a closed merchant again",
    responses=shown(MERCHANT, "MERCHANT_NOT_FOUND", "INVALID_MERCHANT", body=True),
)
async def reopen_merchant(request: Request, merchant_id: PathId, body: ReasonBody) -> Response:
    """The owner's: its listings may be published again."""
    asked = pb.ReopenMerchantRequest(id=merchant_id, reason=body.reason, by=asking(request).id)
    answered = await ask_again(_merchants(request).ReopenMerchant, asked)
    return tagged(merchant(answered.merchant), answered.merchant.version)
