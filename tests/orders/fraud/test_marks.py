"""This is where marks are held to what they promise: the same for the same, nothing to read in them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.ids import id_of_moment, made_at, new_id
from services.kit.settings import DEVELOPMENT_SEAL_KEY
from services.orders.addresses import Address
from services.orders.fraud.marks import Marker, kind_of, same_name, short, who

MARKER = Marker(DEVELOPMENT_SEAL_KEY)
HOME = Address("CN", "浙江省", "杭州市", "西湖区", "文三路 90 号", "王小明", "+8613812345678")


def test_one_mailbox_is_one_mark_however_it_is_written() -> None:
    assert MARKER.email("Ann+shop@Example.com") == MARKER.email(" ann@example.com") != MARKER.email("bob@example.com")


def test_one_door_is_one_mark_however_it_is_written() -> None:
    again = Address("CN", "浙江省 ", "杭州市", "西湖区", "文三路９０号", "李雷", "+8613900000000")
    other = Address("CN", "浙江省", "杭州市", "西湖区", "文三路 91 号", "王小明", "+8613812345678")
    assert MARKER.address(HOME) == MARKER.address(again) != MARKER.address(other)


@given(st.sampled_from(["email", "device", "address", "card", "ip"]), st.text(min_size=4, max_size=60))
def test_nothing_can_be_read_in_a_mark(kind: str, value: str) -> None:
    mark = MARKER.mark(kind, value.encode("utf-8", "surrogatepass"))
    assert value not in mark.partition(".")[2]
    assert kind_of(mark) == ("" if kind == "ip" else kind)
    other = Marker("b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktb28=")
    assert other.mark(kind, value.encode("utf-8", "surrogatepass")) != mark


@pytest.mark.parametrize(
    "mark", ["", "device", "device.", "ip.00ff", "device.$ne", "listing.x", "email.A", "device." + "0" * 65]
)
def test_what_is_no_mark_is_none(mark: str) -> None:
    assert kind_of(mark) == ""


def test_names_are_compared_by_their_words() -> None:
    assert same_name("WANG XIAOMING", "Xiaoming  Wang") and same_name("Ann-Marie Lee", "ann marie lee")
    assert same_name("王小明", "小明") and same_name("ANN LEE", "Ann B. Lee")
    assert not same_name("Ann Lee", "Bob Stone") and not same_name("王小明", "李雷")


def test_who_buys_is_the_customer_first() -> None:
    marks = {"device": "device.1", "email": "email.1", "customer": "customer.cus_1"}
    assert who(marks) == "customer.cus_1" and who({"device": "device.1"}) == "device.1" and who({"ip": "ip.1"}) == ""
    assert short("device.1") != short("device.2") and len(short("x")) == 12


def test_an_id_says_when_it_was_made() -> None:
    moment = datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert made_at(id_of_moment("cus", moment)) == moment
    assert abs((made_at(new_id("cus")) or moment) - datetime.now(UTC)).total_seconds() < 5
    assert [made_at(bad) for bad in ("", "cus_1", "cus_" + "u" * 26, "cus_" + "z" * 26)] == [None] * 4
