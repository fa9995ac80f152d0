"""This is where it is shown what forecasts and the replenishment autopilot are worth on real sales (C44, K28)."""

from bench.report import Report
from tests.catalog.supply.retail import retail
from tests.catalog.supply.simulation import LEADS, TARGET, World, compare, wape_by_class


def measure(report: Report) -> None:
    """WAPE beside seasonal naive; and seventeen weeks lived through with ours, fixed min-max and the textbook's rule, of
    which the other two get the parameter that reaches just the service of ours."""
    report.row("forecasts", "WAPE of totals a SKU, sales up to 2011-09; beside the same weeks before")
    for row in wape_by_class():
        name = f"{row.weeks} weeks, {row.origins} origins, {row.name}"
        report.figure(name, f"{row.ours:.3f}, naive {row.naive:.3f}", "")
        if row.name == "all":
            report.figure("  ours / naive", row.ours / row.naive, "", at_most=1)
    world = World.of(retail())
    for name, lead in LEADS.items():
        report.row("replenishment", f"{len(world.since):,} SKUs, lead time {name}; stock at selling prices")
        ours, *others = compare(world, *lead)
        report.figure("days a SKU is out of stock", ours.stock_out * 100, "%", at_most=TARGET * 100)
        for each in (ours, *others):
            said = f"{each.value / 100:,.0f} GBP, {each.lost:.1%} of value lost"
            report.figure(each.rule, said, "")
            if each is not ours:
                report.figure("  stock, ours by its", ours.value / each.value, "", at_most=1)
