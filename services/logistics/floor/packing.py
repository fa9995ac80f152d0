"""This is where a parcel is packed by counting and weighing: each SKU scanned, the box as heavy as it should be (L14)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.kit.errors import AlreadyExists, FieldError, Invalid, VersionMismatch, WrongState
from services.kit.store import Store
from services.logistics.shipments import PACKED, Shipment, Shipments
from services.logistics.words import is_code, is_text, tidied

RULES = "rules"
_MOST_G = 1_000_000


@dataclass
class Packaging:
    """A box or bag: what it weighs itself, and how many grams it bears; 0 for any."""

    code: str
    title: str
    tare_g: int = 0
    most_g: int = 0


@dataclass
class PackRules:
    """How far a box may be off: so many percent, and at least so many grams."""

    id: str = RULES
    tolerance_percent: int = 5
    tolerance_g: int = 30
    packagings: list[Packaging] = field(default_factory=list)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """What was packed: units scanned by SKU, grams on the scale (0: not weighed), the packaging's code (empty: the lightest
    that bears it), and why the weight is right all the same."""

    scanned: Mapping[str, int]
    weight_g: int = 0
    packaging: str = ""
    reason: str = ""


class PackMismatch(Invalid):
    """Other goods were scanned than are in the parcel."""


class WeightOff(WrongState):
    """The box is not as heavy as it should be: look into it, or say why it is right."""


class InvalidPacking(Invalid):
    """Nothing can be packed like that."""


class InvalidPackRules(Invalid):
    """No rules."""


def miscounted(shipment: Shipment, scanned: Mapping[str, int]) -> list[FieldError]:
    """What is not as it should be, a SKU each."""
    wanted = Counter[str]()
    for line in shipment.lines:
        wanted[line.sku] += line.quantity
    return [
        FieldError(f"/scanned/{sku}", f"{wanted[sku]} wanted, {scanned.get(sku, 0)} scanned")
        for sku in sorted(wanted.keys() | scanned.keys())
        if wanted[sku] != scanned.get(sku, 0)
    ]


def allowance(expected_g: int, rules: PackRules) -> int:
    """Grams it may be off, up or down."""
    return max(rules.tolerance_g, expected_g * rules.tolerance_percent // 100)


def lightest(packagings: list[Packaging], goods_g: int) -> Packaging | None:
    """The lightest that bears it."""
    fit = [one for one in packagings if not one.most_g or one.most_g >= goods_g]
    return min(fit, key=lambda one: (one.tare_g, one.code), default=None)


class Packing:
    """Packs."""

    def __init__(self, rules: Store[PackRules], shipments: Shipments) -> None:
        self._rules, self._shipments = rules, shipments

    async def pack(self, key: str, by: str, box: Box) -> Shipment:
        """In the box, counted and weighed; again changes nothing. Refuses with `PackMismatch`, `WeightOff`,
        `InvalidPacking`, and as `Shipments.pack` does."""
        parcel = await self._shipments.get(key)
        if parcel.state == PACKED:
            return parcel
        if wrong := miscounted(parcel, box.scanned):
            raise PackMismatch("other goods were scanned than belong in it", errors=wrong)
        rules = await self.rules()
        packaging = _chosen(rules, box, parcel.weight_g)
        expected = parcel.weight_g + (packaging.tare_g if packaging else 0)
        reason = tidied(box.reason, 200)
        if not 0 <= box.weight_g <= _MOST_G:
            raise InvalidPacking("no such weight", errors=[FieldError("/weight_g", f"0 to {_MOST_G}")])
        # Of goods that nobody has weighed no weight is expected.
        weighed = bool(box.weight_g) and all(line.weight_g for line in parcel.lines)
        if weighed and abs(box.weight_g - expected) > allowance(expected, rules) and not reason:
            raise WeightOff(
                f"{expected} g expected",
                expected_g=str(expected),
                weight_g=str(box.weight_g),
                tolerance_g=str(allowance(expected, rules)),
            )
        more = {"packed_weight_g": box.weight_g, "packaging": packaging.code if packaging else "", "pack_note": reason}
        return await self._shipments.pack(key, by, more)

    async def rules(self) -> PackRules:
        """How boxes are checked."""
        return await self._rules.get(RULES) or PackRules()

    async def put(self, rules: PackRules, if_version: int) -> PackRules:
        """Says how. Refuses with `InvalidPackRules`, `VersionMismatch`."""
        _check(rules)
        wanted = replace(rules, id=RULES, version=if_version)
        try:
            return await (self._rules.save(wanted) if if_version else self._rules.insert(wanted))
        except AlreadyExists:
            raise VersionMismatch("they are there already") from None


def _chosen(rules: PackRules, box: Box, goods_g: int) -> Packaging | None:
    if not box.packaging:
        return lightest(rules.packagings, goods_g)
    for one in rules.packagings:
        if one.code == box.packaging:
            return one
    raise InvalidPacking("there is no such packaging", errors=[FieldError("/packaging", "see GET /v1/packing-rules")])


def _check(rules: PackRules) -> None:
    codes = [one.code for one in rules.packagings]
    wrong = {
        "/tolerance_percent": 0 <= rules.tolerance_percent <= 100,
        "/tolerance_g": 0 <= rules.tolerance_g <= 100_000,
        "/packagings": len(codes) <= 100
        and len(set(codes)) == len(codes)
        and all(is_code(one.code) and is_text(one.title, 100, 1) for one in rules.packagings)
        and all(0 <= one.tare_g <= _MOST_G and 0 <= one.most_g <= _MOST_G for one in rules.packagings),
    }
    if errors := [FieldError(pointer, "not as a box is checked") for pointer, fine in wrong.items() if not fine]:
        raise InvalidPackRules("no box can be checked like that", errors=errors)
