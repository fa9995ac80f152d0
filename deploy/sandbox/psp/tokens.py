"""This is where a token says how its card behaves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """How a charge of this card goes; `decline_code` empty for one that has the money."""

    decline_code: str = ""
    needs_confirmation: bool = False
    answers_after_s: float = 0.0
    loses_the_answer: bool = False


_CARDS = {
    "tok_ok": Card(),
    "tok_declined": Card(decline_code="card_declined"),
    "tok_insufficient_funds": Card(decline_code="insufficient_funds"),
    "tok_slow": Card(answers_after_s=1.5),
    "tok_timeout_captured": Card(loses_the_answer=True),
    "tok_3ds": Card(needs_confirmation=True),
    # Wallets are paid at the wallet's own page.
    "wallet_alipay": Card(needs_confirmation=True),
    "wallet_wechat_pay": Card(needs_confirmation=True),
}
_UNKNOWN = Card(decline_code="invalid_token")


def card_of(token: str) -> Card:
    """The card; one that is declined for a token nobody issued."""
    return _CARDS.get(token, _UNKNOWN)
