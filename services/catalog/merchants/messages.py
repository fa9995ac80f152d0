"""This is where merchants, applications and requirements meet protobuf."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shop.catalog.v1 import merchant_applications_pb2 as app
from shop.catalog.v1 import merchants_pb2 as pb
from shop.catalog.v1 import requirements_pb2 as req

from services.kit.clock import rfc3339
from services.kit.errors import FieldError

from .applications import Application
from .contacts import Contact
from .forms import Form
from .licences import Licence, LicenceState
from .merchants import Merchant
from .papers import KINDS, Paper
from .points import Penalty, PenaltyState, Standing, Thresholds
from .rulings import ApplicationState, InvalidApplication, Missing, Ruling, Verdict

_STANDINGS = {each: pb.MerchantStanding.Value(f"MERCHANT_STANDING_{each.name}") for each in Standing}
_LICENCES = {each: pb.LicenceState.Value(f"LICENCE_STATE_{each.name}") for each in LicenceState}
_PENALTIES = {each: pb.PenaltyState.Value(f"PENALTY_STATE_{each.name}") for each in PenaltyState}
_STATES = {each: app.ApplicationState.Value(f"APPLICATION_STATE_{each.name}") for each in ApplicationState}
_VERDICTS = {app.ApplicationVerdict.Value(f"APPLICATION_VERDICT_{each.name}"): each for each in Verdict}


def merchant(kept: Merchant, contact: Contact, thresholds: Thresholds, now: datetime) -> pb.Merchant:
    """A merchant as it is now."""
    return pb.Merchant(
        id=kept.id,
        legal_name=kept.legal_name,
        credit_code=kept.credit_code,
        contact=_contact(contact),
        standing=_STANDINGS[kept.standing(thresholds, now)],
        points=kept.points(now),
        licences=[licence(each, now) for each in kept.licences],
        penalties=[penalty(each, now) for each in kept.penalties],
        closed_reason=kept.closure.reason if kept.closure else "",
        since=rfc3339(kept.since),
        version=kept.version,
    )


def licence(kept: Licence, now: datetime) -> pb.Licence:
    """A licence as it is now."""
    return pb.Licence(
        id=kept.id,
        paper=_paper(kept.paper),
        state=_LICENCES[kept.state(now)],
        reason=kept.reason,
        renews=kept.renews,
        added_at=rfc3339(kept.added_at),
        reviewed_by=kept.reviewed_by,
        reviewed_at=rfc3339(kept.reviewed_at),
    )


def penalty(kept: Penalty, now: datetime) -> pb.Penalty:
    """Points as they are now."""
    return pb.Penalty(
        id=kept.id,
        points=kept.points,
        reason=kept.reason,
        evidence=kept.evidence,
        product_id=kept.product_id,
        at=rfc3339(kept.at),
        expires_at=rfc3339(kept.expires_at),
        by=kept.by,
        state=_PENALTIES[kept.state(now)],
        appeal=kept.appeal,
        appealed_at=rfc3339(kept.appealed_at),
        decision=kept.decision,
        decided_by=kept.decided_by,
        decided_at=rfc3339(kept.decided_at),
    )


def asked_penalty(request: pb.GivePenaltyRequest) -> Penalty:
    """Points as somebody would have them."""
    never = datetime.fromtimestamp(0, UTC)
    return Penalty(
        id="",
        points=request.points,
        reason=request.reason,
        evidence=request.evidence,
        product_id=request.product_id,
        at=never,
        expires_at=never,
        by=request.by,
        request_id=request.request_id,
        fingerprint=request.fingerprint,
    )


def application(kept: Application, contact: Contact) -> app.Application:
    """An application."""
    return app.Application(
        id=kept.id,
        state=_STATES[kept.state],
        form=app.ApplicationForm(
            legal_name=kept.legal_name,
            contact=_contact(contact),
            business_licence=_paper(kept.business_licence),
            tax_registration=_paper(kept.tax_registration) if kept.tax_registration else None,
            brand_authorisations=[_paper(each) for each in kept.brand_authorisations],
            special_permits=[_paper(each) for each in kept.special_permits],
        ),
        missing=[app.Missing(pointer=each.pointer, message=each.message) for each in kept.missing],
        reason=kept.reason,
        merchant_id=kept.merchant_id,
        submitted_at=rfc3339(kept.submitted_at),
        updated_at=rfc3339(kept.updated_at),
        reviewer=kept.reviewer,
        version=kept.version,
    )


def form(said: app.ApplicationForm) -> Form:
    """What somebody says of themselves."""
    return Form(
        said.legal_name,
        told_contact(said.contact),
        paper(said.business_licence),
        paper(said.tax_registration) if said.HasField("tax_registration") else None,
        [paper(each) for each in said.brand_authorisations],
        [paper(each) for each in said.special_permits],
    )


def ruling(request: app.ReviewApplicationRequest) -> Ruling:
    """A verdict. Refuses with INVALID_APPLICATION when it is none we know."""
    if request.verdict not in _VERDICTS:
        errors = [FieldError("/verdict", "must be take_up, approve, return or reject")]
        raise InvalidApplication("no such verdict", errors=errors)
    return Ruling(
        _VERDICTS[request.verdict],
        request.by,
        [Missing(each.pointer, each.message) for each in request.missing],
        request.reason,
        list(request.categories),
        request.if_version,
    )


def state(asked: app.ApplicationState.ValueType) -> ApplicationState | None:
    """The state asked for; None for all."""
    return next((each for each, value in _STATES.items() if value == asked), None)


def paper(said: pb.Paper) -> Paper:
    """A paper as somebody describes it."""
    return Paper(
        said.kind,
        said.number,
        said.subject,
        said.scope,
        list(said.categories),
        said.valid_from,
        said.valid_until,
        said.document,
    )


def told_contact(said: pb.MerchantContact) -> Contact:
    """Whom to reach."""
    return Contact(said.name, said.phone, said.email)


def requirements(demanded: Sequence[tuple[str, str]]) -> list[req.Requirement]:
    """What a category demands."""
    return [
        req.Requirement(kind=kind, en=KINDS[kind][0], zh=KINDS[kind][1], category=category)
        for kind, category in demanded
    ]


def _contact(kept: Contact) -> pb.MerchantContact:
    return pb.MerchantContact(name=kept.name, phone=kept.phone, email=kept.email)


def _paper(kept: Paper) -> pb.Paper:
    return pb.Paper(
        kind=kept.kind,
        number=kept.number,
        subject=kept.subject,
        scope=kept.scope,
        categories=kept.categories,
        valid_from=kept.valid_from,
        valid_until=kept.valid_until,
        document=kept.document,
    )
