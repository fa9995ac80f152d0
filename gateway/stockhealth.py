"""This is where it is shown how sound the stock is: cover, turnover, age, dead stock, overstock."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from shop.catalog.v1 import stockhealth_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.described import feature, shown
from gateway.fields import Cursor, Limit, page_of
from gateway.jobs import JOB, job
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking

router = feature("stock")
Flags = Literal["", "out", "dead", "low", "overstock", "healthy"]
_SPAN_S = 28 * 86_400
_AMOUNT = {"currency": "CNY", "minor": 1160000}
_SUM = {
    "currency": "CNY",
    "skus": 120,
    "units": 5400,
    "value": _AMOUNT,
    "excess": _AMOUNT,
    "turnover": 6.2,
    "days_of_cover": 41.5,
    "stock_out_share": 0.021,
    "by_flag": [{"flag": "dead", "skus": 4, "units": 260, "value": _AMOUNT}],
}
_ITEM = {
    "sku": "MUG-01",
    "flag": "overstock",
    "action": {"code": "promote", "en": "Clear it by a promotion", "zh": "通过促销清仓"},
    "abc": "C",
    "units": 400,
    "available": 400,
    "value": _AMOUNT,
    "excess_units": 310,
    "excess": _AMOUNT,
    "units_a_day": {"last_28_days": 1.2, "last_90_days": 1.1},
    "days_of_cover": 333.3,
    "target_cover_days": 90,
    "turnover": 0.9,
    "age_days": 120,
    "oldest_days": 200,
    "last_sale": "2026-11-20",
    "out_seconds": 0,
    "computed_at": "2026-11-22T18:00:00.000Z",
}


def _sums(totals: Sequence[pb.HealthTotal]) -> list[Json]:
    """By currency: what all flags come to. Ratios are of sums: a ratio cannot be added up."""
    by_currency: dict[str, list[pb.HealthTotal]] = defaultdict(list)
    for total in totals:
        by_currency[total.currency].append(total)
    return [_sum(currency, rows) for currency, rows in by_currency.items()]


def _sum(currency: str, rows: Sequence[pb.HealthTotal]) -> Json:
    def all_of(name: str) -> int:
        return sum(getattr(row, name) for row in rows)

    return {
        "currency": currency,
        "skus": all_of("skus"),
        "units": all_of("units"),
        "value": {"currency": currency, "minor": all_of("value_minor")},
        "excess": {"currency": currency, "minor": all_of("excess_minor")},
        "turnover": _ratio(all_of("sold_minor"), all_of("average_minor"), 2),
        "days_of_cover": _ratio(all_of("value_minor"), all_of("daily_cost_minor"), 1),
        "stock_out_share": _ratio(all_of("out_s"), all_of("live") * _SPAN_S, 4),
        "by_flag": [
            {
                "flag": row.flag,
                "skus": row.skus,
                "units": row.units,
                "value": {"currency": currency, "minor": row.value_minor},
            }
            for row in rows
        ],
    }


def _ratio(part: int, whole: int, digits: int) -> float | None:
    return round(part / whole, digits) if whole else None


def _item(of: pb.HealthItem) -> Json:
    return {
        "sku": of.sku,
        "flag": of.flag,
        "action": {"code": of.action, "en": of.action_en, "zh": of.action_zh},
        "abc": of.abc,
        "units": of.units,
        "available": of.available,
        "value": {"currency": of.currency, "minor": of.value_minor},
        "excess_units": of.excess_units,
        "excess": {"currency": of.currency, "minor": of.excess_minor},
        "units_a_day": {"last_28_days": of.daily_milli / 1000, "last_90_days": of.daily_long_milli / 1000},
        "days_of_cover": _known(of.cover_tenths, 10),
        "target_cover_days": of.target_days,
        "turnover": _known(of.turnover_milli, 1000),
        "age_days": of.age_days if of.age_days >= 0 else None,
        "oldest_days": of.oldest_days if of.oldest_days >= 0 else None,
        "last_sale": of.last_sale or None,
        "out_seconds": of.out_s,
        "computed_at": of.computed_at,
    }


def _known(number: int, parts: int) -> float | None:
    return number / parts if number >= 0 else None


def _health(request: Request) -> Any:
    return request.app.state.gateway.neighbours.stockhealth


@router.post(
    "/v1/stock/health/runs",
    status_code=202,
    summary="Compute the health of all stock",
    responses=shown(JOB, status=202, text="Begun; see GET /v1/jobs/{id}."),
)
async def compute_stock_health(request: Request) -> Response:
    """Also done each night. While a run is under way, that one is answered."""
    asked = pb.ComputeStockHealthRequest(by=asking(request).id)
    answered = await ask_again(_health(request).ComputeStockHealth, asked)
    return answer(job(answered.job), 202)


@router.get(
    "/v1/stock/health",
    summary="How sound the stock is",
    responses=shown({"currencies": [_SUM], "computed_at": "2026-11-22T18:00:00.000Z"}),
)
async def get_stock_health(request: Request) -> Response:
    """As of the last run, at cost. Turnover is a year's cost of goods sold (at the pace of 90 days) over the average stock;
    the stock-out share is SKU-days without availability over SKU-days on sale, of 28 days."""
    answered = await ask_again(_health(request).GetStockHealth, pb.GetStockHealthRequest(), STAFF_S)
    return answer({"currencies": _sums(answered.totals), "computed_at": answered.computed_at or None})


@router.get(
    "/v1/stock/health/items",
    summary="How sound each SKU's stock is",
    responses=shown({"items": [_ITEM], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_stock_health(
    request: Request,
    flag: Annotated[Flags, Query(description="Only with this flag.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """What ties up most money first, each with what is proposed to do. A day without stock is no day without demand:
    `last_28_days` leaves it out."""
    asked = pb.ListStockHealthRequest(flag=flag, page=page_of(limit, cursor))
    answered = await ask_again(_health(request).ListStockHealth, asked)
    return paged(request, "items", [_item(row) for row in answered.items], answered.next_cursor)
