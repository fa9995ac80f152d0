"""This is where SF and ZTO are asked, against a stand-in that checks signatures and loses answers."""

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.kit.clock import SystemClock
from services.kit.errors import Unavailable
from services.logistics.addresses import Address
from services.logistics.carriers import ABILITIES, Carrier, CarrierRefused, HandedOver, NotOffered, Parcel, PickupWish
from services.logistics.carriers.neighbours import CarrierAway, Line, OutcomeUnknown
from services.logistics.carriers.partner import Partner
from services.logistics.carriers.sandbox import Sandbox
from services.logistics.carriers.sf import Sf
from services.logistics.carriers.sf.messages import digest
from services.logistics.carriers.zto import Zto
from services.logistics.carriers.zto import messages as zto
from services.logistics.regions import Region

from .standin import SF_ACCOUNT, ZTO_ACCOUNT, StandIn

HERE, THERE = Region("CN", "上海市", "上海市", "青浦區"), Region("CN", "浙江省", "杭州市", "西湖區")
PARCEL = Parcel("shp_1", THERE, 1250, "ord_1", HERE, b"", 2)
DAY = date(2026, 11, 22)


@dataclasses.dataclass
class Account:
    """What an adapter is given."""

    fields: Mapping[str, str]

    async def secrets(self) -> Mapping[str, str]:
        return {**self.fields, "environment": "test"}

    def address(self, parcel: Parcel) -> Address:
        return Address("CN", "浙江省", "杭州市", "西湖區", "文三路 92 號", "張三豐", "+8613812341234")


def carrier_of(name: str, here: StandIn, line: Line, **more: str) -> Carrier:
    if name == "sf":
        return Sf(Account(SF_ACCOUNT | more), line.post, SystemClock(), f"{here.url}/std/service")
    return Zto(Account(ZTO_ACCOUNT | more), line.post, here.url)


BOTH = pytest.mark.parametrize("name", ["sf", "zto"])


class Open:
    """A stand-in and a line to it."""

    def __init__(self) -> None:
        self.there, self.line = StandIn(), Line(timeout_s=2, pause_s=0.001)

    async def __aenter__(self) -> tuple[StandIn, Line]:
        return await self.there.__aenter__(), self.line

    async def __aexit__(self, *_: Any) -> None:
        await self.line.close()
        await self.there.__aexit__()


@BOTH
async def test_a_parcel_is_ordered_once_however_often_it_is_asked(name: str) -> None:
    async with Open() as (there, line):
        carrier = carrier_of(name, there, line)
        numbers = {await carrier.make_waybill(PARCEL) for _ in range(3)}
        assert numbers == set(there.orders.values()) and len(there.orders) == 1
        assert "張三豐" in str(there.contents["shp_1"]) and "13812341234" in str(there.contents["shp_1"])
        assert "+86" not in str(there.contents["shp_1"])


@BOTH
async def test_a_lost_answer_is_found_again_by_our_own_id(name: str) -> None:
    async with Open() as (there, line):
        carrier = carrier_of(name, there, line)
        there.lose = 1
        number = await carrier.make_waybill(PARCEL)
        assert list(there.orders.items()) == [("shp_1", number)]
        assert len(there.calls) == 2  # ordered once, then asked what became of it: not ordered blindly again


@BOTH
async def test_what_never_got_there_is_asked_again_later_and_once(name: str) -> None:
    async with Open() as (there, line):
        carrier = carrier_of(name, there, line)
        there.down = 1
        with pytest.raises(Unavailable):
            await carrier.make_waybill(PARCEL)
        assert there.orders == {}
        assert await carrier.make_waybill(PARCEL) in there.orders.values()


@BOTH
async def test_what_a_carrier_refuses_for_good_says_its_code(name: str) -> None:
    async with Open() as (there, line):
        there.refuse = "8057"
        with pytest.raises(CarrierRefused) as refused:
            await carrier_of(name, there, line).make_waybill(PARCEL)
        assert (refused.value.meta["carrier"], refused.value.meta["code"]) == (name, "8057")
        assert "張三豐" not in refused.value.detail


@BOTH
async def test_a_wrong_secret_is_noticed_there(name: str) -> None:
    async with Open() as (there, line):
        wrong = {"sf": {"checkword": "other"}, "zto": {"app_secret": "other"}}[name]
        with pytest.raises(CarrierRefused) as refused:
            await carrier_of(name, there, line, **wrong).make_waybill(PARCEL)
        assert refused.value.meta["code"] in ("A1006", "S211")
        assert there.orders == {}


@BOTH
async def test_a_parcel_is_voided_once_and_again_changes_nothing(name: str) -> None:
    async with Open() as (there, line):
        carrier = carrier_of(name, there, line)
        number = await carrier.make_waybill(PARCEL)
        there.lose = 1
        for _ in range(3):
            await carrier.void(PARCEL.shipment_id, number)
        assert there.cancelled == {"shp_1"}
        await carrier.void("shp_never", "SF0000000000000")


