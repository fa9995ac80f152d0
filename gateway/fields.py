"""This is where the parts of request bodies and addresses are bounded: text, ids, amounts, times."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from shop.type.v1.address_pb2 import Address, Region
from shop.type.v1.money_pb2 import Money
from shop.type.v1.page_pb2 import Page

from services.kit.clock import parse_time, rfc3339

ONE_LINE = r"^[^\x00-\x1f\x7f\u2028\u2029]*$"
_LINES = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
SKU = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
SLUG = r"^[a-z0-9][a-z0-9-]{0,63}$"
_MOST_MINOR = 10**12


class Body(BaseModel):
    """A request body: of the right types as they are, and nothing that is not asked for."""

    model_config = ConfigDict(strict=True, extra="forbid")


def _time_or_empty(text: str) -> str:
    return _time(text) if text else ""


def _time(text: str) -> str:
    try:
        return rfc3339(parse_time(text))
    except (ValueError, OverflowError):
        raise ValueError("not an RFC 3339 time with a zone") from None


Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE)]
LineOrEmpty = Annotated[str, StringConstraints(max_length=200, pattern=ONE_LINE)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=ONE_LINE)]
Text = Annotated[str, StringConstraints(max_length=20_000, pattern=_LINES)]
Url = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")]
PictureUrl = Annotated[
    str, StringConstraints(max_length=2_000, pattern=r"^(https?://[^\s\x00-\x1f\x7f]+|/v1/media/med_[0-9a-f]{26})$")
]
Sku = Annotated[str, StringConstraints(pattern=SKU)]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Time = Annotated[str, StringConstraints(max_length=40), AfterValidator(_time)]
TimeOrEmpty = Annotated[str, StringConstraints(max_length=40), AfterValidator(_time_or_empty)]
Email = Annotated[
    str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^\s\x00-\x1f\x7f@]+@[^\s\x00-\x1f\x7f@]+$")
]
Password = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=ONE_LINE)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=r"^[\x21-\x7e]+$")]
Six = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Count = Annotated[int, Field(ge=1, le=1_000_000)]

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Minor = Annotated[int, Field(ge=0, le=_MOST_MINOR)]

_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
PathId = Annotated[str, Path(pattern=_ID)]
PathSku = Annotated[str, Path(pattern=SKU)]
PathSlug = Annotated[str, Path(pattern=SLUG)]
PathCode = Annotated[str, Path(min_length=1, max_length=64, pattern=ONE_LINE)]
Id = Annotated[str, StringConstraints(pattern=_ID)]
QueryWord = Annotated[str, Query(max_length=64, pattern=ONE_LINE)]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
Cursor = Annotated[
    str, Query(max_length=1_000, pattern=r"^[\x21-\x7e]*$", description="`next_cursor` of the page before.")
]
Day = Annotated[str, Query(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", description="`YYYY-MM-DD`; empty for today.")]


def page_of(limit: int, cursor: str) -> Page:
    """Which page."""
    return Page(limit=limit, cursor=cursor)


class MoneyBody(Body):
    """An amount in whole minor units."""

    currency: Currency
    minor: Minor

    def told(self) -> Money:
        """As services take it."""
        return Money(currency=self.currency, minor=self.minor)


def money_or_none(amount: MoneyBody | None) -> Money | None:
    """As services take it."""
    return amount.told() if amount else None


class RegionBody(Body):
    """The part of an address that names nobody."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    province: LineOrEmpty = ""
    city: LineOrEmpty = ""
    district: LineOrEmpty = ""

    def told_region(self) -> Region:
        """As services take it."""
        return Region(country=self.country, province=self.province, city=self.city, district=self.district)


class AddressBody(RegionBody):
    """Where something is sent."""

    street: Line
    name: Name
    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()-]{4,24}$")]

    def told(self) -> Address:
        """As services take it."""
        return Address(
            country=self.country,
            province=self.province,
            city=self.city,
            district=self.district,
            street=self.street,
            name=self.name,
            phone=self.phone,
        )
