"""This is where somebody asks to sell in the shop, and the shop decides (P01)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.catalog.categories import Categories
from services.catalog.fields import Faults
from services.catalog.store import NotAsSeen, Table, together
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, NotFound, VersionMismatch, WrongState
from services.kit.ids import new_id
from services.kit.seal import Seal
from services.kit.store import decode_cursor, encode_cursor, found

from .contacts import Contact, sealed, unsealed
from .forms import PARTS, Form, check_form
from .licences import Licence, Review, new_licence
from .licensing import check_categories
from .merchants import Merchant
from .papers import ALL, Days, Paper
from .penalties import KeyReused
from .rulings import (
    OPEN,
    TARGETS,
    WITH_HOLDER,
    ApplicationState,
    InvalidApplication,
    Missing,
    Ruling,
    Verdict,
    check_ruling,
)

_MOST = 100


class ApplicationNotFound(NotFound):
    """There is no such application."""


class ApplicationSettled(WrongState):
    """It is being looked at, or was decided."""


class ApplicationIncomplete(WrongState):
    """Without that it cannot be approved: return it."""


class MerchantExists(AlreadyExists):
    """Its credit code is a merchant's already."""


@dataclass
class Application:
    """An application; whoever has its id is its holder."""

    id: str
    legal_name: str
    contact: bytes  # sealed
    business_licence: Paper
    tax_registration: Paper | None
    brand_authorisations: list[Paper]
    special_permits: list[Paper]
    request_id: str
    fingerprint: bytes
    submitted_at: datetime
    updated_at: datetime
    state: ApplicationState = ApplicationState.SUBMITTED
    missing: list[Missing] = field(default_factory=list)
    reason: str = ""
    reviewer: str = ""
    merchant_id: str = ""
    version: int = 0


