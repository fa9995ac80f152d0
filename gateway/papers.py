"""This is where the papers of merchants are read and shown: licences, permits, authorisations, and whom to reach."""

from typing import Annotated

from pydantic import Field, StringConstraints
from shop.catalog.v1 import merchants_pb2 as pb

from gateway.answers import Json
from gateway.fields import ONE_LINE, Body, Email, Line, LineOrEmpty, Name, Text, Word

Day = Annotated[str, StringConstraints(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
Document = Annotated[str, StringConstraints(max_length=2_000, pattern=ONE_LINE)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()-]{4,24}$")]
CONTACT = {"name": "王小明", "phone": "+8613812345678", "email": "wang@example.com"}
PAPER = {
    "kind": "food",
    "number": "JY11105000000001",
    "subject": None,
    "scope": "预包装食品销售",
    "categories": ["food"],
    "valid_from": "2026-01-01",
    "valid_until": "2030-12-31",
    "document": "https://cdn.example.com/permit.pdf",
}


class ContactBody(Body):
    """Whom to reach."""

    name: Name
    phone: Phone
    email: Email

    def told(self) -> pb.MerchantContact:
        """As catalog takes it."""
        return pb.MerchantContact(name=self.name, phone=self.phone, email=self.email)


class PaperBody(Body):
    """A paper as it is printed. `categories` are those its scope covers, all below them included; `*` for all."""

    number: Line
    scope: Text = ""
    categories: list[Word] = Field(default_factory=list, max_length=200)
    valid_from: Day = ""
    valid_until: Annotated[Day, Field(description="The last day; empty for one that does not end.")] = ""
    document: Annotated[Document, Field(description="An http(s) address or a media id.")] = ""

    def told(self, kind: str = "", subject: str = "") -> pb.Paper:
        """As catalog takes it."""
        return pb.Paper(
            kind=kind,
            number=self.number,
            subject=subject,
            scope=self.scope,
            categories=self.categories,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            document=self.document,
        )


class BrandBody(PaperBody):
    """A brand's authorisation; not all have a number."""

    brand: Line
    number: LineOrEmpty = ""

    def told(self, kind: str = "brand", subject: str = "") -> pb.Paper:
        """As catalog takes it."""
        return super().told(kind, self.brand)


class PermitBody(PaperBody):
    """A special permit of a kind: `food`, `medical_device` …."""

    kind: Word

    def told(self, kind: str = "", subject: str = "") -> pb.Paper:
        """As catalog takes it."""
        return super().told(self.kind)


def paper(of: pb.Paper) -> Json:
    """A paper."""
    return {
        "kind": of.kind,
        "number": of.number,
        "subject": of.subject or None,
        "scope": of.scope,
        "categories": list(of.categories),
        "valid_from": of.valid_from or None,
        "valid_until": of.valid_until or None,
        "document": of.document or None,
    }


def contact(of: pb.MerchantContact) -> Json | None:
    """Whom to reach; None when nobody said."""
    return {"name": of.name, "phone": of.phone, "email": of.email} if of.name else None
