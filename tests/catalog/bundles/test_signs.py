"""This is where it is tried when a product is past its best."""

import pytest

from services.catalog.bundles.signs import Action, Signs, proposed, reasons

WELL = {"units": 30, "before": 90, "sold": 120, "returned": 3, "rating": 450, "ratings": 40, "available": 20}


@pytest.mark.parametrize(
    ("more", "successor", "partner", "wanted"),
    [
        ({}, True, True, None),
        ({"units": 18}, False, False, Action.MARK_DOWN),  # 40 % slower, to the unit
        ({"units": 19}, True, True, None),
        ({"units": 5}, False, True, Action.BUNDLE),
        ({"units": 5}, True, True, Action.REPLACE),
        ({"units": 0, "available": 0}, False, True, Action.RETIRE),
        ({"units": 0, "before": 11}, True, True, None),  # too little before to tell
        ({"returned": 24}, False, True, Action.RETIRE),
        ({"returned": 2, "sold": 9}, False, False, None),
        ({"rating": 299}, False, False, Action.RETIRE),
        ({"rating": 299}, True, False, Action.REPLACE),
        ({"rating": 100, "ratings": 4}, False, False, None),
    ],
)
def test_what_is_proposed(more: dict[str, int], successor: bool, partner: bool, wanted: Action | None) -> None:
    signs = Signs(**WELL | more)
    assert proposed(signs, successor=successor, partner=partner) is wanted
    en, zh = reasons(signs)
    assert len(en) == len(zh)
    assert bool(en) or wanted is None


def test_the_reasons_are_the_numbers() -> None:
    en, zh = reasons(Signs(**WELL | {"units": 6, "returned": 30, "rating": 250}))
    assert en == [
        "sells 80 % more slowly: 6 in 28 days, after 90 in the 84 before",
        "30 of 120 came back",
        "2.50 stars in 40 reviews",
    ]
    assert zh[2] == "40 条评价平均 2.50 星"
