"""This is where the shelves meet protobuf."""

from collections.abc import Iterable, Sequence

from shop.catalog.v1 import classes_pb2, counts_pb2, lowstock_pb2, readings_pb2, stockhealth_pb2, transfers_pb2

from services.kit.clock import parse_time, rfc3339

from .classes import SkuClass
from .health import HealthItem, HealthTotal
from .lowstock import LowLine, StockPolicy
from .proposals import Proposal
from .readings import Said, ShelfReading
from .sheets import Count, CountLine, CountState
from .soundness import SAID, UNTOLD, Action
from .transfers import Arrival, Transfer, TransferLine, TransferState

_TRANSFERS = {
    TransferState.PLANNED: transfers_pb2.TRANSFER_STATE_PLANNED,
    TransferState.DISPATCHED: transfers_pb2.TRANSFER_STATE_DISPATCHED,
    TransferState.RECEIVED: transfers_pb2.TRANSFER_STATE_RECEIVED,
    TransferState.CANCELLED: transfers_pb2.TRANSFER_STATE_CANCELLED,
}
_COUNTS = {
    CountState.OPEN: counts_pb2.COUNT_STATE_OPEN,
    CountState.APPROVED: counts_pb2.COUNT_STATE_APPROVED,
    CountState.BOOKED: counts_pb2.COUNT_STATE_BOOKED,
    CountState.CANCELLED: counts_pb2.COUNT_STATE_CANCELLED,
}


def sku_class(kept: SkuClass) -> classes_pb2.SkuClass:
    """How a SKU sells."""
    return classes_pb2.SkuClass(
        sku=kept.id,
        abc=kept.abc,
        xyz=kept.xyz,
        demand=kept.demand,
        policy=kept.policy,
        units=kept.units,
        value_minor=kept.value_minor,
        currency=kept.currency,
        adi_milli=kept.adi_milli,
        cv2_milli=kept.cv2_milli,
        cv_milli=kept.cv_milli,
        computed_at=rfc3339(kept.computed_at),
    )


def transfer_state(asked: int) -> str:
    """The state of this number; empty for all."""
    return next((state.value for state, number in _TRANSFERS.items() if number == asked), "")


def wanted(lines: Iterable[transfers_pb2.TransferLine]) -> list[tuple[str, int]]:
    """What is to go."""
    return [(line.sku, line.quantity) for line in lines]


def arrivals(lines: Iterable[transfers_pb2.TransferLine]) -> list[Arrival]:
    """What arrived."""
    return [Arrival(line.sku, line.received, line.damaged, line.reason) for line in lines]


def transfer(kept: Transfer) -> transfers_pb2.Transfer:
    """Goods from one warehouse to another."""
    message = transfers_pb2.Transfer(
        id=kept.id,
        state=_TRANSFERS[kept.state],
        to=kept.target,
        lines=[_transfer_line(line) for line in kept.lines],
        by=kept.by,
        created_at=rfc3339(kept.created_at),
        dispatched_at=rfc3339(kept.dispatched_at),
        received_at=rfc3339(kept.received_at),
        cancelled_at=rfc3339(kept.cancelled_at),
    )
    setattr(message, "from", kept.origin)
    return message


def _transfer_line(line: TransferLine) -> transfers_pb2.TransferLine:
    return transfers_pb2.TransferLine(
        sku=line.sku,
        quantity=line.quantity,
        received=line.received,
        damaged=line.damaged,
        lost=line.lost,
        reason=line.reason,
    )


def count_state(asked: int) -> str:
    """The state of this number; empty for all."""
    return next((state.value for state, number in _COUNTS.items() if number == asked), "")


def found_units(lines: Iterable[counts_pb2.FoundUnits]) -> list[tuple[str, int]]:
    """What was found."""
    return [(line.sku, line.units) for line in lines]


def count(kept: Count) -> counts_pb2.Count:
    """A sheet."""
    return counts_pb2.Count(
        id=kept.id,
        state=_COUNTS[kept.state],
        warehouse=kept.warehouse,
        lines=kept.lines,
        by=kept.by,
        created_at=rfc3339(kept.created_at),
        counters=kept.counters,
        closed_by=kept.closed_by,
        closed_at=rfc3339(kept.closed_at),
    )