async def test_sfs_routes_come_with_chinas_time_and_its_own_codes() -> None:
    async with Open() as (there, line):
        carrier = carrier_of("sf", there, line)
        there.routes["SF1"] = [
            {"acceptTime": "2026-11-22 08:00:00", "acceptAddress": "上海市", "remark": "已收取快件", "opCode": "54"},
            {"acceptTime": "2026-11-23 09:30:00", "acceptAddress": "杭州市", "remark": "已簽收", "opCode": "80"},
        ]
        told = await carrier.track(["SF1", "SF2"], {"SF1": "1234"})
        assert [(one.waybill, one.code, one.occurred_at) for one in told] == [
            ("SF1", "54", "2026-11-22T00:00:00.000Z"),
            ("SF1", "80", "2026-11-23T01:30:00.000Z"),
        ]
        assert [carrier.vocabulary.meaning(one.code).state for one in told] == ["picked_up", "delivered"]
        assert len(there.calls) == 2  # one with the phone's digits, one without
        offers = await carrier.rate(PARCEL)
        assert [(offer.service, offer.price.minor) for offer in offers] == [("2", 1850)]


async def test_ztos_scans_come_with_their_places() -> None:
    async with Open() as (there, line):
        carrier = carrier_of("zto", there, line)
        at = int(datetime(2026, 11, 22, 8, tzinfo=UTC).timestamp() * 1000)
        site = {"city": "上海市", "name": "青浦华新"}
        there.routes["731"] = [{"scanType": "收件", "scanDate": at, "desc": "已揽收", "scanSite": site}]
        (told,) = await carrier.track(["731", "999"], {})
        assert (told.code, told.occurred_at, told.location) == ("收件", "2026-11-22T08:00:00.000Z", "上海市 青浦华新")


async def test_a_carrier_that_is_away_is_left_alone_for_a_while() -> None:
    async with Open() as (there, line):
        carrier = carrier_of("sf", there, line)
        there.down = 100
        for _ in range(2):
            with pytest.raises(Unavailable):
                await carrier.track(["SF1"], {})
        assert len(there.calls) == 5  # three tries, two more, then the circuit is open
        with pytest.raises(CarrierAway):
            await carrier.track(["SF1"], {})
        assert len(there.calls) == 5
        line._circuit._until = 0.0  # the half minute is over
        there.down = 0
        assert await carrier.track(["SF1"], {}) == []
        assert len(there.calls) == 6


async def test_where_nobody_listens_nothing_happened_and_that_is_known() -> None:
    line = Line(timeout_s=1, pause_s=0.001)
    with pytest.raises(CarrierAway):
        await line.post("http://127.0.0.1:9/", {}, b"", again=False)
    await line.close()


async def test_a_redirect_is_not_followed_and_no_answer() -> None:
    async with Open() as (there, line):
        with pytest.raises(OutcomeUnknown):
            await line.post(f"{there.url}/nowhere", {}, b"", again=False)


def test_the_digests_are_as_published() -> None:
    # printf '{"a":1}secret' | openssl md5 -binary | base64
    assert zto.digest(b'{"a":1}', "secret") == "nXesKl9asX7M42LfEYoluA=="
    # printf '%%7B%%22a%%22%%3A1%%7D1700000000000word' | openssl md5 -binary | base64
    assert digest('{"a":1}', "1700000000000", "word") == "wSCNZQTeQCi10MxWJ2M/+A=="


ALL = [
    Sandbox(),
    Partner("yd", "韻達 Yunda", "YD", "yunda"),
    Sf(Account({}), Line().post, SystemClock()),
    Zto(Account({}), Line().post),
]


@pytest.mark.parametrize("carrier", ALL, ids=lambda carrier: carrier.code)
async def test_every_carrier_has_the_whole_interface_and_says_what_it_cannot(carrier: Carrier) -> None:
    assert carrier.abilities <= set(ABILITIES) and {"ship", "void"} <= carrier.abilities
    assert carrier.title and carrier.sort_code(THERE)
    assert len(carrier.vocabulary) > 10
    wish = PickupWish("pku_1", HERE, DAY, ["X1"], 1000)
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "rate": lambda: carrier.rate(PARCEL),
        "track": lambda: carrier.track(["X1"], {}),
        "pickup": lambda: carrier.pickup(wish),
        "manifest": lambda: carrier.manifest(HandedOver("man_1", HERE, DAY, ["X1"])),
    }
    for ability, ask in asked.items():
        if ability not in carrier.abilities:
            with pytest.raises(NotOffered):
                await ask()
    if "pickup" in carrier.abilities:
        assert await carrier.pickup(wish) == await carrier.pickup(wish)
    assert await carrier.labels(["X1"], "pdf") == {}
