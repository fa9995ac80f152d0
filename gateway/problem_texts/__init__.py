"""This is where every problem the gateway can answer is named: its title in two languages, and what to do about it."""

from gateway.problem_texts import (
    afterwards,
    asking,
    bundles,
    buying,
    compliance,
    discovery,
    exceptions,
    fraud,
    goods,
    intake,
    margins,
    merchants,
    offers,
    paying,
    pictures,
    pricing,
    records,
    reviewing,
    shelves,
    supplying,
)
from gateway.problem_texts.text import Text

__all__ = ["TEXTS", "Text"]
TEXTS: dict[str, Text] = {
    **asking.TEXTS,
    **buying.TEXTS,
    **afterwards.TEXTS,
    **goods.TEXTS,
    **intake.TEXTS,
    **reviewing.TEXTS,
    **discovery.TEXTS,
    **margins.TEXTS,
    **merchants.TEXTS,
    **offers.TEXTS,
    **paying.TEXTS,
    **pricing.TEXTS,
    **shelves.TEXTS,
    **supplying.TEXTS,
    **pictures.TEXTS,
    **compliance.TEXTS,
    **bundles.TEXTS,
    **exceptions.TEXTS,
    **records.TEXTS,
    **fraud.TEXTS,
}
