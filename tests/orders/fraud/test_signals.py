"""This is where signals are held to what they say: exact windows, nothing of one's own, bounded whatever comes."""

from datetime import UTC, datetime, timedelta
from math import inf, isfinite, log, log1p

from hypothesis import given
from hypothesis import strategies as st

from services.kit.ids import id_of_moment
from services.orders.fraud.marks import short
from services.orders.fraud.scoring import Decision, Model, Reason, listed, outcome_of, packed, scored, unpacked
from services.orders.fraud.signals import SIGNALS, Looked, features, words
from services.orders.fraud.trails import Listing, Sighting, Trail

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD = id_of_moment("cus", NOW - timedelta(days=400))
MARKS = {"customer": f"customer.{OLD}", "device": "device.d", "card": "card.c", "address": "address.a", "ip": "ip.i"}


def seen(ago: timedelta, outcome: str = "", minor: int = 1_000, key: str = "", **more: object) -> Sighting:
    return Sighting(key or f"k{ago}{outcome}{more}", NOW - ago, minor, "CNY", outcome=outcome, **more)  # type: ignore[arg-type]


def looked(minor: int = 1_000, **more: object) -> Looked:
    return Looked("mine", NOW, MARKS, minor, "CNY", **more)  # type: ignore[arg-type]


def trails(**of: list[Sighting]) -> dict[str, Trail]:
    return {MARKS[kind]: Trail(MARKS[kind], each) for kind, each in of.items()}


KNOWN = [seen(timedelta(days=40))]


def test_windows_are_exact_to_the_second() -> None:
    hour = [seen(timedelta(minutes=59, seconds=59)), seen(timedelta(hours=1)), seen(timedelta(hours=24))]
    found = features(looked(), trails(device=hour), {}, ())
    assert found["device_orders_1h"] == log1p(1)
    assert found["device_orders_24h"] == log1p(2)
    assert found["device_orders_30d"] == log1p(3)
    assert found["device_amount_24h"] == log1p(2)


def test_a_request_does_not_count_itself_and_declines_are_no_orders() -> None:
    tried = [
        seen(timedelta(0), key="mine"),
        seen(timedelta(minutes=1), "declined"),
        seen(timedelta(minutes=2), "blocked"),
    ]
    found = features(looked(), trails(card=tried), {}, ())
    assert "card_orders_1h" not in found and found["card_declined_1h"] == log1p(2)


def test_who_else_was_seen_with_the_same_marks() -> None:
    me, mine = short(MARKS["customer"]), short(MARKS["card"])
    near = [seen(timedelta(hours=n), who=f"w{n}", card=f"c{n}", coupon=n > 2) for n in (1, 2, 3)] + [
        seen(timedelta(days=1), who=me, card=mine, coupon=True),
        seen(timedelta(days=31), who="w9", card="c9"),
    ]
    found = features(looked(coupon=True), trails(device=near, card=near), {}, ())
    assert found["device_cards_30d"] == found["device_people_30d"] == found["card_people_30d"] == log1p(3)
    assert found["coupon_people_30d"] == log1p(1)
    assert "coupon_people_30d" not in features(looked(), trails(device=near), {}, ())


def test_amounts_are_measured_by_the_buyers_own_and_the_categorys_mean() -> None:
    found = features(looked(4_000, units={"tea": 900}), trails(customer=KNOWN), {"tea/CNY": 300.0, "tea/USD": 1.0}, ())
    assert found["amount_to_own"] == log(4) and found["amount_to_category"] == log(3)
    assert "amount_to_own" not in features(looked(500), trails(customer=KNOWN), {"tea/CNY": 0.0}, ())


def test_a_known_buyer_at_a_new_door_is_seen_and_a_newcomer_is_not_called_known() -> None:
    found = features(looked(), trails(customer=KNOWN, device=KNOWN), {}, ())
    assert found.get("new_address") and "new_device" not in found and "first_order" not in found
    declined = [seen(timedelta(days=40), "declined"), seen(timedelta(hours=2))]
    found = features(looked(), trails(customer=declined), {}, ())
    assert found["first_order"] and "new_address" not in found


