"""This is where addresses and money become protobuf and back."""

from shop.type.v1 import address_pb2, money_pb2

from services.orders.addresses import Address, Region


def money(currency: str, minor: int) -> money_pb2.Money:
    """An amount."""
    return money_pb2.Money(currency=currency, minor=minor)


def address_of(message: address_pb2.Address) -> Address:
    """As it came in, unchecked."""
    return Address(
        message.country,
        message.province,
        message.city,
        message.district,
        message.street,
        message.name,
        message.phone,
    )


def address_to(address: Address) -> address_pb2.Address:
    """To an Address."""
    return address_pb2.Address(
        country=address.country,
        province=address.province,
        city=address.city,
        district=address.district,
        street=address.street,
        name=address.name,
        phone=address.phone,
    )


def address_bytes(address: Address) -> bytes:
    """As it is sealed."""
    return address_to(address).SerializeToString()


def address_message(plain: bytes) -> address_pb2.Address:
    """What `address_bytes` made."""
    return address_pb2.Address.FromString(plain)


def region_message(region: Region | None) -> address_pb2.Region:
    """The part that names nobody."""
    if region is None:
        return address_pb2.Region()
    return address_pb2.Region(
        country=region.country, province=region.province, city=region.city, district=region.district
    )
