"""This is where somebody asks to sell in the shop, mends what was returned, and where the shop decides."""

from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field
from shop.catalog.v1 import merchant_applications_pb2 as pb

from gateway.answers import Json, paged, tagged, word
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, Line, PathId, Word, page_of
from gateway.idempotency import fingerprint_of, replayed, request_id_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.papers import CONTACT, PAPER, BrandBody, ContactBody, PaperBody, PermitBody, contact, paper
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("merchants")
_PATH = "/v1/merchants/applications"
State = Literal["", "submitted", "in_review", "approved", "returned", "rejected"]
_BUSINESS = {**PAPER, "kind": "business", "number": "91350100M000100Y43", "scope": "食品销售；日用品销售"}
APPLICATION = {
    "id": "app_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "returned",
    "legal_name": "厦门某某商贸有限公司",
    "contact": CONTACT,
    "business_licence": _BUSINESS,
    "tax_registration": None,
    "brand_authorisations": [{**PAPER, "kind": "brand", "subject": "青花"}],
    "special_permits": [PAPER],
    "missing": [{"pointer": "/business_licence/document", "message": "请上传营业执照"}],
    "reason": None,
    "merchant_id": None,
    "submitted_at": "2026-11-22T08:00:00.000Z",
    "updated_at": "2026-11-22T09:00:00.000Z",
    "reviewer": None,
    "version": 3,
}


class ApplicationBody(Body):
    """Who wants to sell, and the papers that prove it."""

    legal_name: Line
    contact: ContactBody
    business_licence: Annotated[
        PaperBody, Field(description="Its number is the unified social credit code, GB 32100-2015.")
    ]
    tax_registration: PaperBody | None = None
    brand_authorisations: list[BrandBody] = Field(default_factory=list, max_length=50)
    special_permits: list[PermitBody] = Field(default_factory=list, max_length=50)


class ApplicationPatch(Body):
    """A JSON Merge Patch: each part that is there replaces the one before."""

    legal_name: Line | None = None
    contact: ContactBody | None = None
    business_licence: PaperBody | None = None
    tax_registration: PaperBody | None = None
    brand_authorisations: Annotated[list[BrandBody], Field(max_length=50)] | None = None
    special_permits: Annotated[list[PermitBody], Field(max_length=50)] | None = None


class ApprovalBody(Body):
    """What the reviewer read off the business licence."""

    categories: list[Word] = Field(default_factory=list, max_length=200, description="What its scope covers.")


class MissingBody(Body):
    """Something to mend."""

    pointer: Annotated[Line, Field(description="Where in the form, as a JSON pointer.")]
    message: Line


class ReturnBody(Body):
    """What is missing, field by field."""

    missing: Annotated[list[MissingBody], Field(min_length=1, max_length=50)]


class RejectionBody(Body):
    """Why not."""

    reason: Line


def told(body: ApplicationBody | ApplicationPatch) -> pb.ApplicationForm:
    """As catalog takes it."""
    return pb.ApplicationForm(
        legal_name=body.legal_name or "",
        contact=body.contact.told() if body.contact else None,
        business_licence=body.business_licence.told() if body.business_licence else None,
        tax_registration=body.tax_registration.told() if body.tax_registration else None,
        brand_authorisations=[each.told() for each in body.brand_authorisations or ()],
        special_permits=[each.told() for each in body.special_permits or ()],
    )


def application(of: pb.Application, *, staff: bool = False) -> Json:
    """An application; who looks at it is the shop's own business."""
    form = of.form
    return {
        "id": of.id,
        "state": word(pb.ApplicationState.Name(of.state), "APPLICATION_STATE_"),
        "legal_name": form.legal_name,
        "contact": contact(form.contact),
        "business_licence": paper(form.business_licence),
        "tax_registration": paper(form.tax_registration) if form.HasField("tax_registration") else None,
        "brand_authorisations": [paper(row) for row in form.brand_authorisations],
        "special_permits": [paper(row) for row in form.special_permits],
        "missing": [{"pointer": row.pointer, "message": row.message} for row in of.missing],
        "reason": of.reason or None,
        "merchant_id": of.merchant_id or None,
        "submitted_at": of.submitted_at,
        "updated_at": of.updated_at,
        "reviewer": (of.reviewer or None) if staff else None,
        "version": of.version,
    }


def _applications(request: Request) -> Any:
    return request.app.state.gateway.neighbours.merchant_applications


