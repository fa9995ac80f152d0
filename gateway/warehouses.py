"""This is where warehouses are kept: where they stand, when they work, what they can do and what of it is used."""

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import warehouses_pb2 as pb

from gateway.answers import Json, answer, region
from gateway.described import feature, shown
from gateway.fields import Body, Line, LineOrEmpty, PathSlug, RegionBody, Word
from gateway.neighbours import ask_again

router = feature("warehouses")
_WAREHOUSE = {
    "code": "main",
    "title": "Main",
    "region": {"country": "CN", "province": "上海市", "city": "上海市", "district": ""},
    "open": True,
    "kind": "dc",
    "street": "外高橋路 1 號",
    "latitude_e6": 31_230_416,
    "longitude_e6": 121_473_701,
    "capacity_m3": 12_000,
    "orders_a_day": 2_000,
    "time_zone": "Asia/Shanghai",
    "hours": [{"day": "1", "spans": [{"opens": "09:00", "closes": "18:00"}]}],
    "cut_off": "16:00",
    "zones": ["A-01"],
    "load": {"planned_today": 120, "waiting": 31, "used": 0.06, "leaves_at": "2026-11-23T08:00:00.000Z"},
}
_Clock = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
_Many = Annotated[int, Field(ge=0, le=1_000_000_000)]


class SpanBody(Body):
    """Open from one time of the day to a later one."""

    opens: _Clock
    closes: _Clock


class DayBody(Body):
    """A weekday (1 Monday to 7 Sunday) or a date that differs; no spans: closed."""

    day: Annotated[str, StringConstraints(pattern=r"^([1-7]|[0-9]{4}-[0-9]{2}-[0-9]{2})$")]
    spans: Annotated[list[SpanBody], Field(max_length=5)] = Field(default_factory=list)


class WarehouseBody(Body):
    """A warehouse; a closed one gets no new orders. Without hours it always works; what is paid after `cut_off` (its own
    time) leaves the next day it works. `orders_a_day` 0: no bound."""

    title: Line
    region: RegionBody
    open: bool = True
    kind: Literal["dc", "store"] = "dc"
    street: LineOrEmpty = ""
    latitude_e6: Annotated[int, Field(ge=-90_000_000, le=90_000_000)] = 0
    longitude_e6: Annotated[int, Field(ge=-180_000_000, le=180_000_000)] = 0
    capacity_m3: _Many = 0
    orders_a_day: _Many = 0
    time_zone: Word = "UTC"
    hours: Annotated[list[DayBody], Field(max_length=400)] = Field(default_factory=list)
    cut_off: _Clock | None = None
    zones: Annotated[list[Word], Field(max_length=500)] = Field(default_factory=list)

    def told(self, code: str) -> pb.Warehouse:
        """As logistics takes it."""
        return pb.Warehouse(
            code=code,
            title=self.title,
            region=self.region.told_region(),
            open=self.open,
            kind=self.kind,
            street=self.street,
            latitude_e6=self.latitude_e6,
            longitude_e6=self.longitude_e6,
            capacity_m3=self.capacity_m3,
            orders_a_day=self.orders_a_day,
            time_zone=self.time_zone,
            hours=[
                pb.OpenDay(
                    day=day.day,
                    spans=[pb.OpenSpan(opens=_minutes(span.opens), closes=_minutes(span.closes)) for span in day.spans],
                )
                for day in self.hours
            ],
            cut_off=_minutes(self.cut_off) if self.cut_off else None,
            zones=self.zones,
        )


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def warehouse(of: pb.Warehouse) -> Json:
    """A warehouse; what it has to do only in the list."""
    load = of.load
    return {
        "code": of.code,
        "title": of.title,
        "region": region(of.region),
        "open": of.open,
        "kind": of.kind,
        "street": of.street,
        "latitude_e6": of.latitude_e6,
        "longitude_e6": of.longitude_e6,
        "capacity_m3": of.capacity_m3,
        "orders_a_day": of.orders_a_day,
        "time_zone": of.time_zone,
        "hours": [
            {"day": day.day, "spans": [{"opens": _time(x.opens), "closes": _time(x.closes)} for x in day.spans]}
            for day in of.hours
        ],
        "cut_off": _time(of.cut_off) if of.HasField("cut_off") else None,
        "zones": list(of.zones),
        "load": {
            "planned_today": load.planned_today,
            "waiting": load.waiting,
            "used": load.used_milli / 1000,
            "leaves_at": load.leaves_at,
        }
        if of.HasField("load")
        else None,
    }


@router.get("/v1/warehouses", summary="Warehouses", responses=shown({"items": [_WAREHOUSE]}))
async def list_warehouses(request: Request) -> Response:
    """By code, with what each has to do today and when what is paid now leaves it."""
    answered = await ask_again(
        request.app.state.gateway.neighbours.warehouses.ListWarehouses, pb.ListWarehousesRequest()
    )
    return answer({"items": [warehouse(row) for row in answered.warehouses]})


@router.put(
    "/v1/warehouses/{code}",
    summary="Make or change a warehouse",
    responses=shown(_WAREHOUSE, "INVALID_WAREHOUSE", body=True),
)
async def put_warehouse(request: Request, code: PathSlug, body: WarehouseBody) -> Response:
    """The code stays."""
    asked = pb.PutWarehouseRequest(warehouse=body.told(code))
    answered = await ask_again(request.app.state.gateway.neighbours.warehouses.PutWarehouse, asked)
    return answer(warehouse(answered.warehouse))
