"""This is where campaigns become protobuf and back."""

from collections.abc import Mapping
from datetime import datetime

from shop.orders.v1 import preorders_pb2 as pb

from services.kit.clock import parse_time, rfc3339
from services.orders import limits

from .campaigns import Campaign, InvalidCampaign


def campaign_of(message: pb.Campaign, by: str) -> Campaign:
    """A campaign as it is to be. Refuses with INVALID_CAMPAIGN."""
    items = {item.sku: item.most for item in message.items}
    if len(items) < len(message.items):
        raise limits.refused("/items", "each SKU once", InvalidCampaign)
    return Campaign(
        id="",
        title=message.title,
        currency=message.currency,
        items=items,
        opens_at=_needed(message.opens_at, "/opens_at"),
        closes_at=_needed(message.closes_at, "/closes_at"),
        ships_from=_needed(message.ships_from, "/ships_from"),
        deposit_bp=message.deposit_bp,
        deposit_minor=message.deposit_minor,
        worth_minor=message.worth_minor,
        pay_from=parse_time(message.pay_from),
        pay_until=parse_time(message.pay_until),
        keeps=message.keeps_deposit,
        by=by,
    )


def _needed(text: str, pointer: str) -> datetime:
    at = parse_time(text)
    if at is None:
        raise limits.refused(pointer, "a time", InvalidCampaign)
    return at


def campaign_message(campaign: Campaign, left: Mapping[str, int], now: datetime) -> pb.Campaign:
    """A campaign, and how many are left."""
    return pb.Campaign(
        id=campaign.id,
        title=campaign.title,
        currency=campaign.currency,
        items=[
            pb.CampaignItem(sku=sku, most=most, left=left.get(sku, 0)) for sku, most in sorted(campaign.items.items())
        ],
        opens_at=rfc3339(campaign.opens_at),
        closes_at=rfc3339(campaign.closes_at),
        ships_from=rfc3339(campaign.ships_from),
        deposit_bp=campaign.deposit_bp,
        deposit_minor=campaign.deposit_minor,
        worth_minor=campaign.worth_minor,
        pay_from=rfc3339(campaign.pay_from),
        pay_until=rfc3339(campaign.pay_until),
        keeps_deposit=campaign.keeps,
        open=campaign.open_at(now),
        ended_at=rfc3339(campaign.ended_at),
        version=campaign.version,
    )
