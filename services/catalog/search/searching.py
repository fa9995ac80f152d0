"""This is where it is named what searches: the index and its keeper, synonyms, what was asked, and finding."""

from dataclasses import dataclass

from .finding import Finding
from .keeping import Keeper
from .queries import Queries
from .synonyms import Synonyms


@dataclass(frozen=True)
class Searching:
    """What searches."""

    keeper: Keeper
    synonyms: Synonyms
    queries: Queries
    finding: Finding
