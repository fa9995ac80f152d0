"""This is where it is read from protobuf where a checkout came from."""

from shop.orders.v1.checkout_pb2 import CheckoutRequest

from services.orders.origin import NOWHERE, Origin


def origin_of(request: CheckoutRequest) -> Origin:
    """As the gateway saw it."""
    if not (request.HasField("origin") or request.HasField("billing")):
        return NOWHERE
    seen, billing = request.origin, request.billing
    return Origin(seen.device, seen.address, seen.country, billing.country, billing.name)