@router.post(
    _PATH,
    status_code=201,
    summary="Ask to sell in the shop",
    responses=shown(
        APPLICATION,
        "INVALID_APPLICATION",
        "KEY_REUSED",
        "IDEMPOTENCY_KEY_MISSING",
        status=201,
        text="Handed in. Whoever has the id is its holder.",
        body=True,
    ),
)
async def apply_as_merchant(request: Request, body: ApplicationBody) -> Response:
    """Open to anybody; needs an Idempotency-Key. Keep the id: with it the application is looked at and mended."""
    asked = pb.ApplyRequest(
        form=told(body),
        request_id=request_id_of(request, body.business_licence.number, "merchants.apply"),
        fingerprint=fingerprint_of(request),
    )
    answered = await ask_again(_applications(request).Apply, asked, STAFF_S)
    location = {"location": f"{_PATH}/{answered.application.id}", **replayed(answered.replayed)}
    return tagged(application(answered.application), answered.application.version, 201, location)


@router.get(
    _PATH,
    summary="Who asks to sell",
    responses=shown({"items": [APPLICATION], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_merchant_applications(
    request: Request, state: State = "", limit: Limit = 20, cursor: Cursor = ""
) -> Response:
    """Newest first; contacts are masked here."""
    wanted = pb.ApplicationState.Value(f"APPLICATION_STATE_{(state or 'unspecified').upper()}")
    asked = pb.ListApplicationsRequest(state=wanted, page=page_of(limit, cursor))
    answered = await ask_again(_applications(request).ListApplications, asked)
    items = [application(row, staff=True) for row in answered.applications]
    return paged(request, "items", items, answered.next_cursor)


@router.get(
    _PATH + "/{application_id}", summary="An application", responses=shown(APPLICATION, "APPLICATION_NOT_FOUND")
)
async def get_merchant_application(request: Request, application_id: PathId) -> Response:
    """For its holder, with the contact masked; for who reviews it, in clear."""
    staff = asking(request).staff
    asked = pb.GetApplicationRequest(id=application_id, reveal=staff)
    answered = await ask_again(_applications(request).GetApplication, asked)
    return tagged(application(answered.application, staff=staff), answered.application.version)


@router.patch(
    _PATH + "/{application_id}",
    summary="Mend an application",
    responses=shown(
        APPLICATION, "APPLICATION_NOT_FOUND", "APPLICATION_SETTLED", "INVALID_APPLICATION", text="Handed in.", body=True
    ),
)
async def amend_merchant_application(request: Request, application_id: PathId, body: ApplicationPatch) -> Response:
    """For its holder, while nobody has taken it up or when it was returned. It is handed in again."""
    asked = pb.AmendApplicationRequest(id=application_id, form=told(body), parts=sorted(body.model_fields_set))
    answered = await ask(_applications(request).AmendApplication, asked)
    return tagged(application(answered.application), answered.application.version)


async def _rule(request: Request, application_id: str, verdict: str, **more: Any) -> Response:
    asked = pb.ReviewApplicationRequest(
        id=application_id,
        verdict=pb.ApplicationVerdict.Value(f"APPLICATION_VERDICT_{verdict}"),
        if_version=if_version(request),
        by=asking(request).id,
        **more,
    )
    answered = await ask(_applications(request).ReviewApplication, asked, STAFF_S)
    return tagged(application(answered.application, staff=True), answered.application.version)


_DECIDED = ("APPLICATION_NOT_FOUND", "APPLICATION_SETTLED", "VERSION_MISMATCH")


@router.post(_PATH + "/{application_id}/review", summary="Take it up", responses=shown(APPLICATION, *_DECIDED))
async def take_up_merchant_application(request: Request, application_id: PathId) -> Response:
    """`submitted` → `in_review`: from now on its holder changes nothing. If-Match is honoured, here and below."""
    return await _rule(request, application_id, "TAKE_UP")


@router.post(
    _PATH + "/{application_id}/approve",
    summary="Approve it",
    responses=shown(
        APPLICATION, *_DECIDED, "APPLICATION_INCOMPLETE", "INVALID_APPLICATION", "MERCHANT_EXISTS", body=True
    ),
)
async def approve_merchant_application(
    request: Request, application_id: PathId, body: ApprovalBody | None = None
) -> Response:
    """It becomes a merchant whose papers are accepted. `categories`: what the business licence's scope covers."""
    return await _rule(request, application_id, "APPROVE", categories=body.categories if body else ())


@router.post(
    _PATH + "/{application_id}/return",
    summary="Return it to its holder",
    responses=shown(APPLICATION, *_DECIDED, "INVALID_APPLICATION", body=True),
)
async def return_merchant_application(request: Request, application_id: PathId, body: ReturnBody) -> Response:
    """With what is missing, field by field."""
    missing = [pb.Missing(pointer=row.pointer, message=row.message) for row in body.missing]
    return await _rule(request, application_id, "RETURN", missing=missing)


@router.post(
    _PATH + "/{application_id}/reject",
    summary="Reject it",
    responses=shown(APPLICATION, *_DECIDED, "INVALID_APPLICATION", body=True),
)
async def reject_merchant_application(request: Request, application_id: PathId, body: RejectionBody) -> Response:
    """For good, with a reason."""
    return await _rule(request, application_id, "REJECT", reason=body.reason)
