"""This is where it is measured how often addresses are read as they are meant: 300, of ten kinds of carelessness (L19)."""

import csv
import time
from collections import Counter
from collections.abc import Iterator

from services.logistics.gazetteer.addresses import DOUBTFUL, Judged, Written, judge

from .corpus import FILE

LEVELS = ("province", "city", "district")


def _rows() -> Iterator[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _judged(row: dict[str, str]) -> Judged:
    fields = {name: row[name] for name in ("line", "province", "city", "district", "street")}
    return judge(Written(**fields))


def test_addresses_are_read_as_they_are_meant() -> None:
    before, after, kinds, sure_and_wrong, n = Counter[str](), Counter[str](), Counter[str](), 0, 0
    for row in _rows():
        found, n = _judged(row), n + 1
        right = all(getattr(found.address, level) == row[f"true_{level}"] for level in LEVELS)
        for level in LEVELS:
            before[level] += row[level] == row[f"true_{level}"]
            after[level] += getattr(found.address, level) == row[f"true_{level}"]
        after["code"] += found.code == row["true_code"]
        kinds[row["kind"]] += right
        sure_and_wrong += not right and found.confidence >= 80
    assert n == 300
    assert [after[level] / n >= least for level, least in zip(LEVELS, (0.98, 0.96, 0.93), strict=True)] == [True] * 3, (
        after,
        kinds,
    )
    assert all(before[level] < after[level] for level in LEVELS)
    assert sure_and_wrong <= 3
    assert kinds["as_it_is"] == 30


def test_confidence_falls_where_reading_fails() -> None:
    """Of the doubtful fewer are right than of the sure."""
    right: dict[bool, list[bool]] = {True: [], False: []}
    for row in _rows():
        found = _judged(row)
        right[found.confidence >= 80].append(found.code == row["true_code"])
    sure, unsure = (sum(each) / len(each) for each in (right[True], right[False]))
    assert sure > 0.98 and sure > unsure


def test_an_address_costs_less_than_a_millisecond() -> None:
    rows = list(_rows())
    for row in rows[:1]:
        _judged(row)  # the table is read
    began = time.process_time()
    for row in rows:
        _judged(row)
    assert (time.process_time() - began) / len(rows) < 0.001
    assert DOUBTFUL == 50
