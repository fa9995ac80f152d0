"""This is where prices are proposed to people: worked out by formula or from elasticity, set when somebody says so."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.catalog.jobs import Job, Jobs, Progress
from services.catalog.price_history import PriceHistory
from services.catalog.prices import Prices
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid, NotFound, Refused, VersionMismatch
from services.kit.ids import new_id
from services.kit.money import Money
from services.kit.store import Document, decode_cursor, encode_cursor, found

from .competitors import Competitors
from .formulas import Formula, FormulaKind, PriceFormulaNotFound, check, price_of
from .selections import Selecting

JOB = "price_proposals"
_MOST = 100
_SEEN = {"price": 1, "price_version": 1, "cost": 1, "title": 1}


class ProposalNotFound(NotFound):
    """There is no such proposal."""


@dataclass
class Proposal:
    """A price for a person to decide on. `before` is the regular price it was worked out beside, number `seen` of the
    history."""

    id: str
    kind: str  # cost_plus, market, elastic
    formula_id: str
    sku: str
    title: str
    cost: Money
    before: Money
    seen: int
    price: Money
    why: str
    at: datetime
    open: bool = True
    by: str = ""  # who applied it
    version: int = 0


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one that was to be applied; `reason` says why not."""

    id: str
    sku: str = ""
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A price worked out for a SKU, and why."""

    price: int
    why: str


class Proposals:
    """Works prices out, lists them, applies them."""

    def __init__(
        self,
        formulas: Table[Formula],
        proposals: Table[Proposal],
        skus: Table[Sku],
        history: PriceHistory,
        competitors: Competitors,
        pricing: Prices,
        selecting: Selecting,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._formulas, self._proposals, self._skus, self._history = formulas, proposals, skus, history
        self._competitors, self._pricing, self._selecting = competitors, pricing, selecting
        self._jobs, self._clock = jobs, clock
        jobs.kinds[JOB] = self.work_out

    async def create_formula(self, draft: Formula) -> tuple[Formula, Job]:
        """Makes a formula and begins to work out what it proposes. Refuses with INVALID_PRICE_FORMULA."""
        check(draft)
        draft.id, draft.created_at = new_id("prf"), self._clock.now()
        formula = await self._formulas.insert(draft)
        return formula, await self.begin(formula.id, draft.by)

    async def end_formula(self, formula_id: str) -> Formula:
        """It proposes no more, and what it proposed is gone. Refuses with PRICE_FORMULA_NOT_FOUND."""
        await self._formulas.change({"_id": formula_id, "open": True}, {"$set": {"open": False}})
        formula = await self._formula(formula_id)
        await self._proposals.change_all({"formula_id": formula_id, "open": True}, {"$set": {"open": False}})
        return formula

    async def formulas(self, limit: int, cursor: str) -> tuple[list[Formula], str]:
        """Those in use, newest first, and where the next page starts."""
        size = min(limit or 20, _MOST)
        where: dict[str, object] = {"open": True}
        if cursor:
            where["_id"] = {"$lt": decode_cursor(cursor, 1)[0]}
        items = await self._formulas.find(where, [("_id", -1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""

    async def begin(self, formula_id: str, by: str) -> Job:
        """Works out anew what a formula proposes; one job a formula at a time. Refuses with PRICE_FORMULA_NOT_FOUND."""
        formula = await self._formula(formula_id)
        return await self._jobs.start(JOB, formula.title, by, {"formula_id": formula.id}, only=formula.id)

    async def _formula(self, formula_id: str) -> Formula:
        return found(await self._formulas.get(formula_id), PriceFormulaNotFound("there is no such formula"))

    async def work_out(self, job: Job) -> Progress:
        """One step: a batch of the formula's SKUs."""
        formula = await self._formula(job.parameters["formula_id"])
        skus, after = await self._selecting.batch(formula.selection, job.cursor)
        known = await self._skus.by_keys(skus, _SEEN)
        theirs = dict[str, list[int]]()
        if formula.kind is FormulaKind.MARKET:
            since = self._clock.now() - timedelta(days=formula.max_age_days)
            theirs = await self._competitors.prices_of(
                {key: sku["price"]["currency"] for key, sku in known.items()}, since
            )
        wanted: dict[str, Wanted] = {}
        for key, sku in known.items():
            price = price_of(formula, sku["cost"]["minor"], theirs.get(key, []))
            if formula.open and price is not None:
                wanted[key] = Wanted(price, _why(formula, sku["cost"]["minor"], theirs.get(key, [])))
        count = await self.propose(formula.kind.value, formula.id, known, wanted)
        return Progress(job.done + len(known), 0, after, {"proposed": count}, over=not after)

    async def propose(
        self, kind: str, formula_id: str, known: Mapping[str, Document], wanted: Mapping[str, Wanted]
    ) -> int:
        """Puts prices before people, in place of what the same formula proposed of these SKUs before; a price that would
        stay as it is is no proposal. How many are."""
        regulars = await self._history.regulars(known)
        now, made, gone = self._clock.now(), list[Proposal](), list[str]()
        for key, sku in known.items():
            proposal_id, regular, want = _id_of(kind, formula_id, key), regulars.get(key), wanted.get(key)
            if regular is None or want is None or want.price == regular.price.minor:
                gone.append(proposal_id)
                continue
            price = Money(regular.price.currency, want.price)
            cost, seen = Money(**sku["cost"]), regular.number
            made.append(
                Proposal(
                    proposal_id, kind, formula_id, key, sku["title"], cost, regular.price, seen, price, want.why, now
                )
            )
        await self._proposals.write_each([self._proposals.putting(each) for each in made])
        await self._proposals.touch([({"_id": each.id}, {"$set": _worked_out(each)}) for each in made])
        await self._proposals.change_all({"_id": {"$in": gone}, "open": True}, {"$set": {"open": False}})
        return len(made)

    async def page(self, kind: str, limit: int, cursor: str) -> tuple[list[Proposal], str]:
        """Those nobody has decided on, of one kind or all, and where the next page starts."""
        size = min(limit or 20, _MOST)
        where: dict[str, object] = {"open": True} | ({"kind": kind} if kind else {})
        if cursor:
            where["_id"] = {"$gt": decode_cursor(cursor, 1)[0]}
        items = await self._proposals.find(where, [("_id", 1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""

    async def apply(self, ids: Sequence[str], by: str) -> list[Applied]:
        """Sets the prices proposed, each for itself: the gates decide, and a price that moved since is left alone."""
        if len(ids) > _MOST:
            raise Invalid(f"at most {_MOST}", errors=[FieldError("/ids", f"must be at most {_MOST}")])
        proposals = await self._proposals.get_many(list(dict.fromkeys(ids)))
        return [await self._apply(key, proposals.get(key), by) for key in dict.fromkeys(ids)]

    async def _apply(self, key: str, proposal: Proposal | None, by: str) -> Applied:
        sku = proposal.sku if proposal else ""
        try:
            if proposal is None or not proposal.open:
                raise ProposalNotFound("there is no such open proposal")
            known = await self._skus.by_keys([sku], _SEEN)
            regular = (await self._history.regulars(known)).get(sku)
            if regular is None or regular.number != proposal.seen:
                raise VersionMismatch("the price has changed since this was worked out")
            await self._pricing.set(sku, proposal.price, known[sku]["price_version"], proposal.why, by)
        except Refused as refusal:
            return Applied(key, sku, refusal.reason, refusal.detail)
        await self._proposals.change({"_id": key}, {"$set": {"open": False, "by": by}})
        return Applied(key, sku)


def _id_of(kind: str, formula_id: str, sku: str) -> str:
    return f"ppl_{hashlib.sha256(f'{kind}|{formula_id}|{sku}'.encode()).hexdigest()[:26]}"


def _worked_out(proposal: Proposal) -> dict[str, object]:
    def kept(amount: Money) -> dict[str, object]:
        return {"currency": amount.currency, "minor": amount.minor}

    amounts = {"cost": kept(proposal.cost), "before": kept(proposal.before), "price": kept(proposal.price)}
    return amounts | {"seen": proposal.seen, "why": proposal.why, "at": proposal.at, "open": True, "by": ""}


def _why(formula: Formula, cost: int, theirs: Sequence[int]) -> str:
    if formula.kind is FormulaKind.COST_PLUS:
        profit = f"{formula.profit_bp / 100:g} %" if formula.profit_bp else str(formula.profit_minor)
        return f"{formula.title}: cost {cost} and a profit of {profit}"[:300]
    lowest = f"{formula.basis.value} of {len(theirs)} competitors' prices from {min(theirs)} to {max(theirs)}"
    return f"{formula.title}: {formula.factor_bp / 100:g} % of the {lowest}"[:300]
