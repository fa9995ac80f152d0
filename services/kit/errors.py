"""This is where a refusal is defined: a class with a reason.

A feature raises a subclass of one of the kinds below. `services.kit.rpc` turns the kind into a gRPC status and back, the
gateway turns it into a problem+json answer. Pure: no I/O, no framework.
"""

import re
from dataclasses import dataclass

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one part of the input; `pointer` is a JSON pointer (RFC 6901)."""

    pointer: str
    message: str


class Refused(Exception):
    """The shop says no, and says why. `reason` is the class's name in capitals: OutOfStock → OUT_OF_STOCK."""

    reason: str = "REFUSED"

    def __init_subclass__(cls) -> None:
        cls.reason = _WORD_START.sub("_", cls.__name__).upper()

    def __init__(self, detail: str = "", *, errors: list[FieldError] | None = None, **meta: object) -> None:
        super().__init__(detail or self.reason)
        self.detail = detail
        self.errors = errors or []
        self.meta = {name: str(value) for name, value in meta.items()}


class Invalid(Refused):
    """Could never succeed as it is."""


class NotFound(Refused):
    """There is no such thing, or it is another's."""


class AlreadyExists(Refused):
    """There is one already."""


class WrongState(Refused):
    """Fine, but not now."""


class Conflict(Refused):
    """Changed meanwhile: read again and retry."""


class NotSignedIn(Refused):
    """Nobody is known to be asking."""


class NotAllowed(Refused):
    """Who is asking may not."""


class Exhausted(Refused):
    """Too much of it: try later. `retry_after_s` in meta says when."""


class Unavailable(Refused):
    """Something it needs is away: try again as it is."""


class TooLate(Refused):
    """The deadline passed; what became of it is unknown."""


class VersionMismatch(Conflict):
    """The thing has changed since the version given was read."""


KINDS: tuple[type[Refused], ...] = (
    Invalid,
    NotFound,
    AlreadyExists,
    WrongState,
    Conflict,
    NotSignedIn,
    NotAllowed,
    Exhausted,
    Unavailable,
    TooLate,
)


def kind_of(refusal: Refused) -> type[Refused]:
    """The kind a refusal is of; what is of none is a `WrongState`."""
    return next((kind for kind in KINDS if isinstance(refusal, kind)), WrongState)


def remote(kind: type[Refused], reason: str, detail: str, errors: list[FieldError], meta: dict[str, str]) -> Refused:
    """A neighbour's refusal, as an instance of its kind that carries the neighbour's reason."""
    refusal = kind(detail, errors=errors)
    refusal.reason = reason
    refusal.meta = meta
    return refusal
