"""This is where addresses meet protobuf."""

from shop.logistics.v1 import addresses_pb2
from shop.type.v1 import address_pb2

from services.kit.errors import FieldError, Invalid

from .addresses import Judged, Written

_MOST = {"line": 500, "street": 300, "postcode": 20, "phone": 40}


class InvalidAddressText(Invalid):
    """Nothing to read, or too much."""


def written(request: addresses_pb2.ValidateAddressRequest) -> Written:
    """From a ValidateAddressRequest. Refuses with INVALID_ADDRESS_TEXT."""
    of = request.address
    read = Written(
        country=of.country or "CN",
        province=of.province,
        city=of.city,
        district=of.district,
        street=of.street,
        name=of.name,
        phone=of.phone,
        postcode=request.postcode,
        line=request.line,
    )
    faults = [
        FieldError(f"/{name}", f"at most {_MOST.get(name, 100)} characters")
        for name in Written.__slots__
        if len(getattr(read, name)) > _MOST.get(name, 100)
    ]
    if not any((read.line, read.province, read.city, read.district, read.street)):
        faults.append(FieldError("/line", "an address, in one line or in its fields"))
    if faults:
        raise InvalidAddressText(faults[0].message, errors=faults)
    return read


def answer(found: Judged) -> addresses_pb2.ValidateAddressResponse:
    """To a ValidateAddressResponse."""
    of = found.address
    return addresses_pb2.ValidateAddressResponse(
        address=address_pb2.Address(
            country=of.country,
            province=of.province,
            city=of.city,
            district=of.district,
            street=of.street,
            name=of.name,
            phone=of.phone,
        ),
        postcode=of.postcode,
        code=found.code,
        confidence=found.confidence,
        reasons=found.reasons,
    )
