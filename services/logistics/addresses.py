"""This is where an address is masked: enough for the door, too little for anybody who finds the box. Pure."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """Where a parcel goes. Personal: never logged (it does not even print), never told."""

    country: str
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    name: str = ""
    phone: str = ""


def masked_name(name: str) -> str:
    """張三豐 → 張**, John → J***."""
    plain = name.strip()
    return plain[:1] + "*" * min(3, max(1, len(plain) - 1)) if plain else ""


def masked_phone(phone: str) -> str:
    """+8613812341234 → 138****1234; of a short one only the end stays."""
    digits = "".join(c for c in phone if c.isdigit())
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) < 9:
        return f"****{digits[-2:]}" if digits else ""
    return f"{digits[:3]}****{digits[-4:]}"


def masked(address: Address) -> Address:
    """The address as it may be printed."""
    return replace(address, name=masked_name(address.name), phone=masked_phone(address.phone))
