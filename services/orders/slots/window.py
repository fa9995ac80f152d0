"""This is where it stands in a cart and in an order when it is brought. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Window:
    """A slot of logistics, as it was when it was chosen: `id`, the warehouse whose riders bring it, between which moments,
    and until when it can be changed. `revision` is how often it was, `changed` whether its customer has done so."""

    id: str
    warehouse: str
    from_at: datetime
    until_at: datetime
    cut_off_at: datetime
    revision: int = 0
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Free:
    """A slot that can be chosen, and for how many more orders there is room."""

    window: Window
    title: str
    left: int