def test_accounts_have_an_age_guests_and_devices_are_missed() -> None:
    young = {**MARKS, "customer": f"customer.{id_of_moment('cus', NOW - timedelta(hours=3))}"}
    found = features(Looked("k", NOW, young, 1, "CNY"), {}, {}, ("phones",))
    assert found["young_account"] and "guest" not in found and "risky_category" not in found
    found = features(Looked("k", NOW, {}, 1, "CNY", units={"phones": 1}), {}, {}, ("phones",))
    assert found["guest"] and found["no_device"] and found["risky_category"]


sightings = st.lists(
    st.builds(
        Sighting,
        st.text(max_size=5),
        st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
        st.integers(0, 10**12),
        st.sampled_from(["CNY", "USD"]),
        st.text(max_size=3),
        st.text(max_size=3),
        st.booleans(),
        st.sampled_from(["", "declined", "blocked"]),
    ),
    max_size=12,
)


@given(st.dictionaries(st.sampled_from(list(MARKS)), sightings), st.integers(0, 10**12), st.booleans())
def test_whatever_was_seen_a_score_is_a_probability(of: dict[str, list[Sighting]], minor: int, coupon: bool) -> None:
    found = features(looked(minor, units={"tea": minor}, coupon=coupon), trails(**of), {"tea/CNY": 1e-9}, ("tea",))
    assert set(found) <= set(SIGNALS) and all(isfinite(value) and value > 0 for value in found.values())
    score, reasons = scored(Model(), found)
    assert 0 <= score <= 10_000
    assert [each.points for each in reasons] == sorted((each.points for each in reasons), reverse=True)
    assert all(all(words(each.signal, found[each.signal])) for each in reasons)


def test_rules_are_told_in_words_with_their_numbers() -> None:
    assert words("device_orders_1h", log1p(6)) == (
        "6 other orders from this device within an hour",
        "该设备1 小时内另有 6 单",
    )
    assert words("amount_to_own", log(4))[0] == "4.0 times what this buyer usually spends"
    assert words("gone_signal", 1.0) == ("gone_signal", "gone_signal")


def test_an_ordinary_newcomer_passes_a_card_tester_does_not() -> None:
    newcomer, _ = scored(Model(), {"first_order": 1.0, "guest": 1.0, "no_device": 1.0, "young_account": 1.0})
    tried = [seen(timedelta(minutes=n), "declined", card=f"c{n}", who=f"w{n}") for n in range(8)]
    tester, reasons = scored(Model(), features(looked(), trails(device=tried, ip=tried), {}, ()))
    assert newcomer < 200 < 5_000 < tester
    assert {each.signal for each in reasons[:2]} == {"device_cards_30d", "device_declined_1h"}


def test_weights_that_were_learnt_stand_before_rules() -> None:
    model = Model(bias=0.0, weights={"guest": -1.0})
    assert scored(model, {"guest": 1.0})[0] == round(10_000 / (1 + 2.718281828459045))
    assert scored(Model(bias=inf), {})[0] == 10_000 and scored(model, {"unknown": 5.0})[0] == 5_000


def test_staff_are_stronger_than_scores_and_deny_than_allow_until_its_time_is_over() -> None:
    def said(verdict: str, hours: int) -> Trail:
        return Trail("device.d", listing=Listing(verdict, NOW + timedelta(hours=hours), "stf_1", "", NOW))

    assert listed([said("allow", 1), said("deny", 1)], NOW) == "deny"
    assert listed([said("allow", 1), said("deny", 0)], NOW) == "allow"
    assert listed([said("deny", -1), Trail("x")], NOW) == ""
    assert [outcome_of(score, "", 1_000, 6_000) for score in (999, 1_000, 5_999, 6_000)] == [
        "pass",
        "review",
        "review",
        "block",
    ]
    assert outcome_of(0, "deny", 1_000, 6_000) == "block" and outcome_of(10_000, "allow", 1_000, 6_000) == "pass"


def test_a_decision_is_kept_as_it_was_made() -> None:
    made = Decision(123, "review", "review", [Reason("guest", 20)], {"guest": 1.0}, {"ip": "ip.1"}, "k", 2)
    assert unpacked(packed(made)) == made and unpacked(b"") is None and made.reason == "guest"
