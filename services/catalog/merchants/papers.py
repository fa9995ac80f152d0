"""This is where a paper is what it says: a licence, a permit, an authorisation, with its scope and its days. Pure."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.catalog.fields import Faults

ALL = "*"  # every category
BUSINESS, TAX, BRAND = "business", "tax", "brand"
KINDS: dict[str, tuple[str, str]] = {
    BUSINESS: ("business licence", "营业执照"),
    TAX: ("tax registration", "税务登记证"),
    BRAND: ("brand authorisation", "品牌授权书"),
    "food": ("food business permit", "食品经营许可证"),
    "health_food": ("health food certificate", "保健食品注册或备案凭证"),
    "infant_formula": ("infant formula certificate", "婴幼儿配方乳粉注册证书"),
    "medical_device": ("medical device permit", "医疗器械经营许可证"),
    "drug": ("drug business permit", "药品经营许可证"),
    "cosmetics": ("cosmetics certificate", "化妆品注册或备案凭证"),
    "alcohol": ("alcohol permit", "酒类经营许可证"),
    "publication": ("publications permit", "出版物经营许可证"),
    "ccc": ("compulsory product certificate (CCC)", "强制性产品认证证书"),
    "patent": ("patent or trade mark certificate", "专利或商标证书"),
}
_MOST_CATEGORIES = 200


@dataclass
class Paper:
    """A paper as it is printed. Days are `YYYY-MM-DD`, empty for always and for without end."""

    kind: str
    number: str = ""
    subject: str = ""  # the brand of an authorisation
    scope: str = ""  # as printed
    categories: list[str] = field(default_factory=list)  # what that scope covers, with all below; `*` for everything
    valid_from: str = ""
    valid_until: str = ""
    document: str = ""  # where the scan is

    @property
    def names(self) -> tuple[str, str]:
        """What it is called, in English and Chinese."""
        en, zh = KINDS[self.kind]
        return (f"{en} for {self.subject}", f"{zh}（{self.subject}）") if self.subject else (en, zh)


@dataclass(frozen=True, slots=True)
class Days:
    """Where the shop's days begin."""

    zone: ZoneInfo

    def begins_at(self, day: str) -> datetime | None:
        """The first moment of a day; None for always."""
        return datetime.combine(date.fromisoformat(day), time(), self.zone).astimezone(UTC) if day else None

    def ends_at(self, day: str) -> datetime | None:
        """The first moment after a day; None for never."""
        if not day:
            return None
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), self.zone).astimezone(UTC)


def check_paper(faults: Faults, pointer: str, paper: Paper, days: Days, now: datetime) -> None:
    """Looks at a paper and tidies it: its kind, its texts, its days, and that it has not ended."""
    if paper.kind not in KINDS:
        faults.add(f"{pointer}/kind", f"must be one of {', '.join(KINDS)}")
    paper.number = faults.text(f"{pointer}/number", paper.number, 100, least=0 if paper.kind == BRAND else 1)
    paper.subject = faults.text(f"{pointer}/subject", paper.subject, 100)
    paper.scope = faults.text(f"{pointer}/scope", paper.scope, 2_000, lines=True)
    if paper.document.startswith("http"):
        faults.url(f"{pointer}/document", paper.document)
    elif paper.document:
        faults.id(f"{pointer}/document", paper.document)
    if len(paper.categories) > _MOST_CATEGORIES:
        faults.add(f"{pointer}/categories", f"must be at most {_MOST_CATEGORIES}")
    good = [_is_day(faults, f"{pointer}/{n}", getattr(paper, n)) for n in ("valid_from", "valid_until")]
    if not all(good) or not paper.valid_until:
        return
    if paper.valid_from > paper.valid_until:
        faults.add(f"{pointer}/valid_until", "must not be before valid_from")
    elif (ends_at := days.ends_at(paper.valid_until)) and ends_at <= now:
        faults.add(f"{pointer}/valid_until", "is over")


def _is_day(faults: Faults, pointer: str, day: str) -> bool:
    try:
        good = not day or (date.fromisoformat(day).isoformat() == day and "1900" < day < "9999")
    except ValueError:
        good = False
    if not good:
        faults.add(pointer, "must be a day, YYYY-MM-DD, or empty")
    return good
