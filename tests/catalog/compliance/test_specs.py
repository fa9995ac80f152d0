"""This is where spec tables are held against what their category asks for."""

import pytest

from services.catalog.compliance.specs import Rule, SpecKind, held_against
from services.catalog.content import Attribute

COLOUR = Rule("colour", SpecKind.CHOICE, required=True, values=["blue", "红色"], also=["颜色"])
CAPACITY = Rule("capacity", SpecKind.NUMBER, required=True, units=["ml", "L"], least=50, most=5_000, also=["容量"])
ROWS = Rule("rows", SpecKind.NUMBER, most=10)


def against(rule: Rule, *table: tuple[str, str]) -> list[tuple[str, str]]:
    return [(each.code, each.pointer) for each in held_against([rule], [Attribute(*line) for line in table])]


@pytest.mark.parametrize("name", ["colour", "Colour", "COLOUR ", "顏色", "颜色"])
def test_a_line_goes_by_any_of_its_names(name: str) -> None:
    assert against(COLOUR, (name, "blue")) == []


def test_what_is_required_must_be_there_and_not_empty() -> None:
    assert against(COLOUR) == [("SPEC_MISSING", "/attributes")]
    assert against(COLOUR, ("colour", " ")) == [("SPEC_MISSING", "/attributes")]
    assert against(ROWS) == []


def test_a_choice_is_one_of_its_values_in_either_script() -> None:
    assert against(COLOUR, ("x", "y"), ("colour", "green")) == [("SPEC_INVALID", "/attributes/1/value")]
    assert against(COLOUR, ("colour", "紅色")) == []


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("300 ml", True),
        ("300ML", True),
        ("0.3 l", True),
        ("5 L", True),
        ("5.1 L", False),
        ("49.9 ml", False),
        ("300", False),
        ("300 g", False),
        ("about 300 ml", False),
        ("", True),
    ],
)
def test_a_number_has_a_unit_and_stays_in_its_range(value: str, fits: bool) -> None:
    optional = Rule("capacity", SpecKind.NUMBER, units=["ml", "L"], least=50, most=5_000)
    assert (against(optional, ("capacity", value)) == []) == fits


def test_a_number_without_units_is_bare() -> None:
    assert against(ROWS, ("rows", "10")) == []
    assert against(ROWS, ("rows", "11")) == [("SPEC_INVALID", "/attributes/0/value")]
    assert against(ROWS, ("rows", "3 cm")) == [("SPEC_INVALID", "/attributes/0/value")]


def test_what_is_wrong_is_said_in_two_languages_with_an_example() -> None:
    (finding,) = held_against([CAPACITY], [Attribute("容量", "9 L")])
    assert finding.en == '"capacity" must be a number from 50 ml to 5000 ml'
    assert finding.zh == "“capacity”必须是数字，不小于 50 ml，不大于 5000 ml"
    assert (finding.text, finding.suggestion) == ("9 L", "50 ml")
