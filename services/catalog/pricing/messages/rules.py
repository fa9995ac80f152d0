"""This is where price rules and price tags meet protobuf."""

from datetime import UTC, datetime

from shop.catalog.v1 import price_rules_pb2 as pb
from shop.type.v1 import money_pb2

from services.catalog.fields import Faults
from services.catalog.messages.events import money
from services.catalog.messages.products import amount
from services.catalog.pricing.rules import Cut, InvalidPriceRule, PriceRule, RuleKind, Season, Step
from services.catalog.pricing.scheduling import RuleSeen
from services.catalog.pricing.selections import Selection
from services.catalog.pricing.tags import PriceTag
from services.kit.clock import parse_time, rfc3339
from services.kit.money import Money

_KINDS = {
    pb.PRICE_RULE_KIND_LIMITED_TIME: RuleKind.LIMITED_TIME,
    pb.PRICE_RULE_KIND_SEASONAL: RuleKind.SEASONAL,
    pb.PRICE_RULE_KIND_FLASH_STEPS: RuleKind.FLASH_STEPS,
}
_SAID = {kind: said for said, kind in _KINDS.items()}


def draft(message: pb.PriceRule, by: str, now: datetime) -> PriceRule:
    """A rule as somebody would have it. Refuses with INVALID_PRICE_RULE; its parts are looked at later."""
    faults = Faults()
    faults.text("/by", by, 128)
    kind = _KINDS.get(message.kind)
    if kind is None:
        faults.add("/kind", "must be limited_time, seasonal or flash_steps")
    starts_at, ends_at = _time(faults, "/starts_at", message.starts_at), _time(faults, "/ends_at", message.ends_at)
    faults.refuse(InvalidPriceRule)
    season = message.season
    return PriceRule(
        id="",
        title=message.title,
        kind=kind or RuleKind.LIMITED_TIME,
        selection=selection(message.selection),
        cut=_cut(message.cut) if message.HasField("cut") else None,
        steps=[_step(step) for step in message.steps],
        season=Season(season.first_day, season.last_day, season.utc_offset_minutes)
        if message.HasField("season")
        else None,
        starts_at=starts_at or now,
        ends_at=ends_at,
        priority=message.priority,
        by=by,
        created_at=datetime.fromtimestamp(0, UTC),
    )


def selection(message: pb.Selection) -> Selection:
    """Which SKUs."""
    return Selection(list(message.skus), list(message.categories), list(message.tags))


def told_selection(kept: Selection) -> pb.Selection:
    """Which SKUs."""
    return pb.Selection(skus=kept.skus, categories=kept.categories, tags=kept.tags)


def _time(faults: Faults, pointer: str, text: str) -> datetime | None:
    try:
        return parse_time(text)
    except ValueError:
        faults.add(pointer, "must be an RFC 3339 time")
        return None


def _cut(message: pb.PriceCut) -> Cut:
    return Cut(message.percent_bp, _if_any(message.amount_off), _if_any(message.price))


def _if_any(message: money_pb2.Money) -> Money | None:
    return amount(message) if message.currency or message.minor else None


def _step(message: pb.PriceStep) -> Step:
    minutes = message.after_minutes if message.HasField("after_minutes") else None
    units = message.after_units if message.HasField("after_units") else None
    return Step(_cut(message.cut), minutes, units)


def _told_cut(kept: Cut) -> pb.PriceCut:
    return pb.PriceCut(
        percent_bp=kept.percent_bp,
        amount_off=money(kept.amount_off) if kept.amount_off else None,
        price=money(kept.price) if kept.price else None,
    )


def rule(kept: PriceRule) -> pb.PriceRule:
    """A rule."""
    season = kept.season
    return pb.PriceRule(
        id=kept.id,
        title=kept.title,
        kind=_SAID[kept.kind],
        selection=told_selection(kept.selection),
        cut=_told_cut(kept.cut) if kept.cut else None,
        steps=[
            pb.PriceStep(cut=_told_cut(step.cut), after_minutes=step.after_minutes, after_units=step.after_units)
            for step in kept.steps
        ],
        season=pb.Season(
            first_day=season.first_day, last_day=season.last_day, utc_offset_minutes=season.utc_offset_minutes
        )
        if season
        else None,
        starts_at=rfc3339(kept.starts_at),
        ends_at=rfc3339(kept.ends_at),
        priority=kept.priority,
        open=kept.open,
        by=kept.by,
        ended_by=kept.ended_by,
        created_at=rfc3339(kept.created_at),
    )


def seen(shown: RuleSeen) -> pb.GetPriceRuleResponse:
    """A rule and how it fares."""
    refused = [pb.RuleRefused(sku=row.sku, why=row.refused) for row in shown.refused]
    return pb.GetPriceRuleResponse(rule=rule(shown.rule), skus=shown.skus, refused=refused)


def tag(shown: PriceTag) -> pb.PriceTag:
    """A price as a page shows it."""
    told = pb.PriceTag(
        sku=shown.sku,
        price=money(shown.price),
        regular_price=money(shown.regular),
        lowest_30_days=money(shown.lowest) if shown.lowest else None,
        reduced_at=rfc3339(shown.reduced_at),
    )
    if shown.running is not None:
        running, span = shown.running.rule, shown.running.stands.span
        told.rule.id, told.rule.title, told.rule.kind = running.id, running.title, _SAID[running.kind]
        told.rule.ends_at = rfc3339(span.ends if span else None)
        if shown.coming is not None:
            step = shown.coming.step
            told.rule.next_step.CopyFrom(
                pb.ComingStep(price=money(shown.coming.price), at=rfc3339(step.at), units_left=step.units_left or 0)
            )
    return told
