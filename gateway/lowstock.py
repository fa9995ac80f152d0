"""This is where it is said when a SKU runs low, and shown which do."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.catalog.v1 import lowstock_pb2 as pb

from gateway.answers import Json, paged, tagged
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, Cursor, Limit, PathSku, Slug, page_of
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("stock")
POLICY = {
    "sku": "MUG-01",
    "low_line": 20,
    "target_cover_days": 30,
    "policy": "just_in_time",
    "warehouse_lines": [{"warehouse": "north", "line": 5}],
    "version": 1,
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "updated_at": "2026-11-22T08:00:00.000Z",
}
_LOW = {
    "sku": "MUG-01",
    "warehouse": None,
    "line": 20,
    "explicit": True,
    "units": 12,
    "days_of_cover": 4.5,
    "since": "2026-11-22T08:00:00.000Z",
}
Units = Annotated[int, Field(ge=0, le=1_000_000)]


class WarehouseLineBody(Body):
    """Low in one warehouse at so many units, or fewer."""

    warehouse: Slug
    line: Units


class StockPolicyBody(Body):
    """What is wanted of a SKU's stock; null where its sales and its ABC class shall decide."""

    low_line: Units | None = None
    target_cover_days: Annotated[int, Field(ge=1, le=3_650)] | None = None
    policy: Literal["just_in_time", "standard", "pooled"] | None = None
    warehouse_lines: Annotated[list[WarehouseLineBody], Field(max_length=50)] = Field(default_factory=list)

    def told(self, sku: str) -> pb.StockPolicy:
        """As catalog takes it."""
        return pb.StockPolicy(
            sku=sku,
            low_line=self.low_line,
            target_cover_days=self.target_cover_days,
            policy=self.policy or "",
            warehouse_lines=[
                pb.WarehouseLine(warehouse=each.warehouse, line=each.line) for each in self.warehouse_lines
            ],
        )


def policy(of: pb.StockPolicy) -> Json:
    """What is wanted of a SKU's stock."""
    return {
        "sku": of.sku,
        "low_line": of.low_line if of.HasField("low_line") else None,
        "target_cover_days": of.target_cover_days if of.HasField("target_cover_days") else None,
        "policy": of.policy or None,
        "warehouse_lines": [{"warehouse": each.warehouse, "line": each.line} for each in of.warehouse_lines],
        "version": of.version,
        "by": of.by or None,
        "updated_at": of.updated_at or None,
    }


def _low(of: pb.LowStock) -> Json:
    return {
        "sku": of.sku,
        "warehouse": of.warehouse or None,
        "line": of.line,
        "explicit": of.explicit,
        "units": of.units,
        "days_of_cover": of.cover_tenths / 10 if of.cover_tenths >= 0 else None,
        "since": of.since,
    }


def _lowstock(request: Request) -> Any:
    return request.app.state.gateway.neighbours.lowstock


@router.get("/v1/skus/{sku}/stock-policy", summary="A SKU's stock policy", responses=shown(POLICY, "SKU_NOT_FOUND"))
async def get_stock_policy(request: Request, sku: PathSku) -> Response:
    """Its low line, its target cover and how it is bought; null where its sales and its ABC class decide."""
    answered = await ask_again(_lowstock(request).GetStockPolicy, pb.GetStockPolicyRequest(sku=sku))
    return tagged(policy(answered.policy), answered.policy.version)


@router.put(
    "/v1/skus/{sku}/stock-policy",
    summary="Set a SKU's stock policy",
    responses=shown(POLICY, "SKU_NOT_FOUND", "INVALID_STOCK_POLICY", "VERSION_MISMATCH", body=True),
)
async def set_stock_policy(request: Request, sku: PathSku, body: StockPolicyBody) -> Response:
    """The whole of it. With If-Match only if nobody has changed it since."""
    asked = pb.SetStockPolicyRequest(policy=body.told(sku), if_version=if_version(request), by=asking(request).id)
    answered = await ask(_lowstock(request).SetStockPolicy, asked)
    return tagged(policy(answered.policy), answered.policy.version)


@router.get(
    "/v1/stock/low",
    summary="What runs low",
    responses=shown({"items": [_LOW], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_low_stock(
    request: Request,
    place: Annotated[
        str, Query(max_length=64, pattern=ONE_LINE, description="`shop` or a warehouse code; empty for all lines.")
    ] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """SKUs at or below their line, the soonest empty first. Staff are told once a fall (`low_stock` in GET /v1/notices)."""
    asked = pb.ListLowStockRequest(place=place, page=page_of(limit, cursor))
    answered = await ask_again(_lowstock(request).ListLowStock, asked)
    return paged(request, "items", [_low(row) for row in answered.items], answered.next_cursor)
