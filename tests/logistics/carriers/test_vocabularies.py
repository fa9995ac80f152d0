"""This is where every cell of the mapping table is held: each carrier family's word, and the state it stands for here."""

import itertools

import pytest

from services.logistics.carriers import vocabulary
from services.logistics.carriers.sandbox import Sandbox
from services.logistics.carriers.sandbox.messages import journey, magic, state_of
from services.logistics.carriers.vocabulary import REASONS, VOCABULARIES, words
from services.logistics.tracking import CANONICAL, Scan, derive
from tests.logistics.test_tracking import START

FAMILIES = ("karrio", "aftership", "17track", "shippo", "kuaidi100", "yunda")
# As the conventions have it, a row a state and a cell a family. `code+reason` is a code told with a reason.
TABLE = """
label_created | pending | InfoReceived | InfoReceived | PRE_TRANSIT | | ACCEPT
picked_up | picked_up | InTransit | InTransit_PickedUp | TRANSIT | 1 | GOT
in_transit | in_transit | InTransit | InTransit_* | TRANSIT | 0 7 | ARRIVAL DEPARTURE TRANSFER
customs | in_transit+customs_* | Exception_004 | InTransit_Customs* | TRANSIT | 10 11 12 13 | CLEARANCE_*
out_for_delivery | out_for_delivery | OutForDelivery | OutForDelivery | TRANSIT | 5 | SENT
ready_for_pickup | ready_for_pickup | AvailableForPickup | AvailableForPickup | TRANSIT | | INBOUND
delivered | delivered | Delivered | Delivered | DELIVERED | 3 | SIGNED
attempt_failed | delivery_failed | AttemptFail | DeliveryFailure | FAILURE | 2 | SIGNFAIL
exception | on_hold delivery_delayed | Exception | Exception | FAILURE | 2 | ISSUE
rejected | delivery_failed+consignee_refused | Exception_003 | DeliveryFailure_Rejected | FAILURE | 14 | REJECTION
returning | return_to_sender | Exception_010 | Exception_Returning | RETURNED | 6 | RETURN
returned | return_to_sender | Exception_011 | Exception_Returned | RETURNED | 4 | RETURN
unknown | unknown | Pending Expired | NotFound Expired | UNKNOWN | | OTHER
"""
# Where one word stands in several cells, what it is told with decides; alone it stands for the first that is likely.
FINER = {
    ("aftership", "picked_up"): "InTransit_002",
    ("shippo", "picked_up"): "TRANSIT+package_accepted",
    ("shippo", "out_for_delivery"): "TRANSIT+out_for_delivery",
    ("shippo", "ready_for_pickup"): "TRANSIT+pickup_available",
    ("shippo", "attempt_failed"): "FAILURE+package_undeliverable",
    ("shippo", "returning"): "RETURNED+return_to_sender",
    ("kuaidi100", "attempt_failed"): "204",
    ("karrio", "returned"): "return_to_sender+returned",
    ("yunda", "returned"): "RETURN+SIGNED",
}
# Shippo has no word for customs nor for a refusal: it says that a parcel is on its way, or failed.
COARSE = {("shippo", "customs"): "in_transit", ("shippo", "rejected"): "exception"}


def _cells() -> list[tuple[str, str, str]]:
    rows = [[part.strip() for part in line.split("|")] for line in TABLE.strip().splitlines()]
    return [
        (family, row[0], word)
        for row in rows
        for family, cell in zip(FAMILIES, row[1:], strict=True)
        for word in cell.split()
    ]


CELLS = _cells()


def _meaning(family: str, word: str) -> str:
    code, _, reason = word.replace("*", "processing").partition("+")
    return vocabulary(family).meaning(code, reason).state


def test_the_table_is_whole() -> None:
    assert {state for _, state, _ in CELLS} == set(CANONICAL) - {"cancelled"}
    assert len(CELLS) == 84


