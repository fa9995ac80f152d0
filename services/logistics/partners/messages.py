"""This is where keys, parcels and webhooks meet protobuf."""

from shop.logistics.v1 import partner_keys_pb2, partner_parcels_pb2, webhooks_pb2
from shop.type.v1 import address_pb2

from services.kit.clock import rfc3339
from services.kit.seal import Seal
from services.logistics import carrier_keys, key_uses, shipments

from . import deliveries, endpoints, keys, rehearsal


def wish(request: partner_keys_pb2.CreatePartnerKeyRequest) -> keys.Wish:
    """From a CreatePartnerKeyRequest."""
    return keys.Wish(request.carrier, request.title, tuple(request.scopes), request.rate_per_s, request.by)


def key(of: carrier_keys.CarrierKey) -> partner_keys_pb2.PartnerKey:
    """To a PartnerKey; its secrets stay here."""
    return partner_keys_pb2.PartnerKey(
        id=of.id,
        carrier=of.carrier,
        title=of.title,
        scopes=of.scopes,
        rate_per_s=of.rate_per_s,
        state="revoked" if of.revoked_at else "active",
        created_at=rfc3339(of.created_at),
        created_by=of.created_by,
        overlap_until=rfc3339(of.overlap_until),
        last_seen_at=rfc3339(of.last_seen_at),
    )


def use(of: key_uses.KeyUse) -> partner_keys_pb2.PartnerKeyUse:
    """To a PartnerKeyUse."""
    named = {scope.replace(".", "_"): scope for scope in carrier_keys.SCOPES}
    calls = {named.get(name, name): count for name, count in of.calls.items()}
    return partner_keys_pb2.PartnerKeyUse(day=of.day, calls=calls, refused=of.refused, last_at=rfc3339(of.last_at))


def waybill(of: shipments.Shipment) -> partner_parcels_pb2.Waybill:
    """To a Waybill."""
    return partner_parcels_pb2.Waybill(
        waybill=of.waybill,
        shipment_id=of.id,
        state=of.state,
        tracking_state=of.tracking_state,
        warehouse=of.warehouse,
        direction="reverse" if of.return_id else "forward",
        weight_g=of.weight_g,
        handed_at=rfc3339(of.shipped_at),
        manifest_id=of.manifest if of.shipped_at else "",
    )


def endpoint(of: endpoints.Endpoint) -> webhooks_pb2.Endpoint:
    """To an Endpoint; its secrets stay here."""
    return webhooks_pb2.Endpoint(
        id=of.id,
        url=of.url,
        types=of.types,
        state=of.state,
        reason=of.reason,
        created_at=rfc3339(of.created_at),
        overlap_until=rfc3339(of.overlap_until),
    )


def delivery(of: deliveries.Delivery) -> webhooks_pb2.Delivery:
    """To a Delivery."""
    return webhooks_pb2.Delivery(
        id=of.id,
        endpoint_id=of.endpoint_id,
        type=of.type,
        state=of.state,
        created_at=rfc3339(of.created_at),
        next_at=rfc3339(of.next_at),
        payload=of.payload.decode(),
        attempts=[
            webhooks_pb2.Attempt(at=rfc3339(one.at), status=one.status, outcome=one.outcome, took_ms=one.took_ms)
            for one in of.attempts
        ],
    )


def rehearsed_address(seal: Seal) -> bytes:
    """Where magic parcels go: to nobody."""
    nobody = address_pb2.Address(
        country="CN",
        province="上海市",
        city="上海市",
        district="浦東新區",
        street="沙盒路 1 號",
        name="沙盒",
        phone="+8600000000000",
    )
    return seal.close(nobody.SerializeToString(), rehearsal.REHEARSED_ORDER)
