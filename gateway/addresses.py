"""This is where an address is read and repaired before anything is sent there."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import addresses_pb2 as pb
from shop.type.v1.address_pb2 import Address

from gateway.answers import answer, region
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body
from gateway.neighbours import ask_again

router = feature("addresses")
_Part = Annotated[str, StringConstraints(max_length=100, pattern=ONE_LINE)]
_Long = Annotated[str, StringConstraints(max_length=300, pattern=ONE_LINE)]
VALIDATION = {
    "address": {
        "country": "CN",
        "province": "广东省",
        "city": "深圳市",
        "district": "南山区",
        "street": "科技园科苑路15号",
        "name": "张三",
        "phone": "+8613800138000",
        "postcode": None,
    },
    "code": "440305",
    "confidence": 100,
    "doubtful": False,
    "reasons": ["province_added"],
}


class ValidationBody(Body):
    """An address in one line, or in its fields, or both; whatever is known."""

    line: Annotated[str, StringConstraints(max_length=500, pattern=ONE_LINE)] = ""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "CN"
    province: _Part = ""
    city: _Part = ""
    district: _Part = ""
    street: _Long = ""
    name: _Part = ""
    phone: Annotated[str, StringConstraints(max_length=40, pattern=ONE_LINE)] = ""
    postcode: Annotated[str, StringConstraints(max_length=20, pattern=ONE_LINE)] = ""

    def told(self) -> pb.ValidateAddressRequest:
        """As logistics takes it."""
        fields = self.model_dump(exclude={"line", "postcode"})
        return pb.ValidateAddressRequest(address=Address(**fields), line=self.line, postcode=self.postcode)


def _addresses(request: Request) -> Any:
    return request.app.state.gateway.neighbours.addresses


@router.post(
    "/v1/addresses/validations",
    summary="Read and repair an address",
    responses=shown(VALIDATION, "INVALID_ADDRESS_TEXT", body=True),
)
async def validate_address(request: Request, body: ValidationBody) -> Response:
    """How it is meant: places with their GB/T 2260 code, the phone as E.164, how sure it is (0 to 100, below 50 `doubtful`)
    and why. Abbreviations, traditional characters, names given up, misspellings and wrong pairs of city and district are
    repaired. Nothing is kept."""
    answered = await ask_again(_addresses(request).ValidateAddress, body.told())
    of = answered.address
    address = {**region(of), "street": of.street, "name": of.name, "phone": of.phone or None}
    return answer(
        {
            "address": {**address, "postcode": answered.postcode or None},
            "code": answered.code or None,
            "confidence": answered.confidence,
            "doubtful": answered.confidence < 50,
            "reasons": list(answered.reasons),
        }
    )