class Applications:
    """Takes applications in and decides them."""

    def __init__(
        self,
        applications: Table[Application],
        merchants: Table[Merchant],
        categories: Categories,
        seal: Seal,
        days: Days,
        clock: Clock,
    ) -> None:
        self._applications, self._merchants, self._categories = applications, merchants, categories
        self._seal, self._days, self._clock = seal, days, clock

    async def apply(self, form: Form, request_id: str, fingerprint: bytes) -> tuple[Application, bool]:
        """Hands one in, once a request id, and whether it was before. Refuses with INVALID_APPLICATION, KEY_REUSED."""
        await self._check(form)
        now, key = self._clock.now(), new_id("app")
        contact = sealed(self._seal, form.contact, key)
        application = Application(
            id=key,
            legal_name=form.legal_name,
            contact=contact,
            business_licence=form.business_licence,
            tax_registration=form.tax_registration,
            brand_authorisations=form.brand_authorisations,
            special_permits=form.special_permits,
            request_id=request_id or key,
            fingerprint=fingerprint,
            submitted_at=now,
            updated_at=now,
        )
        try:
            return await self._applications.insert(application), False
        except AlreadyExists:
            there = await self._applications.one({"request_id": request_id})
        if there is None or there.fingerprint != fingerprint:
            raise KeyReused("this key was used for another request")
        return there, True

    async def amend(self, application_id: str, said: Form, parts: Sequence[str]) -> Application:
        """The holder replaces parts of the form, and it is handed in again.

        Refuses with APPLICATION_NOT_FOUND, APPLICATION_SETTLED, INVALID_APPLICATION.
        """
        if unknown := set(parts) - set(PARTS):
            raise InvalidApplication("no such parts", errors=[FieldError(f"/{each}", "is no part") for each in unknown])
        application = await self.get(application_id)
        if application.state not in WITH_HOLDER:
            raise ApplicationSettled(f"it is {application.state.value}", state=application.state.value)
        form = self.form_of(application)
        for part in parts:
            setattr(form, part, getattr(said, part))
        await self._check(form)
        for part in PARTS:
            if part != "contact":
                setattr(application, part, getattr(form, part))
        application.contact = sealed(self._seal, form.contact, application.id)
        application.state, application.missing = ApplicationState.SUBMITTED, []
        application.updated_at = self._clock.now()
        try:
            return await self._applications.save(application)
        except VersionMismatch:
            raise ApplicationSettled("somebody has just taken it up, or it was changed") from None

    async def review(self, application_id: str, ruling: Ruling) -> Application:
        """Takes it up, approves, returns or rejects it, by one conditional write; again changes nothing.

        Refuses with APPLICATION_NOT_FOUND, APPLICATION_SETTLED, APPLICATION_INCOMPLETE, VERSION_MISMATCH,
        INVALID_APPLICATION, MERCHANT_EXISTS.
        """
        check_ruling(ruling)
        application = await self.get(application_id)
        if application.state is TARGETS[ruling.verdict]:
            return application
        if ruling.if_version and application.version != ruling.if_version:
            raise VersionMismatch(f"{application_id} has changed since version {ruling.if_version}")
        if application.state not in OPEN:
            raise ApplicationSettled(f"it is {application.state.value}", state=application.state.value)
        try:
            if ruling.verdict is Verdict.APPROVE:
                await self._approve(application, ruling)
            else:
                await together((self._applications, [self._applications.changing(*self._ruled(application, ruling))]))
        except NotAsSeen:
            raise VersionMismatch(f"{application_id} was changed by somebody else") from None
        return await self.get(application_id)

    async def get(self, application_id: str) -> Application:
        """Refuses with APPLICATION_NOT_FOUND."""
        return found(await self._applications.get(application_id), ApplicationNotFound("there is no such application"))

    async def page(self, state: ApplicationState | None, limit: int, cursor: str) -> tuple[list[Application], str]:
        """Newest first, in one state or all, and where the next page starts."""
        size = min(limit or 20, _MOST)
        where: dict[str, object] = {"_id": {"$lt": decode_cursor(cursor, 1)[0]}} if cursor else {}
        if state:
            where["state"] = state.value
        items = await self._applications.find(where, [("_id", -1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""

    def contact(self, application: Application, *, reveal: bool) -> Contact:
        """Whom to reach; masked unless `reveal`."""
        contact = unsealed(self._seal, application.contact, application.id)
        return contact if reveal else contact.masked

    def form_of(self, application: Application) -> Form:
        """What was said, the contact in clear."""
        return Form(
            application.legal_name,
            self.contact(application, reveal=True),
            application.business_licence,
            application.tax_registration,
            application.brand_authorisations,
            application.special_permits,
        )

    def _ruled(self, application: Application, ruling: Ruling) -> tuple[dict[str, Any], dict[str, Any]]:
        """The conditional update a verdict is."""
        kept = {
            "state": TARGETS[ruling.verdict].value,
            "missing": [{"pointer": each.pointer, "message": each.message} for each in ruling.missing],
            "reason": ruling.reason,
            "reviewer": ruling.by,
            "updated_at": self._clock.now(),
        }
        return {"_id": application.id, "version": application.version}, {"$set": kept}

    async def _approve(self, application: Application, ruling: Ruling) -> None:
        """It becomes a merchant, in one transaction with the verdict."""
        merchant = await self._merchant_of(application, ruling)
        where, update = self._ruled(application, ruling)
        update["$set"]["merchant_id"] = merchant.id
        try:
            await together(
                (self._applications, [self._applications.changing(where, update)]),
                (self._merchants, [self._merchants.inserting(merchant)]),
            )
        except AlreadyExists as taken:
            raise MerchantExists("there is a merchant of this credit code already") from taken

    async def _merchant_of(self, application: Application, ruling: Ruling) -> Merchant:
        business, faults = application.business_licence, Faults()
        await check_categories(faults, "/categories", self._categories, ruling.categories)
        faults.refuse(InvalidApplication)
        business.categories = list(ruling.categories) or business.categories
        lacking = [
            FieldError(f"/business_licence/{name}", "must not be empty")
            for name in ("document", "categories")
            if not getattr(business, name)
        ]
        if lacking:
            raise ApplicationIncomplete("the business licence is not complete", errors=lacking)
        now, merchant_id = self._clock.now(), new_id("mer")
        contact = sealed(self._seal, self.contact(application, reveal=True), merchant_id)
        licences = [self._accepted(paper, ruling.by, now) for _, paper in self.form_of(application).papers]
        return Merchant(merchant_id, application.legal_name, business.number, contact, now, licences, due_at=now)

    def _accepted(self, paper: Paper, by: str, now: datetime) -> Licence:
        licence = new_licence(paper, self._days, now, by)
        paper.categories = paper.categories or [ALL]
        licence.review, licence.reviewed_by, licence.reviewed_at = Review.ACCEPTED, by, now
        return licence

    async def _check(self, form: Form) -> None:
        faults = Faults()
        check_form(faults, form, self._days, self._clock.now())
        for pointer, paper in form.papers:
            await check_categories(faults, f"{pointer}/categories", self._categories, paper.categories)
        faults.refuse(InvalidApplication)
