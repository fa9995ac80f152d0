"""This is where it is kept who sells, under which series invoices are numbered, and at which rates."""

from dataclasses import dataclass, field

from services.kit.errors import AlreadyExists, FieldError, Invalid, VersionMismatch, WrongState
from services.kit.store import Store
from services.orders import limits

THE_PROFILE = "profile"
_MOST_RATES = 1_000


class InvalidInvoiceProfile(Invalid):
    """No seller can be so."""


class NoInvoiceProfile(WrongState):
    """Nobody has said yet who sells."""


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells, as invoices say it."""

    name: str
    tax_id: str
    address: str = ""
    phone: str = ""
    bank: str = ""
    account: str = ""


@dataclass
class InvoiceProfile:
    """Who sells and how invoices are made. Rates in hundredths of a percent, included in prices."""

    seller: Seller
    id: str = THE_PROFILE
    series: str = "S"
    red_series: str = "R"
    usual_rate_bp: int = 1300
    freight_rate_bp: int = 1300
    rates_bp: dict[str, int] = field(default_factory=dict)  # by category
    time_zone: str = "Asia/Shanghai"  # whose year an invoice is of
    stamp: str = "发票专用章"
    by: str = ""
    version: int = 0

    def check(self) -> None:
        """Refuses with INVALID_INVOICE_PROFILE."""
        faults = []
        for name, most, needed in (
            ("name", 100, True),
            ("tax_id", 20, True),
            ("address", 200, False),
            ("phone", 40, False),
            ("bank", 100, False),
            ("account", 40, False),
        ):
            limits.text(getattr(self.seller, name), f"/seller/{name}", most, InvalidInvoiceProfile, needed=needed)
        if not self.seller.tax_id.isascii() or not self.seller.tax_id.isalnum():
            faults.append(FieldError("/seller/tax_id", "letters and digits"))
        for name in ("series", "red_series"):
            word = getattr(self, name)
            if not (word.isascii() and word.isalnum() and word.isupper() and len(word) <= 8):
                faults.append(FieldError(f"/{name}", "1 to 8 capital letters or digits, a letter among them"))
        if self.series == self.red_series:
            faults.append(FieldError("/red_series", "another than the series"))
        rates = {"/usual_rate_bp": self.usual_rate_bp, "/freight_rate_bp": self.freight_rate_bp}
        rates |= {f"/rates_bp/{name}": rate for name, rate in self.rates_bp.items()}
        faults += [FieldError(at, "0 to 10,000") for at, rate in rates.items() if not 0 <= rate <= 10_000]
        if len(self.rates_bp) > _MOST_RATES:
            faults.append(FieldError("/rates_bp", "at most 1,000 categories"))
        if faults:
            raise InvalidInvoiceProfile("nobody can sell so", errors=faults)


class Profiles:
    """The one profile."""

    def __init__(self, profiles: Store[InvoiceProfile]) -> None:
        self._profiles = profiles

    async def get(self) -> InvoiceProfile:
        """What holds now. Refuses with NO_INVOICE_PROFILE."""
        held = await self._profiles.get(THE_PROFILE)
        if held is None:
            raise NoInvoiceProfile("nobody has said yet who sells")
        return held

    async def put(self, profile: InvoiceProfile, if_version: int) -> InvoiceProfile:
        """Holds for invoices from now on. Refuses with INVALID_INVOICE_PROFILE, VERSION_MISMATCH."""
        profile.check()
        held = await self._profiles.get(THE_PROFILE)
        profile.version = held.version if held else 0
        if if_version and if_version != profile.version:
            raise VersionMismatch("it has changed since you read it")
        try:
            return await (self._profiles.save(profile) if held else self._profiles.insert(profile))
        except AlreadyExists as taken:
            raise VersionMismatch("somebody else has just put one") from taken
