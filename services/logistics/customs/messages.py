"""This is where customs meets protobuf."""

from shop.logistics.v1 import customs_pb2
from shop.type.v1 import money_pb2

from services.kit.clock import rfc3339

from .clearance import Crossing, Going
from .duties import DutyTable, Estimate, Rate
from .goods import Goods, Taken
from .restrictions import Restriction

_SAID = ("hs_code", "origin", "description", "material", "use", "battery")
_RESTRICTION = ("id", "country", "kind", "hs_prefix", "battery", "reason", "text", "from_day", "until_day")
_TABLE = (
    "currency",
    "tax_name",
    "cif",
    "duty_de_minimis_minor",
    "tax_de_minimis_minor",
    "ddp",
    "ddp_fee_bp",
    "ddp_fee_minor",
)


def goods(message: customs_pb2.CustomsGoods) -> Goods:
    """From a CustomsGoods."""
    said = {name: getattr(message, name) for name in _SAID}
    said["battery"] = said["battery"] or "none"
    return Goods(
        id=message.sku, **said, declared_minor=message.declared.minor, declared_currency=message.declared.currency
    )


def goods_message(of: Goods) -> customs_pb2.CustomsGoods:
    """To a CustomsGoods."""
    declared = money_pb2.Money(currency=of.declared_currency, minor=of.declared_minor) if of.declared_minor else None
    return customs_pb2.CustomsGoods(
        sku=of.id,
        **{name: getattr(of, name) for name in _SAID},
        declared=declared,
        missing=of.missing,
        changed_at=rfc3339(of.changed_at),
        version=of.version,
    )


def taken_message(of: Taken) -> customs_pb2.CustomsTaken:
    """To a CustomsTaken."""
    faults = [customs_pb2.CustomsFault(field=one.pointer.strip("/"), message=one.message) for one in of.errors]
    return customs_pb2.CustomsTaken(sku=of.sku, faults=faults)


def restriction(message: customs_pb2.Restriction) -> Restriction:
    """From a Restriction."""
    return Restriction(**{name: getattr(message, name) for name in _RESTRICTION})


def restriction_message(of: Restriction) -> customs_pb2.Restriction:
    """To a Restriction."""
    return customs_pb2.Restriction(**{name: getattr(of, name) for name in _RESTRICTION}, version=of.version)


def table(message: customs_pb2.DutyTable) -> DutyTable:
    """From a DutyTable."""
    rates = [Rate(rate.hs_prefix, rate.duty_bp, rate.tax_bp) for rate in message.rates]
    return DutyTable(message.country, **{name: getattr(message, name) for name in _TABLE}, rates=rates)


def table_message(of: DutyTable) -> customs_pb2.DutyTable:
    """To a DutyTable."""
    rates = [customs_pb2.DutyRate(hs_prefix=r.hs_prefix, duty_bp=r.duty_bp, tax_bp=r.tax_bp) for r in of.rates]
    said = {name: getattr(of, name) for name in _TABLE}
    return customs_pb2.DutyTable(country=of.id, **said, rates=rates, version=of.version)


def going(request: customs_pb2.JudgeCrossingRequest) -> list[Going]:
    """The lines of a JudgeCrossingRequest."""
    return [Going(line.sku, line.quantity, line.unit.minor) for line in request.lines]


def crossing_message(of: Crossing, abroad: bool) -> customs_pb2.JudgeCrossingResponse:
    """To a JudgeCrossingResponse."""
    obstacles = [
        customs_pb2.CrossingObstacle(sku=one.sku, kind=one.kind, reason=one.reason, text=one.text) for one in of.against
    ]
    estimate = _estimate(of.estimate) if of.estimate else None
    return customs_pb2.JudgeCrossingResponse(abroad=abroad, obstacles=obstacles, estimate=estimate)


def _estimate(of: Estimate) -> customs_pb2.DutyEstimate:
    def money(minor: int) -> money_pb2.Money:
        return money_pb2.Money(currency=of.currency, minor=minor)

    lines = [
        customs_pb2.LineDuty(
            sku=due.sku, value=money(due.value_minor), duty=money(due.duty_minor), tax=money(due.tax_minor)
        )
        for due in of.lines
    ]
    return customs_pb2.DutyEstimate(
        tax_name=of.tax_name,
        customs_value=money(of.customs_value_minor),
        duty=money(of.duty_minor),
        tax=money(of.tax_minor),
        ddp=money(of.ddp_minor) if of.ddp_offered else None,
        ddp_fee=money(of.ddp_fee_minor) if of.ddp_offered else None,
        lines=lines,
        unknown=of.unknown,
    )
