"""This is where what partner carriers send and get meets protobuf."""

from __future__ import annotations

from shop.logistics.v1 import carriers_pb2

from services.logistics import carrier_keys, pickups, scans


def proof(message: carriers_pb2.CarrierProof) -> carrier_keys.Proof:
    """From a CarrierProof."""
    return carrier_keys.Proof(message.key_id, message.webhook_id, message.timestamp, message.signature, message.body)


def raw_scan(message: carriers_pb2.Scan) -> scans.RawScan:
    """From a Scan."""
    return scans.RawScan(
        message.waybill,
        message.code,
        message.occurred_at,
        message.location,
        message.event_id,
        message.text,
        message.reason,
    )


def scan_answer(index: int, answer: scans.Answer) -> carriers_pb2.ScanAnswer:
    """To a ScanAnswer."""
    return carriers_pb2.ScanAnswer(index=index, status=answer.status, reason=answer.reason, state=answer.state)


def pickup_message(pickup: pickups.Pickup) -> carriers_pb2.Pickup:
    """To a Pickup."""
    return carriers_pb2.Pickup(warehouse=pickup.warehouse, direction=pickup.direction, waybills=list(pickup.waybills))
