"""This is where regions and addresses meet protobuf."""

from __future__ import annotations

from typing import Any

from shop.type.v1 import address_pb2

from services.logistics import addresses, regions


def region(message: Any) -> regions.Region:
    """From a Region, or the part of an Address that names nobody."""
    return regions.Region(message.country, message.province, message.city, message.district)


def region_message(place: regions.Region) -> address_pb2.Region:
    """To a Region."""
    return address_pb2.Region(country=place.country, province=place.province, city=place.city, district=place.district)


def unsealed_address(plain: bytes) -> addresses.Address:
    """From a serialized Address."""
    read = address_pb2.Address.FromString(plain)
    return addresses.Address(read.country, read.province, read.city, read.district, read.street, read.name, read.phone)
