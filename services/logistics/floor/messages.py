"""This is where the floor meets protobuf."""

from collections import Counter

from shop.logistics.v1 import manifests_pb2, packing_pb2, waves_pb2
from shop.type.v1 import money_pb2

from services.kit.clock import parse_time, rfc3339
from services.kit.errors import FieldError

from .manifests import Manifest, Row
from .packing import Box, Packaging, PackRules
from .picklists import PickList
from .sheets import totals
from .waves import InvalidWave, Wanted, Wave

_USUAL, _USUAL_LIST = 100, 20


def wanted(request: waves_pb2.MakeWaveRequest) -> Wanted:
    """From a MakeWaveRequest. Refuses with `InvalidWave`."""
    try:
        before = parse_time(request.ship_by_before)
    except (ValueError, OverflowError):
        raise InvalidWave("no such time", errors=[FieldError("/ship_by_before", "RFC 3339")]) from None
    return Wanted(
        request.warehouse,
        request.carrier,
        request.most_priority,
        before,
        request.most or _USUAL,
        request.a_list or _USUAL_LIST,
    )


def wave(of: Wave) -> waves_pb2.Wave:
    """To a Wave."""
    return waves_pb2.Wave(
        id=of.id,
        warehouse=of.warehouse,
        state=of.state,
        parcels=of.parcels,
        units=of.units,
        lists=of.lists,
        by=of.by,
        created_at=rfc3339(of.created_at),
    )


def pick_list(of: PickList, *, lines: bool = True) -> waves_pb2.PickList:
    """To a PickList."""
    told = waves_pb2.PickList(
        id=of.id,
        wave_id=of.wave,
        warehouse=of.warehouse,
        state=of.state,
        claimed_by=of.claimed_by,
        claimed_at=rfc3339(of.claimed_at),
        done_at=rfc3339(of.done_at),
        shipment_ids=of.shipments,
        created_at=rfc3339(of.created_at),
    )
    names = ("sku", "title", "zone", "bin", "quantity", "picked", "short", "reason")
    for line in of.lines if lines else ():
        shares = [waves_pb2.PickShare(shipment_id=one.shipment_id, quantity=one.quantity) for one in line.parcels]
        told.lines.append(waves_pb2.PickLine(**{name: getattr(line, name) for name in names}, parcels=shares))
    return told


def box(request: packing_pb2.PackCountedRequest) -> Box:
    """From a PackCountedRequest."""
    scanned = Counter[str]()
    for one in request.scanned:
        scanned[one.sku] += one.quantity
    return Box(scanned, request.weight_g, request.packaging, request.reason)


def rules(of: packing_pb2.PackRules) -> PackRules:
    """From PackRules."""
    kinds = [Packaging(one.code, one.title, one.tare_g, one.most_g) for one in of.packagings]
    return PackRules(tolerance_percent=of.tolerance_percent, tolerance_g=of.tolerance_g, packagings=kinds)


def rules_message(of: PackRules) -> packing_pb2.PackRules:
    """To PackRules."""
    return packing_pb2.PackRules(
        tolerance_percent=of.tolerance_percent,
        tolerance_g=of.tolerance_g,
        packagings=[
            packing_pb2.Packaging(code=one.code, title=one.title, tare_g=one.tare_g, most_g=one.most_g)
            for one in of.packagings
        ],
        version=of.version,
    )


def manifest(of: Manifest) -> manifests_pb2.Manifest:
    """To a Manifest."""
    return manifests_pb2.Manifest(
        id=of.id,
        carrier=of.carrier,
        warehouse=of.warehouse,
        cutoff_at=rfc3339(of.cutoff_at),
        state=of.state,
        parcels=len(of.handed) if of.rows else len(of.parcels),
        left_out=len(of.rows) - len(of.handed),
        weight_g=sum(row.weight_g for row in of.handed),
        collect=[money_pb2.Money(currency=currency, minor=minor) for currency, minor in sorted(totals(of).items())],
        closed_by=of.closed_by,
        closed_at=rfc3339(of.closed_at),
        created_at=rfc3339(of.created_at),
        courier=of.courier,
        number=of.number,
    )


def row(of: Row) -> manifests_pb2.ManifestRow:
    """To a ManifestRow."""
    collect = money_pb2.Money(currency=of.collect_currency, minor=of.collect_minor) if of.collect_minor else None
    return manifests_pb2.ManifestRow(
        shipment_id=of.shipment_id,
        waybill=of.waybill,
        weight_g=of.weight_g,
        pieces=of.pieces,
        collect=collect,
        left_out=of.left_out,
    )
