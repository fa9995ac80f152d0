"""This is where figures are shown beside what they must reach."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


@dataclass
class Report:
    """What was measured in one run."""

    table: Table = field(default_factory=lambda: Table("figure", "measured", "wanted", ""))
    missed: list[str] = field(default_factory=list)

    def row(self, title: str, text: str) -> None:
        """A heading."""
        self.table.add_section()
        self.table.add_row(f"[bold]{title}", text)

    def figure(
        self, name: str, value: float | str, unit: str, *, at_most: float | None = None, at_least: float | None = None
    ) -> None:
        """A figure, and whether it is as it should be."""
        shown = value if isinstance(value, str) else f"{value:,.2f} {unit}".strip()
        wanted = f"≤ {at_most:g}" if at_most is not None else f"≥ {at_least:g}" if at_least is not None else ""
        fine = isinstance(value, str) or (
            (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
        )
        if not fine:
            self.missed.append(name)
        self.table.add_row(f"  {name}", shown, wanted, ("✓" if fine else "✗") if wanted else "")

    def show(self) -> None:
        """Prints the table."""
        Console(width=110).print(self.table)
