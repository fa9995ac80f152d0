"""This is where it is held to what the terms say: days by the calendar, sorts of goods, reasons; each unit its place."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from services.kit.errors import Refused
from services.orders.aftersales.compensations import Rule, Rules, worth
from services.orders.aftersales.inspecting import _without_missing
from services.orders.aftersales.intake import _claim
from services.orders.aftersales.policies import Policy, insurance_of, terms_of
from services.orders.aftersales.reasons import REASONS, Kind
from services.orders.aftersales.returns import NothingToReturn, ReturnLine
from services.orders.aftersales.reviewing import take_back
from services.orders.aftersales.terms import Terms, check, freight_payer, until
from services.orders.lines import OrderLine

SHANGHAI = ZoneInfo("Asia/Shanghai")
DELIVERED = datetime(2026, 11, 1, 17, 30, tzinfo=UTC)  # 01:30 on the 2nd in Shanghai


def _refusal(terms: Terms, reason: str, kind: Kind, now: datetime, delivered: datetime | None = DELIVERED) -> str:
    try:
        check("A", terms, REASONS[reason], kind, delivered, now, SHANGHAI)
    except Refused as no:
        return no.reason
    return ""


def test_seven_days_end_with_the_seventh_day_after_delivery_where_the_shop_is() -> None:
    end = until(DELIVERED, 7, SHANGHAI)
    assert end == datetime(2026, 11, 10, 0, 0, tzinfo=SHANGHAI)
    assert _refusal(Terms(), "no_reason", Kind.RETURN, end - timedelta(seconds=1)) == ""
    assert _refusal(Terms(), "no_reason", Kind.RETURN, end) == "WINDOW_CLOSED"
    assert _refusal(Terms(), "quality", Kind.RETURN, end) == ""
    assert _refusal(Terms(), "quality", Kind.RETURN, until(DELIVERED, 15, SHANGHAI)) == "WINDOW_CLOSED"
    assert _refusal(Terms(no_reason_days=30), "no_reason", Kind.RETURN, end) == ""


def test_excluded_goods_come_back_for_a_fault_only() -> None:
    made_for_one = Terms(excluded="custom")
    for reason in ("no_reason", "size", "colour", "other"):
        assert _refusal(made_for_one, reason, Kind.RETURN, DELIVERED) == "NOT_RETURNABLE"
    for reason in ("quality", "wrong_item", "damaged"):
        assert _refusal(made_for_one, reason, Kind.RETURN, DELIVERED) == ""


def test_a_kind_must_fit_its_reason() -> None:
    assert _refusal(Terms(), "no_reason", Kind.REFUND_ONLY, DELIVERED) == "KIND_NOT_ALLOWED"
    assert _refusal(Terms(), "quality", Kind.RESHIP, DELIVERED) == "KIND_NOT_ALLOWED"
    assert _refusal(Terms(), "lost", Kind.RESHIP, DELIVERED + timedelta(days=90), None) == ""
    assert freight_payer(Terms(), REASONS["size"], Kind.RETURN) == "customer"
    assert freight_payer(Terms(freight="shop"), REASONS["size"], Kind.RETURN) == "shop"
    assert freight_payer(Terms(), REASONS["damaged"], Kind.EXCHANGE) == "shop"
    assert freight_payer(Terms(), REASONS["lost"], Kind.RESHIP) == ""


def test_a_products_own_promise_adds_to_its_categorys() -> None:
    policy = Policy("cat_1", no_reason_days=7, insurance="none")
    assert terms_of(policy, None).no_reason_days == 7
    assert terms_of(policy, Terms(no_reason_days=30, insured=True)) == Terms(
        policy="cat_1", no_reason_days=30, insured=True
    )
    assert terms_of(policy, Terms(no_reason_days=3)).no_reason_days == 7  # the right is not cut
    assert terms_of(policy, Terms(no_reason_days=0)).excluded == "listed"
    dear, cheap = Policy("a", premium_minor=300, cap_minor=900), Policy("b", premium_minor=100, cap_minor=1500)
    offer = insurance_of([dear, cheap, Policy("c", insurance="none")], "CNY")
    assert offer is not None and (offer.premium_minor, offer.cap_minor) == (300, 1500)
    assert insurance_of([dear], "EUR") is None


def test_the_rule_that_started_last_holds() -> None:
    rules = Rules()
    assert rules.rule("late_delivery", 23) is None
    assert (rules.rule("late_delivery", 24) or Rule("", "")).kind == "points"
    assert (rules.rule("late_delivery", 100) or Rule("", "")).kind == "coupon"
    assert worth(Rule("damaged", "cash", percent_bp=1000), 12_345, 1) == 1234
    assert worth(Rule("late_delivery", "points", points=200), 0, 2) == 400


class Units(RuleBasedStateMachine):
    """A line whose units are claimed, kept after all, refunded, its price fallen meanwhile: no fen is lost or made."""

    claims = Bundle("claims")

    @rule(quantity=st.integers(1, 30), paid=st.integers(0, 10_000), credit=st.integers(0, 10_000))
    @precondition(lambda self: not hasattr(self, "line"))
    def bought(self, quantity: int, paid: int, credit: int) -> None:
        self.line = OrderLine("A", "prd_1", "A", "cat_1", quantity, paid, paid * (quantity - 1), 0, 0, 0)
        self.line.credit_minor = self.credit = credit
        self.claimed: list[ReturnLine] = []
        self.refunded: list[ReturnLine] = []
        self.protected = 0

    @rule(target=claims, count=st.integers(1, 30))
    @precondition(lambda self: hasattr(self, "line"))
    def claim(self, count: int) -> ReturnLine | None:
        order = SimpleNamespace(line=lambda sku: self.line)
        try:
            claimed = _claim(order, ReturnLine("A", count))  # type: ignore[arg-type]
        except NothingToReturn:
            assert count > self.line.kept
            return None
        self.claimed.append(claimed)
        return claimed

    @rule(claimed=consumes(claims), missing=st.integers(0, 30))
    def refund(self, claimed: ReturnLine | None, missing: int) -> None:
        if claimed is None:
            return
        self.claimed = [one for one in self.claimed if one is not claimed]
        claimed.grades = {"A": max(0, claimed.quantity - missing)}
        _without_missing(claimed, SimpleNamespace(line=lambda sku: self.line))  # type: ignore[arg-type]
        self.refunded.append(claimed)

    @rule(claimed=consumes(claims))
    def call_off(self, claimed: ReturnLine | None) -> None:
        if claimed is not None:
            self.claimed = [one for one in self.claimed if one is not claimed]
            take_back(self.line, claimed.quantity, claimed.refund_minor, claimed.credit_minor)

    @rule(fallen=st.integers(1, 500))
    @precondition(lambda self: hasattr(self, "line") and self.line.kept)
    def price_falls(self, fallen: int) -> None:
        given = min(fallen, self.line.left)
        self.line.protected_minor += given
        self.protected += given

    @invariant()
    def adds_up(self) -> None:
        if not hasattr(self, "line"):
            return
        line, out = self.line, [*self.claimed, *self.refunded]
        assert line.kept == line.quantity - sum(one.quantity for one in out) >= 0
        assert all(one.refund_minor >= 0 and one.credit_minor >= 0 for one in out) and line.left >= 0
        assert line.left + sum(one.refund_minor for one in out) + self.protected == line.paid
        assert line.credit_minor + sum(one.credit_minor for one in out) == self.credit
        if not line.kept:
            assert (line.left, line.credit_minor) == (0, 0)


TestUnits = Units.TestCase


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_is_said_in_two_languages(code: str) -> None:
    reason = REASONS[code]
    assert reason.en and reason.zh and reason.kinds
