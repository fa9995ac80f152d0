"""This is where a test of after-sales speaks to the returns' counter."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from shop.logistics.v1.events_pb2 import ReturnParcelMoved
from shop.orders.v1 import returns_pb2 as pb

from services.kit.clock import rfc3339
from services.kit.rpc import call
from tests.orders.world import World

PHOTOS = ("https://example.com/1.jpg",)


class Counter:
    """The counter, and short words for its steps."""

    def __init__(self, world: World, customer_id: str = "cus_1") -> None:
        self.world, self.customer_id = world, customer_id

    async def open(
        self, order_id: str, lines: Mapping[str, int], reason: str = "size", kind: str = "return", **more: Any
    ) -> pb.Return:
        """A return asked for; `wants` in exchange."""
        photos: Sequence[str] = more.pop("photos", PHOTOS)
        wants = more.pop("wants", {})
        request = pb.OpenReturnRequest(
            order_id=order_id,
            customer_id=self.customer_id,
            lines=[pb.ReturnLine(sku=sku, quantity=quantity) for sku, quantity in lines.items()],
            reason=reason,
            photos=photos,
            request_id=more.pop("key", "") or uuid.uuid4().hex,
            kind=pb.ReturnKind.Value(f"RETURN_KIND_{kind.upper()}"),
            wants=[pb.ReturnLine(sku=sku, quantity=quantity) for sku, quantity in wants.items()],
            **more,
        )
        return (await call(self.world.returns.OpenReturn, request)).rma

    async def get(self, return_id: str) -> pb.Return:
        """As it is now."""
        return (await call(self.world.returns.GetReturn, pb.GetReturnRequest(id=return_id, staff=True))).rma

    async def approve(self, return_id: str, *, goods_stay: bool = False, senior: bool = True) -> pb.Return:
        """Yes."""
        request = pb.ApproveReturnRequest(id=return_id, by="stf_1", goods_stay=goods_stay, senior=senior)
        return (await call(self.world.returns.ApproveReturn, request)).rma

    async def move(self, return_id: str, move: str, text: str = "because", *, staff: bool = True) -> pb.Return:
        """`reject`, `ask`, `answer` or `cancel`."""
        request = pb.MoveReturnRequest(
            id=return_id,
            move=pb.ReturnMove.Value(f"RETURN_MOVE_{move.upper()}"),
            by="stf_1" if staff else "",
            customer_id="" if staff else self.customer_id,
            text=text,
        )
        return (await call(self.world.returns.MoveReturn, request)).rma

    async def inspect(self, return_id: str, grades: Mapping[tuple[str, str], int]) -> pb.Return:
        """Units by SKU and grade."""
        rows = [pb.ReturnGrade(sku=sku, grade=grade, units=units) for (sku, grade), units in grades.items()]
        request = pb.InspectReturnRequest(id=return_id, by="stf_2", warehouse="main", grades=rows)
        return (await call(self.world.returns.InspectReturn, request)).rma

    async def receive(self, return_id: str) -> pb.Return:
        """All of it, sound."""
        request = pb.ReceiveReturnRequest(id=return_id, by="stf_2", sound=True)
        return (await call(self.world.returns.ReceiveReturn, request)).rma

    async def refund(self, return_id: str) -> pb.Return:
        """Money back."""
        request = pb.RefundReturnRequest(id=return_id, by="stf_3")
        return (await call(self.world.returns.RefundReturn, request)).rma

    async def send(self, return_id: str) -> pb.Return:
        """Something instead."""
        return (await call(self.world.returns.SendInstead, pb.SendInsteadRequest(id=return_id, by="stf_1"))).rma

    async def pay(self, return_id: str, token: str = "tok_ok") -> pb.Return:
        """The difference."""
        request = pb.PayDifferenceRequest(id=return_id, customer_id=self.customer_id, payment_token=token)
        return (await call(self.world.returns.PayDifference, request)).rma

    async def book(self, return_id: str, kind: str = "label") -> pb.Return:
        """The way back."""
        request = pb.BookWayBackRequest(id=return_id, customer_id=self.customer_id, kind=kind)
        return (await call(self.world.returns.BookWayBack, request)).rma

    async def parcel(self, rma: pb.Return, state: str, revision: int) -> None:
        """Its parcel moves, as logistics tells it."""
        event = ReturnParcelMoved(
            return_id=rma.id,
            order_id=rma.order_id,
            shipment_id="shp_r",
            carrier="sandbox",
            waybill=rma.way_back.waybill,
            state=state,
            occurred_at=rfc3339(self.world.house.clock.now()),
            warehouse="main",
            revision=revision,
        )
        await self.world.house.tell(event, key="shp_r")
        await self.world.house.settled()

    async def follow_up(self, rma: pb.Return) -> Any:
        """The order that was sent instead."""
        return await self.world.order(rma.follow_up, self.customer_id)

    async def given_back(self, order_id: str) -> int:
        """What the provider's books say went back of an order (minor units)."""
        return sum(payment["refunded_minor"] for payment in await self.world.psp.payments(order_id))
