"""This is where staff see what each carrier would cost and promise for a parcel, which is chosen, and why."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field
from shop.logistics.v1 import freight_pb2 as pb

from gateway.answers import Json, answer, money
from gateway.described import feature, shown
from gateway.fields import Body, MoneyBody, RegionBody, Slug, Word
from gateway.neighbours import STAFF_S, ask_again

router = feature("freight")
_YUAN = {"currency": "CNY", "minor": 800}
_CANDIDATE = {
    "template_id": "standard",
    "carrier": "sandbox",
    "title": "標準快遞 Standard",
    "price": _YUAN,
    "min_days": 2,
    "max_days": 4,
    "score": 0.5,
    "day_penalty": {"currency": "CNY", "minor": 0},
    "score_penalty": {"currency": "CNY", "minor": 120},
    "total": {"currency": "CNY", "minor": 920},
    "chargeable_g": 2_000,
    "reason": "首 first 1000 g CNY 8.00",
    "rate_card": False,
    "chosen": True,
    "verdict": "chosen: 920 = price 800 + days 0 + score 120",
}
_Grams = Annotated[int, Field(ge=0, le=1_000_000_000)]
_Side = Annotated[int, Field(ge=1, le=100_000)]
_Weight = Annotated[int, Field(ge=0, le=10_000)]


class BoxBody(Body):
    """So many units of one size: grams and millimetres of one."""

    quantity: Annotated[int, Field(ge=1, le=100_000)] = 1
    weight_g: _Grams
    length_mm: _Side | None = None
    width_mm: _Side | None = None
    height_mm: _Side | None = None
    category: Word | None = None

    @property
    def volume_mm3(self) -> int:
        """Of one; 0 when a side is not known."""
        return (self.length_mm or 0) * (self.width_mm or 0) * (self.height_mm or 0)


class WeightsBody(Body):
    """How much a day later, and the worst score instead of the best, count: thousandths of the candidates' mean price."""

    day: _Weight = 50
    score: _Weight = 300


class QuotesBody(Body):
    """What is sent where. `goods` is what they cost after discounts: free shipping looks at it."""

    region: RegionBody
    goods: MoneyBody
    lines: Annotated[list[BoxBody], Field(min_length=1, max_length=200)]
    warehouse: Slug | None = None
    within_days: Annotated[int, Field(ge=0, le=365)] = 0
    weights: WeightsBody | None = None

    def told(self) -> pb.ShopRatesRequest:
        """As logistics takes it."""
        parcel = pb.QuoteDeliveryRequest(
            region=self.region.told_region(),
            weight_g=sum(line.weight_g * line.quantity for line in self.lines),
            pieces=sum(line.quantity for line in self.lines),
            goods=self.goods.told(),
            volume_mm3=sum(line.volume_mm3 * line.quantity for line in self.lines),
            categories=sorted({line.category for line in self.lines if line.category}),
        )
        weights = pb.RateWeights(day=self.weights.day, score=self.weights.score) if self.weights else None
        return pb.ShopRatesRequest(
            parcel=parcel, warehouse=self.warehouse or "", within_days=self.within_days, weights=weights
        )


def _candidate(of: pb.RateCandidate) -> Json:
    def minor(amount: int) -> Json:
        return {"currency": of.price.currency, "minor": amount}

    return {
        "template_id": of.template_id,
        "carrier": of.carrier,
        "title": of.title,
        "price": money(of.price),
        "min_days": of.min_days,
        "max_days": of.max_days,
        "score": of.score / 1000,
        "day_penalty": minor(of.day_penalty),
        "score_penalty": minor(of.score_penalty),
        "total": minor(of.total),
        "chargeable_g": of.chargeable_g,
        "reason": of.reason,
        "rate_card": of.rate_card,
        "chosen": of.chosen,
        "verdict": of.verdict,
    }


@router.post(
    "/v1/freight/quotes",
    summary="Compare carriers",
    responses=shown({"items": [_CANDIDATE]}, "INVALID_CONSIGNMENT", body=True),
)
async def quote_freight(request: Request, body: QuotesBody) -> Response:
    """Templates and rate cards that go there in time, the chosen first; empty where nothing goes. Carriers that are on, have
    an account and no rate card are asked: who does not answer in three seconds is not among them."""
    answered = await ask_again(request.app.state.gateway.neighbours.freight.ShopRates, body.told(), STAFF_S)
    return answer({"items": [_candidate(row) for row in answered.candidates]})
