"""This is where it is named what is known of a parcel's fate, for the scorecards."""

from dataclasses import dataclass, field


@dataclass
class Watched:
    """`overdue`: `late` once it should have been at the door; whether it is lost the lookout says (`UnderWay`).
    `damaged`: it is said to have come so, by the carrier's fault. `uncounted`: the scorecards have not seen it as it is;
    whoever changes a parcel sets it."""

    overdue: str = field(default="", kw_only=True)
    damaged: bool = field(default=False, kw_only=True)
    uncounted: bool = field(default=True, kw_only=True)
