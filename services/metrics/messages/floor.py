"""This is where what is told of the fulfilment floor becomes facts."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.logistics.v1 import events_pb2 as logistics

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _scanned(event: logistics.InsertScanned, told: Told) -> Fact:
    return Fact(told.id, "insert_scanned", when(event.at, told), event.shipment_id)


def _redeemed(event: logistics.InsertRedeemed, told: Told) -> Fact:
    return Fact(told.id, "insert_redeemed", when(event.at, told), event.shipment_id)


def _troubled(event: logistics.ShipmentTroubled, told: Told) -> Fact:
    kind = "shipment_trouble_over" if event.over else "shipment_troubled"
    reference = f"{event.shipment_id}:{event.reason}:{event.turn}:{event.over}"
    return Fact(told.id, kind, when(event.at, told), reference, {"reason": event.reason})


def _wave(event: logistics.WaveReleased, told: Told) -> Fact:
    values = {"warehouse": event.warehouse, "parcels": event.parcels, "units": event.units}
    return Fact(told.id, "wave_released", when(event.at, told), event.wave_id, values)


def _picked(event: logistics.PickListDone, told: Told) -> Fact:
    values = {
        "warehouse": event.warehouse,
        "picked": event.picked,
        "short": event.short,
        "seconds": event.took_s,
    }
    return Fact(told.id, "pick_list_done", when(event.at, told), event.pick_list_id, values)


def _handed_over(event: logistics.ManifestClosed, told: Told) -> Fact:
    values = {
        "carrier": event.carrier,
        "warehouse": event.warehouse,
        "parcels": event.parcels,
        "left_out": event.left_out,
        "weight_g": event.weight_g,
    }
    return Fact(told.id, "manifest_closed", when(event.at, told), event.manifest_id, values)


def _flag(event: logistics.QualityFlagChanged, told: Told) -> Fact:
    kind = "quality_flag_raised" if event.raised else "quality_flag_lifted"
    return Fact(told.id, kind, when(event.at, told), "", {"complaints": event.complaints, "shipped": event.shipped})


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    logistics.InsertScanned: _scanned,
    logistics.InsertRedeemed: _redeemed,
    logistics.ShipmentTroubled: _troubled,
    logistics.WaveReleased: _wave,
    logistics.PickListDone: _picked,
    logistics.ManifestClosed: _handed_over,
    logistics.QualityFlagChanged: _flag,
}
