"""This is where what customs takes is worked out, by hand and by law."""

from hypothesis import example, given
from hypothesis import strategies as st

from services.logistics.customs.duties import DutyTable, Item, Rate, estimate, faults

BRITAIN = DutyTable(
    "GB",
    "CNY",
    duty_de_minimis_minor=10_000,
    tax_de_minimis_minor=0,
    ddp=True,
    ddp_fee_bp=500,
    ddp_fee_minor=300,
    rates=[Rate("", 0, 2000), Rate("69", 1000, 2000), Rate("691200", 1200, 2000)],
)


def test_duty_is_on_value_with_freight_and_tax_on_both() -> None:
    got = estimate(BRITAIN, [Item("MUG", "69120000", 10_000), Item("BOOK", "490199", 10_000)], 2_000)
    assert got.customs_value_minor == 22_000
    assert [(due.value_minor, due.duty_minor, due.tax_minor) for due in got.lines] == [
        (11_000, 1_320, 2_464),  # 12 %, then 20 % of 12,320
        (11_000, 0, 2_200),
    ]
    assert (got.duty_minor, got.tax_minor, got.ddp_fee_minor, got.ddp_minor) == (1_320, 4_664, 300, 6_284)


def test_below_the_de_minimis_nothing_is_due_and_at_it_neither() -> None:
    assert estimate(BRITAIN, [Item("MUG", "691200", 10_000)], 0).duty_minor == 0
    assert estimate(BRITAIN, [Item("MUG", "691200", 10_001)], 0).duty_minor == 1_200


def test_fob_leaves_freight_out_and_what_has_no_rate_is_said() -> None:
    table = DutyTable("US", "CNY", cif=False, ddp=True, rates=[Rate("69", 1000, 0)])
    got = estimate(table, [Item("MUG", "691200", 1_000), Item("TEA", "090210", 1_000)], 5_000)
    assert (got.customs_value_minor, got.duty_minor, got.unknown) == (2_000, 100, ("TEA",))
    assert not got.ddp_offered and got.ddp_minor == 0  # nobody promises to pay what nobody knows


@given(
    st.lists(st.tuples(st.sampled_from(("691200", "6911", "490199")), st.integers(0, 10**9)), min_size=1, max_size=8),
    st.integers(0, 10**7),
)
@example([("691200", 1), ("6911", 0)], 10_000)  # more of the worthless one took freight to where less is due
def test_lines_add_up_and_more_value_never_pays_less(goods: list[tuple[str, int]], freight: int) -> None:
    items = [Item(f"S{n}", code, value) for n, (code, value) in enumerate(goods)]
    got = estimate(BRITAIN, items, freight)
    worth = sum(item.value_minor for item in items)
    assert sum(due.value_minor for due in got.lines) == (got.customs_value_minor if worth else 0)
    # Twice as much of each: freight falls on the lines as before. (Of one line alone it could move to where less is due.)
    dearer = estimate(BRITAIN, [Item(i.sku, i.hs_code, i.value_minor * 2) for i in items], freight)
    assert dearer.duty_minor + dearer.tax_minor >= got.duty_minor + got.tax_minor


def test_a_table_is_checked() -> None:
    wrong = DutyTable("gb", "CN", tax_name="", rates=[Rate("x", 0, 0), Rate("69", -1, 0), Rate("69", 0, 10_001)])
    pointers = {fault.pointer for fault in faults(wrong)}
    assert {"/country", "/currency", "/tax_name", "/rates/0/hs_prefix", "/rates/1", "/rates/2/hs_prefix"} <= pointers
