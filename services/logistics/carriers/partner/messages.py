"""This is where it stands what words a partner may speak, and how its numbers begin. Pure."""

import re

from services.logistics.carriers import VOCABULARIES

VOCABULARY_NAMES = tuple(sorted(path.stem for path in VOCABULARIES.glob("*.json")))
_PREFIX = re.compile(r"[A-Z]{2,4}")
_TAKEN = frozenset({"SB", "SF", "OF"})  # the sandbox's, SF's, our own riders'


def is_prefix(prefix: str) -> bool:
    """Whether a partner's waybill numbers may begin so."""
    return _PREFIX.fullmatch(prefix) is not None and prefix not in _TAKEN
