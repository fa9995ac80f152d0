"""This is where logistics is asked to bring goods back, and marketing to give a coupon."""

import grpc.aio
from shop.logistics.v1 import returns_pb2, returns_pb2_grpc, shipments_pb2
from shop.marketing.v1 import wallets_pb2, wallets_pb2_grpc

from services.kit.clock import Clock
from services.kit.errors import Unavailable
from services.kit.rpc import NeighbourFailed, call
from services.orders.messages.addresses import money, region_message
from services.orders.orders import Order

from .compensations import Grant
from .returns import Return, WayBack


class ReturnParcelsAway(Unavailable):
    """Logistics cannot book it now: it may by the next try."""


class ReturnParcels:
    """Books the parcels that come back."""

    def __init__(self, channel: grpc.aio.Channel, clock: Clock) -> None:
        self._parcels = returns_pb2_grpc.ReturnParcelsServiceStub(channel)
        self._clock = clock

    async def book(self, order: Order, rma: Return, kind: str, window: str) -> WayBack:
        """The parcel, once a return."""
        lines = {line.sku: line for line in order.lines}
        from_where = sorted({one.warehouse for one in order.shipments.values() if one.warehouse})
        request = returns_pb2.BookReturnRequest(
            return_id=rma.id,
            order_id=order.id,
            kind=kind,
            window=window,
            sealed_address=order.sealed_address,
            region=region_message(order.region),
            lines=[
                shipments_pb2.ShipmentLine(sku=line.sku, title=lines[line.sku].title, quantity=line.quantity)
                for line in rma.lines
            ],
            weight_g=sum(lines[line.sku].weight_g * line.quantity for line in rma.lines),
            goods=money(order.currency, rma.worth_minor),
            warehouse=from_where[0] if from_where else "",
        )
        try:
            booked: returns_pb2.BookReturnResponse = await call(self._parcels.BookReturn, request, timeout_s=2.0)
        except NeighbourFailed as failed:
            raise ReturnParcelsAway(str(failed)) from failed
        return WayBack(
            waybill=booked.waybill,
            carrier=booked.carrier,
            kind=kind,
            warehouse=booked.warehouse,
            freight_minor=booked.freight.minor,
            booked_at=self._clock.now(),
            window=window,
        )


class VouchersAway(Unavailable):
    """Marketing cannot grant it now: it may by the next try."""


class Vouchers:
    """Grants vouchers to customers."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._wallets = wallets_pb2_grpc.WalletsServiceStub(channel)

    async def grant(self, customer_id: str, grant: Grant) -> str:
        """The voucher's id; once a grant."""
        request = wallets_pb2.GrantVoucherRequest(
            coupon=grant.rule.coupon,
            customer_id=customer_id,
            by=grant.by,
            reason=f"compensation: {grant.reason}",
            request_id=grant.id,
        )
        try:
            answer: wallets_pb2.GrantVoucherResponse = await call(self._wallets.GrantVoucher, request, timeout_s=2.0)
        except NeighbourFailed as failed:
            raise VouchersAway(str(failed)) from failed
        return answer.voucher.id
