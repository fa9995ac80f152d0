"""This is where a freight template is looked over before it is kept. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from services.kit.errors import FieldError

from .words import is_code, is_country, is_text

if TYPE_CHECKING:
    from .freight import Template, Zone

_MOST_ZONES = 200
_MOST_PLACES = 300
_MOST_MINOR = 10**12
_MOST_UNITS = 10**9
_MOST_DAYS = 365
BY = ("weight", "piece")


def problems(template: Template, carriers: Container[str]) -> list[FieldError]:
    """All that is wrong with it, each with its pointer."""
    wrong = {
        "/id": is_code(template.id) or "1 to 32 letters, digits, - or _",
        "/title": is_text(template.title, 100, 1) or "1 to 100 printable characters",
        "/by": template.by in BY or "weight or piece",
        "/carrier": template.carrier in carriers or "no carrier of this shop",
        "/currency": _is_currency(template.currency) or "one ISO 4217 code for all prices of all zones",
        "/zones": 1 <= len(template.zones) <= _MOST_ZONES or f"1 to {_MOST_ZONES} zones",
    }
    errors = [FieldError(pointer, str(said)) for pointer, said in wrong.items() if said is not True]
    for index, zone in enumerate(template.zones[:_MOST_ZONES]):
        errors += [FieldError(f"/zones/{index}{pointer}", said) for pointer, said in _zone_problems(zone)]
    return errors


def _is_currency(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()


def _zone_problems(zone: Zone) -> Iterator[tuple[str, str]]:
    if len(zone.countries) > _MOST_PLACES or not all(map(is_country, zone.countries)):
        yield "/countries", "ISO 3166-1 alpha-2 codes"
    if len(zone.provinces) > _MOST_PLACES or not all(is_text(name, 64, 1) for name in zone.provinces):
        yield "/provinces", "names of at most 64 printable characters"
    for name in ("first_units", "step_units"):
        if not 1 <= getattr(zone, name) <= _MOST_UNITS:
            yield f"/{name}", f"1 to {_MOST_UNITS}"
    for name in ("first_price", "step_price", "free_from"):
        if not 0 <= getattr(zone, name) <= _MOST_MINOR:
            yield f"/{name}", f"0 to {_MOST_MINOR} minor units"
    if not 0 <= zone.min_days <= zone.max_days <= _MOST_DAYS:
        yield "/max_days", f"min_days <= max_days <= {_MOST_DAYS}"
