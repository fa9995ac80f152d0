"""This is where the shop's profile is written and shown."""

from collections.abc import Iterable
from typing import Annotated

import orjson
from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.catalog.v1 import store_pb2 as pb

from gateway.answers import Json, tagged
from gateway.described import feature, shown
from gateway.fields import Body, Id, Line, LineOrEmpty, Name, RegionBody, Text, Word
from gateway.neighbours import BROWSE_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.products import shelved

router = feature("store")
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-4]):[0-5][0-9]$")]
Date = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_PICTURE = {"id": "med_2b61c80f5a1d49e3a7c0d4f1b9", "url": "/v1/media/med_2b61c80f5a1d49e3a7c0d4f1b9"}
_SPAN = {"opens": "09:00", "closes": "18:00"}
STORE = {
    "name": "青瓷阁 Celadon House",
    "address": {
        "country": "CN",
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "street": "文三路 90 号",
    },
    "phone": "+8657112345678",
    "time_zone": "Asia/Shanghai",
    "hours": [{"weekday": 1, "spans": [_SPAN]}],
    "holidays": [{"day": "2026-10-01", "name": "国庆节", "spans": [_SPAN]}],
    "photos": [_PICTURE],
    "logo": _PICTURE,
    "intro": "Tea ware from Longquan.",
    "history": "Founded in 1998.",
    "team": [{"name": "王小明", "role": "Founder", "photo": _PICTURE}],
    "open_now": True,
    "changes_at": "2026-11-23T10:00:00.000Z",
    "updated_at": "2026-11-22T08:00:00.000Z",
    "version": 2,
}


class PlaceBody(RegionBody):
    """Where the shop is."""

    street: LineOrEmpty = ""


class SpanBody(Body):
    """From when to when, in the shop's time zone; past midnight when it closes before it opens."""

    opens: Clock
    closes: Clock


class WeekdayBody(Body):
    """A weekday's hours: 1 for Monday to 7 for Sunday."""

    weekday: Annotated[int, Field(ge=1, le=7)]
    spans: list[SpanBody] = Field(default_factory=list, max_length=6)


class HolidayBody(Body):
    """A day that is not as its weekday; without spans it is closed."""

    day: Date
    name: LineOrEmpty = ""
    spans: list[SpanBody] = Field(default_factory=list, max_length=6)


class MemberBody(Body):
    """Somebody of the team."""

    name: Name
    role: LineOrEmpty = ""
    photo: Id | None = None


class StoreBody(Body):
    """What the shop says of itself. Pictures are ids of the library; weekdays left out are closed."""

    name: Line
    address: PlaceBody
    phone: Annotated[str, StringConstraints(pattern=r"^(\+?[0-9][0-9 ()-]{4,24})?$")] = ""
    time_zone: Word
    hours: list[WeekdayBody] = Field(default_factory=list, max_length=7)
    holidays: list[HolidayBody] = Field(default_factory=list, max_length=200)
    photos: list[Id] = Field(default_factory=list, max_length=30)
    logo: Id | None = None
    intro: Text = ""
    history: Text = ""
    team: list[MemberBody] = Field(default_factory=list, max_length=100)

    def told(self) -> pb.Store:
        """As catalog takes it."""
        return pb.Store(
            name=self.name,
            place=pb.Place(**self.address.model_dump()),
            phone=self.phone,
            time_zone=self.time_zone,
            hours=[pb.Weekday(weekday=each.weekday, spans=_told(each.spans)) for each in self.hours],
            holidays=[pb.Holiday(day=each.day, name=each.name, spans=_told(each.spans)) for each in self.holidays],
            photos=self.photos,
            logo=self.logo or "",
            intro=self.intro,
            history=self.history,
            team=[pb.Member(name=each.name, role=each.role, photo=each.photo or "") for each in self.team],
        )


def _told(spans: Iterable[SpanBody]) -> list[pb.Span]:
    return [pb.Span(opens=each.opens, closes=each.closes) for each in spans]


def store(of: pb.Store) -> Json:
    """The profile."""
    place = of.place
    return {
        "name": of.name,
        "address": {
            "country": place.country,
            "province": place.province,
            "city": place.city,
            "district": place.district,
            "street": place.street,
        },
        "phone": of.phone,
        "time_zone": of.time_zone,
        "hours": [{"weekday": each.weekday, "spans": _spans(each.spans)} for each in of.hours],
        "holidays": [{"day": each.day, "name": each.name, "spans": _spans(each.spans)} for each in of.holidays],
        "photos": [_picture(key) for key in of.photos],
        "logo": _picture(of.logo),
        "intro": of.intro,
        "history": of.history,
        "team": [{"name": each.name, "role": each.role, "photo": _picture(each.photo)} for each in of.team],
        "open_now": of.open_now,
        "changes_at": of.changes_at or None,
        "updated_at": of.updated_at,
        "version": of.version,
    }


def _picture(key: str) -> Json | None:
    return {"id": key, "url": f"/v1/media/{key}"} if key else None


def _spans(spans: Iterable[pb.Span]) -> list[Json]:
    return [{"opens": each.opens, "closes": each.closes} for each in spans]


@router.get("/v1/store", summary="The shop's profile", responses=shown(STORE, "STORE_NOT_FOUND"))
async def get_store(request: Request) -> Response:
    """Where it is, when it is open and whether it is now, who is behind it. Its ETag is for If-Match."""
    stub = request.app.state.gateway.neighbours.store

    async def fetch() -> tuple[bytes, str]:
        kept = (await ask_again(stub.GetStore, pb.GetStoreRequest(), BROWSE_S)).store
        return orjson.dumps(store(kept)), f"v{kept.version}."

    return await shelved(request, "store", fetch)


@router.put(
    "/v1/store",
    summary="Write the shop's profile",
    responses=shown(STORE, "INVALID_STORE", "LISTING_REFUSED", "VERSION_MISMATCH", "PRECONDITION_REQUIRED", body=True),
)
async def put_store(request: Request, body: StoreBody) -> Response:
    """If-Match with the ETag that was read, `*` for the first."""
    seen = if_version(request, required=True)
    asked = pb.PutStoreRequest(store=body.told(), if_version=seen, by=asking(request).id)
    kept = (await ask(request.app.state.gateway.neighbours.store.PutStore, asked)).store
    request.app.state.gateway.shelf.drop()
    return tagged(store(kept), kept.version)
