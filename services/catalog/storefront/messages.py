"""This is where the storefront meets protobuf."""

from collections.abc import Iterable, Sequence

from shop.catalog.v1 import pages_pb2, scarcity_pb2, store_pb2, storefront_pb2

from services.catalog.messages.products import card
from services.kit.clock import parse_time, rfc3339
from services.kit.errors import FieldError

from .drafts import Shot
from .front import Shown
from .hours import Holiday, Opening, Span, Weekday
from .modules import InvalidModules, Module, ModuleKind
from .profile import ONE, Member, Place, Profile
from .scarcity import Scarcity
from .sections import InvalidPageContent, ProductPage, Section, SectionKind, missing
from .sold import Sold


def sections(said: Iterable[pages_pb2.PageSection]) -> list[Section]:
    """The sections of a page. Refuses with INVALID_PAGE_CONTENT."""
    taken = []
    for number, each in enumerate(said):
        if each.kind not in set(SectionKind):
            message = f"must be of {', '.join(SectionKind)}"
            raise InvalidPageContent("no such section", errors=[FieldError(f"/sections/{number}/kind", message)])
        taken.append(Section(SectionKind(each.kind), each.title, each.text, list(each.media_ids)))
    return taken


def _sections(kept: Iterable[Section]) -> list[pages_pb2.PageSection]:
    return [
        pages_pb2.PageSection(kind=each.kind.value, title=each.title, text=each.text, media_ids=each.media_ids)
        for each in kept
    ]


def page(kept: ProductPage, sold: Sold) -> pages_pb2.ProductPage:
    """A product's page."""
    return pages_pb2.ProductPage(
        product_id=kept.id,
        sections=_sections(kept.sections),
        missing=missing(kept.sections),
        sold=_sold(sold),
        updated_at=rfc3339(kept.updated_at),
        version=kept.version,
    )


def _sold(kept: Sold) -> pages_pb2.SoldRecently:
    return pages_pb2.SoldRecently(units=kept.units, orders=kept.orders, days=kept.days)


def draft(made: Sequence[Section], shots: Iterable[Shot]) -> pages_pb2.DraftPageResponse:
    """A draft for a person."""
    return pages_pb2.DraftPageResponse(
        sections=_sections(made),
        missing=missing(made),
        storyboard=[
            pages_pb2.Shot(at_s=each.at_s, seconds=each.seconds, media_url=each.media_url, caption=each.caption)
            for each in shots
        ],
    )


def scarcity(found: Scarcity) -> scarcity_pb2.GetScarcityResponse:
    """What is true now."""
    return scarcity_pb2.GetScarcityResponse(
        available=found.available,
        sold=_sold(found.sold),
        remarks=[scarcity_pb2.Remark(kind=each.kind, en=each.en, zh=each.zh) for each in found.remarks],
    )


def profile(said: store_pb2.Store, by: str) -> Profile:
    """The shop's profile as somebody would have it; the time is set when it is kept."""
    place = said.place
    return Profile(
        id=ONE,
        name=said.name,
        place=Place(place.country, place.province, place.city, place.district, place.street),
        phone=said.phone,
        time_zone=said.time_zone,
        hours=[Weekday(each.weekday, _taken(each.spans)) for each in said.hours],
        holidays=[Holiday(each.day, each.name, _taken(each.spans)) for each in said.holidays],
        photos=list(said.photos),
        logo=said.logo,
        intro=said.intro,
        history=said.history,
        team=[Member(each.name, each.role, each.photo) for each in said.team],
        by=by,
    )


def _taken(spans: Iterable[store_pb2.Span]) -> list[Span]:
    return [Span(each.opens, each.closes) for each in spans]


def store(kept: Profile, now: Opening) -> store_pb2.Store:
    """The profile, and whether the shop is open."""
    place = kept.place
    return store_pb2.Store(
        name=kept.name,
        place=store_pb2.Place(
            country=place.country,
            province=place.province,
            city=place.city,
            district=place.district,
            street=place.street,
        ),
        phone=kept.phone,
        time_zone=kept.time_zone,
        hours=[store_pb2.Weekday(weekday=each.weekday, spans=_spans(each.spans)) for each in kept.hours],
        holidays=[store_pb2.Holiday(day=each.day, name=each.name, spans=_spans(each.spans)) for each in kept.holidays],
        photos=kept.photos,
        logo=kept.logo,
        intro=kept.intro,
        history=kept.history,
        team=[store_pb2.Member(name=each.name, role=each.role, photo=each.photo) for each in kept.team],
        open_now=now.open_now,
        changes_at=rfc3339(now.changes_at),
        updated_at=rfc3339(kept.updated_at),
        version=kept.version,
    )


def _spans(kept: Iterable[Span]) -> list[store_pb2.Span]:
    return [store_pb2.Span(opens=each.opens, closes=each.closes) for each in kept]


def modules(said: Iterable[storefront_pb2.Module]) -> list[Module]:
    """Modules as somebody would have them. Refuses with INVALID_MODULES."""
    return [_module(f"/modules/{number}", each) for number, each in enumerate(said)]


def _module(pointer: str, said: storefront_pb2.Module) -> Module:
    if said.kind not in set(ModuleKind):
        message = f"must be of {', '.join(ModuleKind)}"
        raise InvalidModules("no such module", errors=[FieldError(f"{pointer}/kind", message)])
    try:
        begin, end = parse_time(said.valid_from), parse_time(said.valid_until)
    except ValueError as wrong:
        raise InvalidModules("not a time", errors=[FieldError(f"{pointer}/valid_from", str(wrong))]) from None
    return Module(
        id=said.id,
        kind=ModuleKind(said.kind),
        title=said.title,
        text=said.text,
        media_id=said.media_id,
        link=said.link,
        category=said.category,
        product_ids=list(said.product_ids),
        promotion_id=said.promotion_id,
        limit=said.limit,
        valid_from=begin,
        valid_until=end,
    )


def module(kept: Module) -> storefront_pb2.Module:
    """A module as it was set up."""
    return storefront_pb2.Module(
        id=kept.id,
        kind=kept.kind.value,
        title=kept.title,
        text=kept.text,
        media_id=kept.media_id,
        link=kept.link,
        category=kept.category,
        product_ids=kept.product_ids,
        promotion_id=kept.promotion_id,
        limit=kept.limit,
        valid_from=rfc3339(kept.valid_from),
        valid_until=rfc3339(kept.valid_until),
    )


def front(shown: Iterable[Shown]) -> storefront_pb2.GetStorefrontResponse:
    """The front page as it is now."""
    return storefront_pb2.GetStorefrontResponse(
        modules=[
            storefront_pb2.ShownModule(module=module(each.module), items=[card(item) for item in each.items])
            for each in shown
        ]
    )
