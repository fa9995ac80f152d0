"""This is where merchants get attention when it is due: reminders, lapses, changes of standing, listings to look at again.

When a merchant wants attention stands in its document (`due_at`), written with whatever makes it so. Nothing is lost by a
crash: what was said is said once a key, what was begun is begun once, and the document says so last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.catalog.content import OWN_MERCHANT
from services.catalog.jobs import Jobs
from services.catalog.notices import Notices
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import VersionMismatch

from .merchants import Merchant
from .points import REASONS, Standing, Thresholds
from .sweeps import KIND, by_merchant

_AT_A_TIME = 50
_BETWEEN_SWEEPS = timedelta(minutes=1)
_SELF = "catalog"
_STANDINGS = {
    Standing.ACTIVE: ("may sell", "恢复正常经营"),
    Standing.WARNED: ("is warned", "已被警告"),
    Standing.SUSPENDED: ("is suspended, its listings come down", "已被暂停经营，商品将下架"),
    Standing.CLOSED: ("is closed, its listings come down", "已被清退，商品将下架"),
}


@dataclass(frozen=True, slots=True)
class Word:
    """Something to be said about a merchant."""

    key: str
    kind: str
    subject: str
    en: str
    zh: str
    to_staff: bool = True


def words_due(merchant: Merchant, thresholds: Thresholds, now: datetime) -> list[Word]:
    """What is to be said now; the merchant is left as if it had been said. Pure."""
    return [*_of_licences(merchant, now), *_of_penalties(merchant), *_of_standing(merchant, thresholds, now)]


def _of_licences(merchant: Merchant, now: datetime) -> Iterator[Word]:
    for licence in merchant.licences:
        days = licence.due(now)
        if days is None:
            continue
        licence.reminded = days
        en, zh = licence.paper.names
        key = f"{licence.id}:{days}"
        if days == 0:
            merchant.sweeps = max(merchant.sweeps, 1)
            if not licence.replaced:
                en, zh = f"The {en} has expired: listings that need it come down", f"{zh}已过期，相关商品将下架"
                yield Word(key, "licence_expired", licence.id, en, zh)
        else:
            until = licence.paper.valid_until
            en, zh = f"The {en} is valid until {until}: renew it", f"{zh}将于 {until} 到期，请及时续期"
            yield Word(key, "licence_expiring", licence.id, en, zh)


def _of_penalties(merchant: Merchant) -> Iterator[Word]:
    for penalty in merchant.penalties:
        en, zh = REASONS[penalty.reason]
        if not penalty.told:
            penalty.told = True
            en, zh = f"{penalty.points} penalty points: {en}", f"违规扣 {penalty.points} 分：{zh}"
            yield Word(penalty.id, "penalty", penalty.id, en, zh, to_staff=False)
        if penalty.appeal and not penalty.decision:
            en, zh = f"{merchant.legal_name} appeals against penalty points", f"{merchant.legal_name}对扣分提出申诉"
            yield Word(f"{penalty.id}:appeal", "penalty_appealed", penalty.id, en, zh)


def _of_standing(merchant: Merchant, thresholds: Thresholds, now: datetime) -> Iterator[Word]:
    standing = merchant.standing(thresholds, now)
    if standing is not merchant.told:
        merchant.told = standing
        en, zh = _STANDINGS[standing]
        en, zh = f"{merchant.legal_name} {en}", f"{merchant.legal_name}{zh}"
        revoked = sum(each.revoked for each in merchant.penalties)
        key = f"{merchant.id}:{now.date()}:{len(merchant.penalties)}:{revoked}:{len(merchant.closures)}"
        yield Word(key, f"merchant_{standing.value}", merchant.id, en, zh)


class Attending:
    """Gives merchants the attention that is due."""

    def __init__(
        self, merchants: Table[Merchant], notices: Notices, jobs: Jobs, thresholds: Thresholds, clock: Clock
    ) -> None:
        self._merchants, self._notices, self._jobs = merchants, notices, jobs
        self._thresholds, self._clock = thresholds, clock

    async def attend(self) -> None:
        """To all that want it now."""
        while due := await self._merchants.find({"due_at": {"$lte": self._clock.now()}}, [("due_at", 1)], _AT_A_TIME):
            for merchant in due:
                await self._attend_to(merchant)

    async def _attend_to(self, merchant: Merchant) -> None:
        now = self._clock.now()
        for word in words_due(merchant, self._thresholds, now):
            await self._say(merchant, word)
        if merchant.sweeps:
            title = f"What {merchant.legal_name or merchant.id} is licensed for has changed"
            only = f"{merchant.id}:{merchant.version}"
            await self._jobs.start(KIND, title, _SELF, by_merchant(merchant.id), only=only)
            merchant.sweeps -= 1
        merchant.due_at = due_next(merchant, now)
        try:
            await self._merchants.save(merchant)
        except VersionMismatch:
            return  # it has changed meanwhile, and says itself that it wants attention

    async def _say(self, merchant: Merchant, word: Word) -> None:
        if word.to_staff or merchant.id == OWN_MERCHANT:
            await self._notices.raise_once(word.key, word.kind, word.subject, word.en, word.zh)
        if merchant.id != OWN_MERCHANT:
            await self._notices.raise_once(word.key, word.kind, word.subject, word.en, word.zh, merchant.id)


def due_next(merchant: Merchant, now: datetime) -> datetime | None:
    """When it wants attention next: for a second look at its listings, a reminder, or points that do not count any more."""
    moments = [each.due_next() for each in merchant.licences]
    moments += [each.expires_at for each in merchant.penalties if not each.revoked and each.expires_at > now]
    if merchant.sweeps:
        moments.append(now + _BETWEEN_SWEEPS)
    return min((moment for moment in moments if moment), default=None)
