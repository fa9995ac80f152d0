"""This is where licences are added, renewed and reviewed."""

import copy
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from services.catalog.categories import Categories
from services.catalog.fields import Faults
from services.kit.clock import Clock
from services.kit.errors import FieldError

from .licences import InvalidLicence, Licence, LicenceNotFound, Review, new_licence
from .merchants import Merchant, Merchants
from .papers import ALL, Days, Paper, check_paper

_MOST_LICENCES = 200


async def check_categories(faults: Faults, pointer: str, categories: Categories, named: Sequence[str]) -> None:
    """Looks whether the categories a scope names exist."""
    wanted = [each for each in named if each != ALL]
    there = await categories.among(wanted)
    for i, each in enumerate(named):
        if each != ALL and each not in there:
            faults.add(f"{pointer}/{i}", "is the id of no category")


class Licensing:
    """Adds, renews and reviews licences."""

    def __init__(self, merchants: Merchants, categories: Categories, days: Days, clock: Clock) -> None:
        self._merchants, self._categories, self._days, self._clock = merchants, categories, days, clock

    async def add(self, merchant_id: str, paper: Paper, *, renews: str = "", by: str, scope: str = "") -> Licence:
        """A licence that waits for review; with `renews`, what the paper does not say is as before.

        Refuses with MERCHANT_NOT_FOUND, LICENCE_NOT_FOUND, INVALID_LICENCE.
        """
        before = await self._merchants.get(merchant_id, scope)
        if renews:
            paper = _renewed(licence_of(before, renews).paper, paper)
        now, faults = self._clock.now(), Faults()
        check_paper(faults, "", paper, self._days, now)
        if not paper.categories:
            faults.add("/categories", "must name the categories of its scope, or `*` for all")
        await check_categories(faults, "/categories", self._categories, paper.categories)
        faults.refuse(InvalidLicence)
        licence = new_licence(paper, self._days, now, by)
        licence.renews = renews

        def decide(merchant: Merchant) -> None:
            if len(merchant.licences) >= _MOST_LICENCES:
                raise InvalidLicence(f"a merchant has at most {_MOST_LICENCES} licences")
            merchant.licences.append(licence)

        await self._merchants.change(merchant_id, decide, scope=scope)
        return licence

    async def review(
        self, merchant_id: str, licence_id: str, *, accept: bool, reason: str, categories: Sequence[str], by: str
    ) -> Licence:
        """Accepts a licence, which then takes over from the one it renews; or revokes it, and listings may come down.

        Refuses with MERCHANT_NOT_FOUND, LICENCE_NOT_FOUND, INVALID_LICENCE.
        """
        faults = Faults()
        reason = faults.text("/reason", reason, 1_000, least=0 if accept else 1, lines=True)
        await check_categories(faults, "/categories", self._categories, categories)
        faults.refuse(InvalidLicence)
        now = self._clock.now()

        def decide(merchant: Merchant) -> None:
            licence = licence_of(merchant, licence_id)
            verdict = Review.ACCEPTED if accept else Review.REVOKED
            scope = list(categories) or licence.paper.categories
            if (licence.review, licence.paper.categories) == (verdict, scope):
                return
            # Taken away, or of a narrower scope, it may leave listings without.
            sweep = licence.review is Review.ACCEPTED
            _settle(merchant, licence, verdict, now)
            licence.paper.categories = scope
            licence.reason, licence.reviewed_by, licence.reviewed_at = reason, by, now
            self._merchants.attend(merchant, sweep=sweep)

        merchant = await self._merchants.change(merchant_id, decide)
        return licence_of(merchant, licence_id)


def licence_of(merchant: Merchant, licence_id: str) -> Licence:
    """The merchant's licence of this id. Refuses with LICENCE_NOT_FOUND."""
    for licence in merchant.licences:
        if licence.id == licence_id:
            return licence
    raise LicenceNotFound("the merchant has no such licence")


def _settle(merchant: Merchant, licence: Licence, verdict: Review, now: datetime) -> None:
    if verdict is Review.ACCEPTED and licence.ended(now):
        raise InvalidLicence("its last day is over", errors=[FieldError("/accept", "its last day is over")])
    licence.review = verdict
    for each in merchant.licences:
        if licence.renews and each.id == licence.renews:
            each.replaced = verdict is Review.ACCEPTED


def _renewed(before: Paper, said: Paper) -> Paper:
    """The paper before, with what the new one says."""
    paper = copy.deepcopy(before)
    paper.valid_from = paper.valid_until = paper.document = ""
    for each in fields(Paper):
        if each.name != "kind" and getattr(said, each.name):
            setattr(paper, each.name, getattr(said, each.name))
    return paper