def count_line(kept: CountLine) -> counts_pb2.CountLine:
    """A SKU on a sheet."""
    return counts_pb2.CountLine(
        sku=kept.sku,
        frozen=kept.frozen,
        is_counted=kept.counted is not None,
        expected=kept.expected or 0,
        counted=kept.counted or 0,
        difference=kept.difference,
        difference_minor=kept.difference * kept.cost_minor,
        currency=kept.currency,
        counted_by=kept.counted_by,
        counted_at=rfc3339(kept.counted_at),
        outcome=kept.outcome.value,
    )


def proposal(kept: Proposal) -> counts_pb2.CountProposal:
    """Something that wants counting."""
    return counts_pb2.CountProposal(
        warehouse=kept.warehouse,
        sku=kept.sku,
        abc=kept.abc,
        reason=kept.reason,
        due_at=rfc3339(kept.due_at),
        counted_at=rfc3339(kept.counted_at),
    )


def policy_of(message: lowstock_pb2.StockPolicy, by: str) -> StockPolicy:
    """What people want of a SKU's stock."""
    return StockPolicy(
        message.sku,
        message.low_line if message.HasField("low_line") else None,
        message.target_cover_days if message.HasField("target_cover_days") else None,
        message.policy,
        {line.warehouse: line.line for line in message.warehouse_lines},
        by,
    )


def policy(kept: StockPolicy) -> lowstock_pb2.StockPolicy:
    """What people want of a SKU's stock."""
    return lowstock_pb2.StockPolicy(
        sku=kept.id,
        low_line=kept.low_line,
        target_cover_days=kept.target_cover_days,
        policy=kept.policy,
        warehouse_lines=[
            lowstock_pb2.WarehouseLine(warehouse=code, line=units)
            for code, units in sorted(kept.warehouse_lines.items())
        ],
        version=kept.version,
        by=kept.by,
        updated_at=rfc3339(kept.updated_at),
    )


def place(asked: str) -> str | None:
    """The warehouse of a line; empty for the whole shop's, None for all."""
    return None if not asked else "" if asked == "shop" else asked


def low(kept: LowLine) -> lowstock_pb2.LowStock:
    """A SKU at or below its line."""
    return lowstock_pb2.LowStock(
        sku=kept.sku,
        warehouse=kept.warehouse,
        line=kept.line,
        explicit=kept.explicit,
        units=kept.units,
        cover_tenths=kept.cover_tenths if kept.daily_milli else UNTOLD,
        since=rfc3339(kept.since),
    )


def said(message: readings_pb2.Reading) -> Said:
    """What a shelf says; no time when it cannot be read."""
    try:
        at = parse_time(message.at)
    except (ValueError, OverflowError):
        at = None
    return Said(message.device, message.warehouse, message.sku, message.units, at, message.seq)


def shelf_reading(kept: ShelfReading) -> readings_pb2.ShelfReading:
    """The last reading of a shelf."""
    return readings_pb2.ShelfReading(
        reading=readings_pb2.Reading(
            device=kept.device,
            warehouse=kept.warehouse,
            sku=kept.sku,
            units=kept.units,
            at=rfc3339(kept.at),
            seq=kept.seq,
        ),
        received_at=rfc3339(kept.received_at),
        expected=kept.expected,
        differs_since=rfc3339(kept.differs_since),
    )


def totals(kept: Sequence[HealthTotal]) -> list[stockhealth_pb2.HealthTotal]:
    """Sums by currency and flag."""
    names = HealthTotal.__dataclass_fields__
    return [stockhealth_pb2.HealthTotal(**{name: getattr(total, name) for name in names}) for total in kept]


_SAME = (
    "abc",
    "units",
    "available",
    "currency",
    "value_minor",
    "excess_units",
    "excess_minor",
    "daily_milli",
    "daily_long_milli",
    "cover_tenths",
    "target_days",
    "turnover_milli",
    "age_days",
    "oldest_days",
    "last_sale",
    "out_s",
)


def health_item(kept: HealthItem) -> stockhealth_pb2.HealthItem:
    """How it stands with a SKU's stock."""
    en, zh = SAID[Action(kept.action)]
    return stockhealth_pb2.HealthItem(
        sku=kept.id,
        flag=kept.flag.value,
        action=kept.action,
        action_en=en,
        action_zh=zh,
        computed_at=rfc3339(kept.computed_at),
        **{name: getattr(kept, name) for name in _SAME},
    )
