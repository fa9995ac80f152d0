"""This is where carriers that can be asked for prices compete: with rate cards, with each other, and with their silence."""

import asyncio
from collections.abc import Callable

import pytest
from shop.logistics.v1 import freight_pb2, freight_pb2_grpc
from shop.type.v1.address_pb2 import Region as Place
from shop.type.v1.money_pb2 import Money as Amount

from services.kit.money import Money
from services.kit.rpc import call
from services.logistics.carriers import Carrier, CarrierRefused, Offer, Parcel
from services.logistics.carriers.neighbours import CarrierAway
from services.logistics.carriers.usual import Usual
from services.logistics.offers import Offers
from services.logistics.rates import shop
from services.logistics.regions import Region
from services.logistics.tariffs import Consignment, Tariff, Template, Zone
from tests.house import House

from .carriers.standin import SF_ACCOUNT, StandIn
from .lookout.test_asking import bring_by, connect
from .lookout.watch import Watch, watching

THERE = Region("CN", "浙江省", "杭州市")
PARCEL = Parcel("shp_1", THERE, 1250, pieces=2)
SENT = Consignment(THERE, 1250, 2, Money("CNY", 0))


class Quick(Usual):
    """A carrier that asks 12 yuan for a day, or behaves as it is told."""

    code, title, abilities = "quick", "Quick", frozenset({"rate"})

    def __init__(self, behave: Callable[[], object] = lambda: None) -> None:
        self._behave = behave

    async def rate(self, parcel: Parcel) -> list[Offer]:
        if isinstance(said := self._behave(), Exception):
            raise said
        if said == "never":
            await asyncio.Event().wait()
        return [Offer("air", Money("CNY", 1200), 1), Offer("road", Money("CNY", 700), 0), Offer("sea", Money("USD", 1))]


def offers(carrier: Carrier, *, on: bool = True) -> Offers:
    async def able(ability: str) -> list[Carrier]:
        return [carrier] if ability in carrier.abilities else []

    async def are_on() -> list[str]:
        return [carrier.code] if on else []

    return Offers(able, are_on, patience_s=0.01)


def card(price: int, days: int) -> Tariff:
    return Tariff(
        Template("card", "Card", "weight", "CNY", [Zone([], [], 9999, price, 1, 0, 0, days, days)], "sandbox")
    )


async def test_what_a_carrier_asks_is_judged_as_a_rate_card_is() -> None:
    asking = offers(Quick())  # type: ignore[arg-type]
    asked = await asking.of(PARCEL, await asking.carriers({"sandbox"}), days=3)
    assert [(quote.id, quote.max_days) for _, quote in asked] == [("quick:air", 1), ("quick:road", 3), ("quick:sea", 3)]
    best, *others = shop([card(900, 3)], SENT, offered=asked)
    assert (best.tariff.template.carrier, best.quote.id, len(others)) == ("quick", "quick:road", 2)
    assert shop([card(600, 3)], SENT, offered=asked)[0].quote.id == "card"
    assert [one.quote.id for one in shop([card(600, 3)], SENT, offered=asked, within_days=2)] == ["quick:air"]
    assert await asking.carriers({"quick"}) == []  # it has a rate card
    assert await offers(Quick(), on=False).carriers(()) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "behave", [lambda: "never", lambda: CarrierAway("away"), lambda: CarrierRefused("no", code="8057")]
)
async def test_who_names_no_price_is_passed_over_soon(behave: Callable[[], object]) -> None:
    asking = offers(Quick(behave))  # type: ignore[arg-type]
    assert await asking.of(PARCEL, await asking.carriers(()), days=3) == []


async def priced(watch: Watch, minor: int) -> None:
    """The sandbox's rate card."""
    yuan = Amount(currency="CNY", minor=minor)
    zone = freight_pb2.FreightZone(first_units=1000, first_price=yuan, step_units=1000, step_price=yuan, max_days=4)
    made = freight_pb2.FreightTemplate(id="card", title="Card", by="weight", zones=[zone], rate_card=True)
    stub = freight_pb2_grpc.FreightServiceStub(watch.desk.logistics.channel)
    await call(stub.PutFreightTemplate, freight_pb2.PutFreightTemplateRequest(template=made))


async def test_sf_brings_what_it_asks_least_for_and_nothing_while_it_names_no_price(house: House) -> None:
    async with StandIn() as there:
        watch = await watching(house, sf_url=f"{there.url}/std/service")
        await connect(watch, "sf", SF_ACCOUNT)
        prices = "EXP_RECE_QUERY_DELIVERTM"
        await priced(watch, 3000)
        (dear,) = await watch.desk.planned(TEA=1)
        assert (dear.carrier, there.calls.count(prices)) == ("sf", 1)
        assert dear.reasons[-1].startswith("carrier sf by sf:2: chosen: ")
        await priced(watch, 900)
        (cheap,) = await watch.desk.planned(TEA=1)
        assert (cheap.carrier, there.calls.count(prices)) == ("sandbox", 2)
        await priced(watch, 3000)
        there.down = 3
        (silent,) = await watch.desk.planned(TEA=1)
        assert silent.carrier == "sandbox"
        # Staff see the same.
        asked = freight_pb2.QuoteDeliveryRequest(
            region=Place(country="CN", province="浙江省", city="杭州市"),
            weight_g=500,
            pieces=1,
            goods=Amount(currency="CNY", minor=100),
        )
        stub = freight_pb2_grpc.FreightServiceStub(watch.desk.logistics.channel)
        shopped = await call(stub.ShopRates, freight_pb2.ShopRatesRequest(parcel=asked, warehouse="main"))
        assert ("sf", "sf:2", 1850) in [(one.carrier, one.template_id, one.price.minor) for one in shopped.candidates]
        # Where there is nothing to choose nobody is asked.
        before = there.calls.count(prices)
        await bring_by(watch, "sf")
        (own,) = await watch.desk.planned(TEA=1)
        assert (own.carrier, there.calls.count(prices)) == ("sf", before)
