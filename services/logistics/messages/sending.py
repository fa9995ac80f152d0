"""This is where warehouses, freight templates and quotes meet protobuf."""

from __future__ import annotations

from shop.logistics.v1 import freight_pb2, warehouses_pb2
from shop.type.v1 import money_pb2

from services.kit.money import Money
from services.logistics import freight, warehouses

from .places import region, region_message


def warehouse(message: warehouses_pb2.Warehouse) -> warehouses.Warehouse:
    """From a Warehouse."""
    return warehouses.Warehouse(message.code, message.title, region(message.region), message.open)


def warehouse_message(kept: warehouses.Warehouse) -> warehouses_pb2.Warehouse:
    """To a Warehouse."""
    return warehouses_pb2.Warehouse(code=kept.id, title=kept.title, region=region_message(kept.region), open=kept.open)


def consignment(message: freight_pb2.QuoteDeliveryRequest) -> freight.Consignment:
    """From a QuoteDeliveryRequest."""
    goods = Money(message.goods.currency, message.goods.minor)
    return freight.Consignment(region(message.region), message.weight_g, message.pieces, goods)


def quote_message(quote: freight.Quote) -> freight_pb2.DeliveryQuote:
    """To a DeliveryQuote."""
    return freight_pb2.DeliveryQuote(
        id=quote.id,
        title=quote.title,
        price=money_pb2.Money(currency=quote.price.currency, minor=quote.price.minor),
        min_days=quote.min_days,
        max_days=quote.max_days,
        reason=quote.reason,
    )


def template(message: freight_pb2.FreightTemplate) -> freight.Template:
    """From a FreightTemplate. Prices in more than one currency give a currency that is none; zero needs no currency."""
    prices = [price for zone in message.zones for price in (zone.first_price, zone.step_price, zone.free_from)]
    named = {price.currency for price in prices if price.currency or price.minor}
    zones = [
        freight.Zone(
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
        for zone in message.zones
    ]
    currency = named.pop() if len(named) == 1 else ""
    return freight.Template(message.id, message.title, message.by, currency, zones, message.carrier or "sandbox")


def template_message(kept: freight.Template) -> freight_pb2.FreightTemplate:
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
    return freight_pb2.FreightTemplate(id=kept.id, title=kept.title, by=kept.by, zones=zones, carrier=kept.carrier)
