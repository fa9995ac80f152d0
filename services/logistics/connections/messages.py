"""This is where carriers' connections meet protobuf."""

from shop.logistics.v1 import connections_pb2 as pb

from services.kit.clock import rfc3339
from services.logistics.carriers import Carrier

from .connections import PATIENCE, Connection, Wish


def connection_message(one: Connection, carrier: Carrier) -> pb.Connection:
    """To a Connection; of the account only which fields are known."""
    return pb.Connection(
        code=one.id,
        title=carrier.title,
        on=one.on,
        environment=one.environment,
        partner=one.partner,
        prefix=one.prefix,
        speaks=one.speaks,
        abilities=sorted(carrier.abilities),
        account_fields=carrier.account_fields,
        known_fields=one.known,
        stuck_days=PATIENCE | one.stuck_days,
        lost_days=one.lost_days,
        updated_at=rfc3339(one.updated_at),
        updated_by=one.updated_by,
        version=one.version,
    )


def wish(request: pb.PutConnectionRequest) -> Wish:
    """From a PutConnectionRequest."""
    return Wish(
        on=request.on,
        environment=request.environment,
        account=dict(request.account),
        stuck_days=dict(request.stuck_days),
        lost_days=request.lost_days,
        partner=request.partner,
        title=request.title,
        prefix=request.prefix,
        speaks=request.speaks,
    )
