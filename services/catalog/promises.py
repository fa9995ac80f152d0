"""This is where a product's promises beside its description are: trust blocks and the after-sales policy. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from .fields import Faults

NO_REASON_DAYS = 7  # the consumer's right: seven days, no reason asked
_MOST_BLOCKS = 20
_MOST_DAYS = 365


class TrustKind(StrEnum):
    """What a trust block shows."""

    QC_REPORT = "qc_report"
    ISO9001 = "iso9001"
    FACTORY_PHOTO = "factory_photo"
    NO_REASON_RETURN = "no_reason_return"
    FREIGHT_INSURANCE = "freight_insurance"
    TRIAL_REPORT = "trial_report"
    PHOTO_REVIEWS = "photo_reviews"


# Who says so has to show it.
SHOWN = frozenset({TrustKind.QC_REPORT, TrustKind.ISO9001, TrustKind.FACTORY_PHOTO, TrustKind.TRIAL_REPORT})


@dataclass
class TrustBlock:
    """A reason to trust: a report, a certificate, a promise."""

    kind: TrustKind
    text: str = ""
    media_url: str = ""


@dataclass
class AfterSales:
    """What becomes of goods that do not please."""

    text: str = ""
    return_days: int = NO_REASON_DAYS  # without a reason; 0: they are not taken back
    freight_insurance: bool = False  # the way back is paid for


def check_promises(faults: Faults, blocks: list[TrustBlock], after_sales: AfterSales | None) -> None:
    """Looks at texts, addresses and numbers."""
    if len(blocks) > _MOST_BLOCKS:
        faults.add("/trust_blocks", f"must be at most {_MOST_BLOCKS}")
    for i, block in enumerate(blocks):
        block.text = faults.text(f"/trust_blocks/{i}/text", block.text, 300)
        if block.media_url:
            block.media_url = faults.url(f"/trust_blocks/{i}/media_url", block.media_url)
    if after_sales is not None:
        check_after_sales(faults, after_sales, "/after_sales")


def check_after_sales(faults: Faults, policy: AfterSales, pointer: str) -> None:
    """Looks at an after-sales policy."""
    policy.text = faults.text(f"{pointer}/text", policy.text, 2_000, lines=True)
    faults.number(f"{pointer}/return_days", policy.return_days, 0, _MOST_DAYS)
