"""This is where it is kept how the shop may be paid: which methods, when the money is taken, up to how much and where."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.kit.errors import AlreadyExists, Invalid, VersionMismatch, WrongState
from services.kit.store import Store
from services.orders import limits
from services.orders.addresses import Region
from services.orders.memory import Memory
from services.orders.paying import CARD, CASH, WALLETS, Capture, Paying

_FRESH_S = 5.0
_MOST_REGIONS = 500
METHODS = (CARD, *WALLETS, CASH)
_CAPTURES = {
    CARD: (Capture.PAYMENT, Capture.SHIPMENT),
    CASH: (Capture.DELIVERY,),
    **dict.fromkeys(WALLETS, (Capture.PAYMENT,)),
}


class UnknownPaymentMethod(Invalid):
    """The shop does not know this way of paying."""


class PaymentMethodNotOffered(WrongState):
    """Not for this order (metadata: why: `disabled`, `amount`, `currency`, `region`, `members_only`)."""


class InvalidPaymentMethod(Invalid):
    """A setting and why."""


@dataclass
class PaymentMethod:
    """A way of paying; `id` is its name. `most_minor` 0: any amount (in `currency`); no `regions`: everywhere, else `CN` or
    `CN/浙江省`. `lasts_days`: how long an authorisation holds; `at_expiry`: `capture` or `void` what is left of one then."""

    id: str
    enabled: bool = True
    capture: Capture = Capture.PAYMENT
    at_expiry: str = "capture"
    lasts_days: int = 7
    currency: str = ""
    most_minor: int = 0
    regions: list[str] = field(default_factory=list)
    members_only: bool = False
    by: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Sale:
    """What is to be paid: how much (minor units), where to, by whom."""

    currency: str
    minor: int
    region: Region | None
    customer_id: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A method, and why it is not on offer for a sale; empty: it is."""

    method: PaymentMethod
    why_not: str


def usual(name: str) -> PaymentMethod:
    """A method as long as nobody has set it otherwise: cash at the door in China, up to ¥2,000."""
    if name == CASH:
        return PaymentMethod(
            name, capture=Capture.DELIVERY, currency="CNY", most_minor=200_000, regions=["CN"], members_only=True
        )
    return PaymentMethod(name)


class Methods:
    """Knows the methods. What is set is seen by every replica within five seconds."""

    def __init__(self, methods: Store[PaymentMethod]) -> None:
        self._methods = methods
        self._memory: Memory[str, dict[str, PaymentMethod]] = Memory(1, _FRESH_S)

    async def all(self) -> list[PaymentMethod]:
        """Every method, as it is set."""
        kept = self._memory.get("all")
        if kept is None:
            stamp = self._memory.stamp()
            kept = {name: usual(name) for name in METHODS} | await self._methods.get_many(METHODS)
            self._memory.put("all", kept, stamp)
        return list(kept.values())

    async def offers(self, sale: Sale) -> list[Offer]:
        """Every method, on offer for a sale or why not."""
        return [Offer(method, why_not(method, sale)) for method in await self.all()]

    async def paying(self, name: str, sale: Sale) -> Paying | None:
        """How an order is paid by this method; None for a card that is charged at once. Refuses with UNKNOWN_PAYMENT_METHOD,
        PAYMENT_METHOD_NOT_OFFERED."""
        method = next((method for method in await self.all() if method.id == name), None)
        if method is None:
            raise limits.refused("/payment/method", f"one of {', '.join(METHODS)}", UnknownPaymentMethod)
        if why := why_not(method, sale):
            raise PaymentMethodNotOffered("this order cannot be paid so", why=why, method=name)
        if name == CARD and method.capture is Capture.PAYMENT:
            return None
        return Paying(name, method.capture, lasts_days=method.lasts_days, at_expiry=method.at_expiry)

    async def put(self, wanted: PaymentMethod, if_version: int) -> PaymentMethod:
        """Sets a method. Refuses with UNKNOWN_PAYMENT_METHOD, INVALID_PAYMENT_METHOD, VERSION_MISMATCH."""
        _check(wanted)
        there = await self._methods.get(wanted.id)
        if if_version and if_version != (there.version if there else 0):
            raise VersionMismatch("the method was set meanwhile")
        wanted.version = there.version if there else 0
        try:
            kept = await (self._methods.save(wanted) if there else self._methods.insert(wanted))
        except AlreadyExists as taken:
            raise VersionMismatch("the method was set meanwhile") from taken
        self._memory.clear()
        return kept


def why_not(method: PaymentMethod, sale: Sale) -> str:
    """Why a sale cannot be paid so; empty when it can."""
    if not method.enabled:
        return "disabled"
    if method.members_only and not sale.customer_id:
        return "members_only"
    if method.currency and method.currency != sale.currency:
        return "currency"
    if method.most_minor and sale.minor > method.most_minor:
        return "amount"
    if method.regions and not (sale.region and _within(sale.region, method.regions)):
        return "region"
    return ""


def _within(region: Region, regions: Sequence[str]) -> bool:
    return region.country in regions or f"{region.country}/{region.province}" in regions


def _check(wanted: PaymentMethod) -> None:
    if wanted.id not in METHODS:
        raise UnknownPaymentMethod(f"one of {', '.join(METHODS)}")
    if wanted.capture not in _CAPTURES[wanted.id]:
        allowed = ", ".join(each.value for each in _CAPTURES[wanted.id])
        raise limits.refused("/capture", f"{wanted.id} takes {allowed}", InvalidPaymentMethod)
    if wanted.at_expiry not in ("capture", "void"):
        raise limits.refused("/at_expiry", "`capture` or `void`", InvalidPaymentMethod)
    if not 1 <= wanted.lasts_days <= 30 or not 0 <= wanted.most_minor <= 10**12:
        raise limits.refused("", "1 to 30 days, and an amount of zero or more", InvalidPaymentMethod)
    if wanted.most_minor and not wanted.currency:
        raise limits.refused("/currency", "is needed for an amount", InvalidPaymentMethod)
    if len(wanted.regions) > _MOST_REGIONS:
        raise limits.refused("/regions", f"at most {_MOST_REGIONS}", InvalidPaymentMethod)
