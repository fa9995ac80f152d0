"""This is where freight is priced: zones in order, steps begun, free from an amount on."""

import dataclasses
import timeit

import pytest
from shop.logistics.v1 import freight_pb2, freight_pb2_grpc
from shop.logistics.v1.events_pb2 import FreightChanged
from shop.type.v1 import address_pb2, money_pb2

from services.kit.errors import Invalid
from services.kit.money import Money
from services.kit.rpc import call
from services.logistics.freight import EXPRESS, STANDARD
from services.logistics.freight_rules import problems
from services.logistics.regions import Region
from services.logistics.tariffs import Consignment, Tariff
from tests.house import House

from .neighbourhood import opened


def price(
    template: object, weight_g: int, goods: int = 5000, province: str = "上海", country: str = "CN"
) -> int | None:
    sent = Consignment(Region(country, province), weight_g, 3, Money("CNY", goods))
    quote = Tariff(template).quote(sent)  # type: ignore[arg-type]
    return quote.price.minor if quote else None


@pytest.mark.parametrize(
    ("weight_g", "minor"), [(0, 800), (1, 800), (1000, 800), (1001, 1000), (2000, 1000), (2001, 1200), (10_000, 2600)]
)
def test_every_step_begun_is_paid(weight_g: int, minor: int) -> None:
    assert price(STANDARD, weight_g) == minor


def test_it_is_free_from_the_amount_on_and_not_a_fen_earlier() -> None:
    assert price(STANDARD, 5000, goods=9899) == 1600
    assert price(STANDARD, 5000, goods=9900) == 0


@pytest.mark.parametrize("name", ["新疆", "Xinjiang", "新疆維吾爾自治區", "Tibet", "內蒙古", "内蒙古自治区"])
def test_remote_provinces_pay_more_and_never_go_free(name: str) -> None:
    assert price(STANDARD, 1500, goods=1_000_000, province=name) == 3000
    assert price(EXPRESS, 1500, province=name) is None


def test_the_rest_of_the_world_pays_by_half_kilos() -> None:
    assert price(STANDARD, 1100, country="DE", province="Bayern") == 12000
    assert price(EXPRESS, 1100, country="DE", province="Bayern") is None


def test_by_piece_counts_pieces() -> None:
    zone = dataclasses.replace(STANDARD.zones[1], first_units=1, step_units=2)
    by_piece = dataclasses.replace(STANDARD, by="piece", zones=[zone])
    assert price(by_piece, 999_999) == 800 + 200


def test_a_quote_takes_less_than_a_fifth_of_a_millisecond() -> None:
    sent = Consignment(Region("CN", "上海市"), 1500, 2, Money("CNY", 5000))
    tariffs = [Tariff(STANDARD), Tariff(EXPRESS)]
    best_s = min(timeit.repeat(lambda: [tariff.quote(sent) for tariff in tariffs], number=200, repeat=5)) / 200
    assert best_s < 0.0002


def test_all_that_is_wrong_with_a_template_is_said_at_once() -> None:
    wrong = dataclasses.replace(
        STANDARD,
        id="a b",
        by="size",
        carrier="nobody",
        currency="yuan",
        zones=[dataclasses.replace(STANDARD.zones[0], countries=["China"], step_units=0, first_price=-1, min_days=9)],
    )
    pointers = {problem.pointer for problem in problems(wrong, {"sandbox"})}
    assert pointers == {
        "/id",
        "/by",
        "/carrier",
        "/currency",
        "/zones/0/countries",
        "/zones/0/step_units",
        "/zones/0/first_price",
        "/zones/0/max_days",
    }
    assert problems(STANDARD, {"sandbox"}) == problems(EXPRESS, {"sandbox"}) == []


def request(currency: str = "CNY", **region: str) -> freight_pb2.QuoteDeliveryRequest:
    return freight_pb2.QuoteDeliveryRequest(
        region=address_pb2.Region(**({"country": "CN", "province": "上海"} | region)),
        weight_g=1200,
        pieces=1,
        goods=money_pb2.Money(currency=currency, minor=5000),
    )


async def test_a_new_shop_sends_by_standard_and_express_cheapest_first(house: House) -> None:
    logistics, _ = await opened(house)
    stub = freight_pb2_grpc.FreightServiceStub(logistics.channel)
    quotes = (await call(stub.QuoteDelivery, request())).quotes
    assert [(quote.id, quote.price.minor, quote.max_days) for quote in quotes] == [
        ("standard", 1000, 4),
        ("express", 2400, 1),
    ]
    assert all(quote.reason and quote.title for quote in quotes)
    assert not (await call(stub.QuoteDelivery, request("EUR"))).quotes


async def test_a_template_in_another_currency_answers_at_once_and_is_told(house: House) -> None:
    logistics, _ = await opened(house)
    stub = freight_pb2_grpc.FreightServiceStub(logistics.channel)
    assert not (await call(stub.QuoteDelivery, request("EUR", country="DE"))).quotes
    five = money_pb2.Money(currency="EUR", minor=500)
    zone = freight_pb2.FreightZone(first_units=1000, first_price=five, step_units=1000, step_price=five, max_days=3)
    template = freight_pb2.FreightTemplate(id="eu", title="Paket", by="weight", zones=[zone])
    put = freight_pb2.PutFreightTemplateRequest(template=template)
    kept = (await call(stub.PutFreightTemplate, put)).template
    assert (kept.carrier, kept.zones[0].free_from.currency) == ("sandbox", "EUR")
    assert [q.price.minor for q in (await call(stub.QuoteDelivery, request("EUR", country="DE"))).quotes] == [1000]
    put.template.zones[0].first_price.minor = 700
    await call(stub.PutFreightTemplate, put)
    assert [q.price.minor for q in (await call(stub.QuoteDelivery, request("EUR", country="DE"))).quotes] == [1200]
    listed = (await call(stub.ListFreightTemplates, freight_pb2.ListFreightTemplatesRequest())).templates
    assert [one.id for one in listed] == ["eu", "express", "standard"]
    await house.settled()
    assert [event.id for event in house.told(FreightChanged)] == ["eu", "eu"]


async def test_what_could_never_be_sent_is_refused(house: House) -> None:
    logistics, _ = await opened(house)
    stub = freight_pb2_grpc.FreightServiceStub(logistics.channel)
    wrong = request(country="China", province="\x00")
    wrong.weight_g = -1
    with pytest.raises(Invalid) as refused:
        await call(stub.QuoteDelivery, wrong)
    assert {error.pointer for error in refused.value.errors} == {"/region/country", "/region/province", "/weight_g"}
    two = freight_pb2.FreightTemplate(
        id="two",
        title="Two currencies",
        by="weight",
        zones=[
            freight_pb2.FreightZone(
                first_units=1,
                step_units=1,
                first_price=money_pb2.Money(currency="EUR", minor=1),
                step_price=money_pb2.Money(currency="CNY", minor=1),
            )
        ],
    )
    with pytest.raises(Invalid) as refused:
        await call(stub.PutFreightTemplate, freight_pb2.PutFreightTemplateRequest(template=two))
    assert refused.value.reason == "INVALID_TEMPLATE"
    assert [error.pointer for error in refused.value.errors] == ["/currency"]