@pytest.mark.parametrize("family", FAMILIES)
def test_every_cell_is_understood(family: str) -> None:
    wrong = []
    for _, state, word in (cell for cell in CELLS if cell[0] == family):
        together = {other for name, other, same in CELLS if (name, same) == (family, word)}
        meant, wanted = _meaning(family, word), COARSE.get((family, state), state)
        finer = FINER.get((family, state))
        if meant not in together or (finer is None and meant != wanted) or (finer and _meaning(family, finer) != state):
            wrong.append((family, state, word, meant))
    assert wrong == []


@pytest.mark.parametrize("family", FAMILIES)
def test_a_word_in_capitals_is_the_same_word(family: str) -> None:
    speaks = vocabulary(family)
    for word, meaning in words(family):
        code, _, reason = word.replace("*", "").partition("+")
        assert speaks.meaning(code.upper(), reason.upper()).state in {
            meaning.state,
            "unknown",
            speaks.meaning(code, reason).state,
        }
    assert speaks.meaning("beamed up").state == "unknown"
    assert speaks.meaning("beamed up", "by mistake").state == "unknown"


def test_a_reason_is_told_beside_the_state_and_one_nobody_knows_changes_nothing() -> None:
    karrio = vocabulary("karrio")
    assert karrio.meaning("delivery_failed", "consignee_refused").reason == "refused"
    assert karrio.meaning("delivery_failed", "dog_ate_it") == karrio.meaning("delivery_failed")
    assert karrio.meaning("in_transit", "customs_document_missing").state == "customs"
    assert vocabulary("17track").meaning("Exception_Lost").reason == "lost"
    assert vocabulary("aftership").meaning("Exception_013").reason == "lost"


def test_the_longest_beginning_that_fits_is_meant() -> None:
    track = vocabulary("17track")
    assert track.meaning("InTransit_CustomsRequiringInformation").state == "customs"
    assert track.meaning("InTransit_Whatever").state == "in_transit"
    assert track.meaning("InTransit_PickedUp").state == "picked_up"


@pytest.mark.parametrize("name", sorted(path.stem for path in VOCABULARIES.glob("*.json")))
def test_every_file_speaks_of_our_states_and_reasons_only(name: str) -> None:
    entries = words(name)
    assert len({word.casefold() for word, _ in entries}) == len(entries) > 5
    assert {meaning.reason for _, meaning in entries} <= REASONS | {""}


@pytest.mark.parametrize(
    ("name", "way", "state"),
    [
        ("sf", "50 30 36 31 44 80", "delivered"),
        ("sf", "54 36 31 44 125 128", "delivered"),
        ("sf", "50 36 31 44 70 44 648 80", "returned"),
        ("sf", "50 16 17 606 44", "out_for_delivery"),
        ("zto", "GOT DEPARTURE ARRIVAL DISPATCH INBOUND DEPARTURE_SIGNED", "delivered"),
        ("zto", "GOT DEPARTURE PROBLEM RETURN_SCAN RETURN_SIGNED", "returned"),
        ("zto", "收件 发件 到件 派件 签收", "delivered"),
    ],
)
def test_a_carriers_own_course_leads_where_it_should(name: str, way: str, state: str) -> None:
    speaks = vocabulary(name)
    scans = [
        Scan(f"{place}", speaks.meaning(code).state, code, "", "", at, at)
        for place, (code, at) in enumerate(zip(way.split(), itertools.repeat(START), strict=False))
    ]
    for place, one in enumerate(scans):
        one.occurred_at = START.replace(hour=place)
    assert derive(scans).state == state


async def test_there_is_a_magic_number_for_every_state() -> None:
    sandbox = Sandbox()
    for state in CANONICAL:
        number = magic(state)
        assert state_of(number) == state
        assert state_of(number + "X") is None
        told = await sandbox.track([number, "SB123"], {})
        assert [one.code for one in told] == [code for code, _ in journey(state, START)]
        scans = [
            Scan(str(i), sandbox.vocabulary.meaning(one.code).state, one.code, "", "", START.replace(hour=i), START)
            for i, one in enumerate(told)
        ]
        assert derive(scans).state == (state if state != "unknown" else "label_created")
