"""This is where it is said what can be done to an application, and what belongs to each verdict. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.catalog.fields import Faults
from services.kit.errors import Invalid

_MOST_MISSING = 50


class ApplicationState(StrEnum):
    """The life of an application."""

    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"


class Verdict(StrEnum):
    """What is done to an application."""

    TAKE_UP = "take_up"
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"


OPEN = (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW)
WITH_HOLDER = (ApplicationState.SUBMITTED, ApplicationState.RETURNED)
TARGETS = {
    Verdict.TAKE_UP: ApplicationState.IN_REVIEW,
    Verdict.APPROVE: ApplicationState.APPROVED,
    Verdict.RETURN: ApplicationState.RETURNED,
    Verdict.REJECT: ApplicationState.REJECTED,
}


class InvalidApplication(Invalid):
    """The form is not what it must be."""


@dataclass
class Missing:
    """What the holder is to mend, and where in the form."""

    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict with what belongs to it."""

    verdict: Verdict
    by: str
    missing: Sequence[Missing] = ()
    reason: str = ""
    categories: Sequence[str] = ()
    if_version: int = 0


def check_ruling(ruling: Ruling) -> None:
    """Looks at a verdict and what belongs to it. Refuses with INVALID_APPLICATION."""
    faults = Faults()
    faults.text("/by", ruling.by, 128)
    faults.text("/reason", ruling.reason, 1_000, least=1 if ruling.verdict is Verdict.REJECT else 0, lines=True)
    if ruling.verdict is Verdict.RETURN and not 1 <= len(ruling.missing) <= _MOST_MISSING:
        faults.add("/missing", f"must be 1 to {_MOST_MISSING}")
    for i, each in enumerate(ruling.missing[:_MOST_MISSING]):
        faults.text(f"/missing/{i}/pointer", each.pointer, 200, least=1)
        faults.text(f"/missing/{i}/message", each.message, 500, least=1)
    faults.refuse(InvalidApplication)
