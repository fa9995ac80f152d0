"""This is where freight templates, quotes and rates meet protobuf."""

from __future__ import annotations

from collections.abc import Sequence

from shop.logistics.v1 import freight_pb2
from shop.type.v1 import money_pb2

from services.kit.money import Money
from services.logistics import rates, tariffs

from .places import region


def consignment(message: freight_pb2.QuoteDeliveryRequest) -> tariffs.Consignment:
    """From a QuoteDeliveryRequest."""
    goods = Money(message.goods.currency, message.goods.minor)
    return tariffs.Consignment(
        region(message.region),
        message.weight_g,
        message.pieces,
        goods,
        message.volume_mm3,
        tuple(message.categories),
    )


def quote_message(quote: tariffs.Quote, windowed: bool = False) -> freight_pb2.DeliveryQuote:
    """To a DeliveryQuote; `windowed`: a delivery window is chosen with it."""
    return freight_pb2.DeliveryQuote(
        id=quote.id,
        title=quote.title,
        price=money_pb2.Money(currency=quote.price.currency, minor=quote.price.minor),
        min_days=quote.min_days,
        max_days=quote.max_days,
        reason=quote.reason,
        windowed=windowed,
    )


def template(message: freight_pb2.FreightTemplate) -> tariffs.Template:
    """From a FreightTemplate. Prices in more than one currency give a currency that is none; zero needs no currency."""
    prices = [price for zone in message.zones for price in (zone.first_price, zone.step_price, zone.free_from)]
    prices += [rule.from_amount for rule in message.free_rules]
    named = {price.currency for price in prices if price.currency or price.minor}
    return tariffs.Template(
        message.id,
        message.title,
        message.by,
        named.pop() if len(named) == 1 else "",
        [_zone(zone) for zone in message.zones],
        message.carrier or "sandbox",
        message.divisor,
        [_rule(rule) for rule in message.free_rules],
        list(message.categories),
        list(message.except_categories),
        list(message.warehouses),
        message.rate_card,
    )


def _zone(zone: freight_pb2.FreightZone) -> tariffs.Zone:
    return tariffs.Zone(
        list(zone.countries),
        list(zone.provinces),
        zone.first_units,
        zone.first_price.minor,
        zone.step_units,
        zone.step_price.minor,
        zone.free_from.minor,
        zone.min_days,
        zone.max_days,
    )


def _rule(rule: freight_pb2.FreeShippingRule) -> tariffs.FreeRule:
    return tariffs.FreeRule(
        rule.title,
        rule.from_amount.minor,
        rule.from_pieces,
        rule.up_to_weight_g,
        list(rule.countries),
        list(rule.provinces),
        list(rule.except_provinces),
    )


def template_message(kept: tariffs.Template) -> freight_pb2.FreightTemplate:
    """To a FreightTemplate."""

    def money(minor: int) -> money_pb2.Money:
        return money_pb2.Money(currency=kept.currency, minor=minor)

    zones = [
        freight_pb2.FreightZone(
            countries=zone.countries,
            provinces=zone.provinces,
            first_units=zone.first_units,
            first_price=money(zone.first_price),
            step_units=zone.step_units,
            step_price=money(zone.step_price),
            free_from=money(zone.free_from),
            min_days=zone.min_days,
            max_days=zone.max_days,
        )
        for zone in kept.zones
    ]
    rules = [
        freight_pb2.FreeShippingRule(
            title=rule.title,
            from_amount=money(rule.from_minor),
            from_pieces=rule.from_pieces,
            up_to_weight_g=rule.up_to_weight_g,
            countries=rule.countries,
            provinces=rule.provinces,
            except_provinces=rule.except_provinces,
        )
        for rule in kept.free_rules
    ]
    return freight_pb2.FreightTemplate(
        id=kept.id,
        title=kept.title,
        by=kept.by,
        zones=zones,
        carrier=kept.carrier,
        divisor=kept.divisor,
        free_rules=rules,
        categories=kept.categories,
        except_categories=kept.except_categories,
        warehouses=kept.warehouses,
        rate_card=kept.rate_card,
    )


def weights(message: freight_pb2.ShopRatesRequest) -> rates.Weights:
    """From a ShopRatesRequest."""
    if not message.HasField("weights"):
        return rates.USUAL
    return rates.Weights(message.weights.day, message.weights.score)


def rates_message(found: Sequence[rates.Candidate]) -> freight_pb2.ShopRatesResponse:
    """To a ShopRatesResponse; the first is the chosen one."""
    return freight_pb2.ShopRatesResponse(
        candidates=[_candidate(one, chosen=index == 0) for index, one in enumerate(found)]
    )


def _candidate(one: rates.Candidate, *, chosen: bool) -> freight_pb2.RateCandidate:
    quote, template = one.quote, one.tariff.template
    return freight_pb2.RateCandidate(
        template_id=quote.id,
        carrier=template.carrier,
        title=quote.title,
        price=money_pb2.Money(currency=quote.price.currency, minor=quote.price.minor),
        min_days=quote.min_days,
        max_days=quote.max_days,
        score=one.score,
        day_penalty=one.day_penalty,
        score_penalty=one.score_penalty,
        total=one.total,
        chargeable_g=one.chargeable_g,
        reason=quote.reason,
        chosen=chosen,
        verdict=one.verdict,
        rate_card=template.rate_card,
    )
