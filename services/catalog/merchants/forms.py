"""This is where an application's form is looked at: every fault is named by its place in the form. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from services.catalog.fields import Faults

from .contacts import Contact, checked
from .credit_codes import is_credit_code
from .papers import BRAND, BUSINESS, TAX, Days, Paper, check_paper

_MOST_PAPERS = 50
PARTS = (
    "legal_name",
    "contact",
    "business_licence",
    "tax_registration",
    "brand_authorisations",
    "special_permits",
)


@dataclass
class Form:
    """Who wants to sell, and the papers that prove it."""

    legal_name: str
    contact: Contact
    business_licence: Paper  # its number is the unified social credit code
    tax_registration: Paper | None = None
    brand_authorisations: list[Paper] = field(default_factory=list)
    special_permits: list[Paper] = field(default_factory=list)

    @property
    def papers(self) -> list[tuple[str, Paper]]:
        """Every paper with its place in the form."""
        tax = [("/tax_registration", self.tax_registration)] if self.tax_registration else []
        brands = [(f"/brand_authorisations/{i}", each) for i, each in enumerate(self.brand_authorisations)]
        permits = [(f"/special_permits/{i}", each) for i, each in enumerate(self.special_permits)]
        return [("/business_licence", self.business_licence), *tax, *brands, *permits]


def check_form(faults: Faults, form: Form, days: Days, now: datetime) -> None:
    """Looks at a form and tidies it."""
    form.legal_name = faults.text("/legal_name", form.legal_name, 200, least=1)
    form.contact = checked(faults, "/contact", form.contact)
    form.business_licence.kind = BUSINESS
    form.business_licence.number = form.business_licence.number.strip().upper()
    if form.tax_registration:
        form.tax_registration.kind = TAX
    for name, papers in (
        ("brand_authorisations", form.brand_authorisations),
        ("special_permits", form.special_permits),
    ):
        if len(papers) > _MOST_PAPERS:
            faults.add(f"/{name}", f"must be at most {_MOST_PAPERS}")
    for i, paper in enumerate(form.brand_authorisations):
        paper.kind = BRAND
        if not paper.subject.strip():
            faults.add(f"/brand_authorisations/{i}/brand", "must not be empty")
    for i, paper in enumerate(form.special_permits):
        if paper.kind in (BUSINESS, TAX, BRAND):
            faults.add(f"/special_permits/{i}/kind", "has a place of its own in the form")
    for pointer, paper in form.papers:
        check_paper(faults, pointer, paper, days, now)
    if form.business_licence.number and not is_credit_code(form.business_licence.number):
        message = "is no unified social credit code (GB 32100-2015): the last character must fit the others"
        faults.add("/business_licence/number", message)
