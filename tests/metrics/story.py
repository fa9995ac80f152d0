"""This is where the tests' small history of a shop is told: three days, two currencies, numbers to check by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.message import Message
from shop.catalog.v1.events_pb2 import AvailabilityChanged, PriceChanged, ProductChanged, StockMoved
from shop.crm.v1.events_pb2 import CustomerRegistered, PointsMoved
from shop.logistics.v1.events_pb2 import FreightChanged, ParcelMoved, ShipmentPacked, ShipmentPlanned, ShipmentShipped
from shop.marketing.v1.events_pb2 import CouponChanged, PromotionChanged
from shop.metrics.v1 import behaviour_pb2, behaviour_pb2_grpc, kpis_pb2, kpis_pb2_grpc
from shop.orders.v1.events_pb2 import (
    CheckoutRefused,
    OrderCancelled,
    OrderDelivered,
    OrderedLine,
    OrderPaid,
    RefundIssued,
    ReturnReceived,
    ReturnRequested,
)
from shop.type.v1.address_pb2 import Region
from shop.type.v1.money_pb2 import Money

from services.kit.clock import rfc3339
from services.kit.rpc import call
from services.metrics.facts import Fact
from tests.house import House, Started

# Noon of a Wednesday in Shanghai.
NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
ZHEJIANG, GUANGDONG = Region(country="CN", province="Zhejiang"), Region(country="CN", province="Guangdong")


def at(**after: float) -> str:
    """A time after noon of the story's first day."""
    return rfc3339(NOON + timedelta(**after))


def yuan(minor: int, currency: str = "CNY") -> Money:
    """Money."""
    return Money(currency=currency, minor=minor)


def line(sku: str, quantity: int, price: int, discount: int = 0, cost: int = 0, currency: str = "CNY") -> OrderedLine:
    """A line; SKU `a-1` is of product `prd_a`."""
    return OrderedLine(
        sku=sku,
        product_id=f"prd_{sku.split('-')[0]}",
        title=f"The {sku}",
        quantity=quantity,
        unit_price=yuan(price, currency),
        discount=yuan(discount, currency),
        paid=yuan(price * quantity - discount, currency),
        cost=yuan(cost, currency),
    )


def paid(order: str, lines: list[OrderedLine], when: str, customer: str = "", region: Region = ZHEJIANG) -> OrderPaid:
    """A paid order with 1000 minor units of freight."""
    currency, goods = lines[0].paid.currency, sum(one.paid.minor for one in lines)
    return OrderPaid(
        order_id=order,
        customer_id=customer,
        lines=lines,
        goods=yuan(goods, currency),
        freight=yuan(1000, currency),
        discount=yuan(sum(one.discount.minor for one in lines), currency),
        total=yuan(goods + 1000, currency),
        region=region,
        paid_at=when,
        channel="storefront",
    )


def shipped(shipment: str, order: str, when: str, paid_at: str, ship_by: str, carrier: str = "sf") -> ShipmentShipped:
    """A shipped parcel."""
    return ShipmentShipped(
        shipment_id=shipment,
        order_id=order,
        warehouse="hz1",
        carrier=carrier,
        at=when,
        paid_at=paid_at,
        ship_by=ship_by,
    )


def moved(shipment: str, state: str, when: str, deliver_by: str = "", carrier: str = "sf") -> ParcelMoved:
    """A parcel's new state."""
    return ParcelMoved(
        shipment_id=shipment,
        carrier=carrier,
        state=state,
        occurred_at=when,
        deliver_by=deliver_by,
        shipped_at=at(hours=2),
    )


def history() -> list[Message]:
    """Everything that was told."""
    return [*_shelf(), *_sales(), *_parcels()]


def _shelf() -> list[Message]:
    return [
        ProductChanged(product_id="prd_a", skus=["a-1", "a-2"], live=True, at=at(days=-1)),
        ProductChanged(product_id="prd_b", skus=["b-1"], live=True, at=at(days=-1)),
        ProductChanged(product_id="prd_c", skus=["c-1"], live=False, at=at(days=-1)),
        StockMoved(
            sku="a-1", product_id="prd_a", quantity=10, reason="receipt", on_hand=10, available=10, at=at(days=-1)
        ),
        StockMoved(sku="a-2", product_id="prd_a", quantity=5, reason="receipt", on_hand=5, available=5, at=at(days=-1)),
        StockMoved(sku="b-1", product_id="prd_b", quantity=1, reason="receipt", on_hand=1, available=1, at=at(days=-1)),
        AvailabilityChanged(sku="b-1", product_id="prd_b", in_stock=False, at=at(hours=1)),
        StockMoved(sku="b-1", product_id="prd_b", quantity=-1, reason="sale", on_hand=0, available=0, at=at(hours=1)),
        PriceChanged(sku="a-1", product_id="prd_a", old_price=yuan(9000), new_price=yuan(10000), at=at()),
    ]


def _sales() -> list[Message]:
    return [
        CustomerRegistered(customer_id="cus_1", at=at(hours=-1)),
        CustomerRegistered(customer_id="cus_2", at=at(hours=-1)),
        # 2 × 100.00 − 20.00 and 1 × 50.00, cost 2 × 60.00 + 20.00
        paid("ord_1", [line("a-1", 2, 10000, 2000, 6000), line("b-1", 1, 5000, 0, 2000)], at(), "cus_1"),
        paid("ord_2", [line("a-1", 1, 10000, 0, 6000)], at(hours=1), "cus_2", GUANGDONG),
        paid("ord_3", [line("a-2", 3, 2000, 0, 500, "USD")], at(hours=2)),
        paid("ord_4", [line("a-2", 1, 7000, 0, 3000)], at(days=1), "cus_1"),
        CheckoutRefused(order_id="ord_8", reason="PAYMENT_DECLINED", total=yuan(900), at=at()),
        CheckoutRefused(order_id="ord_9", reason="OUT_OF_STOCK", total=yuan(900), at=at()),
        OrderCancelled(order_id="ord_2", reason="changed_mind", total=yuan(11000), at=at(hours=3)),
        RefundIssued(
            refund_id="adj_1",
            order_id="ord_2",
            amount=yuan(11000),
            goods=yuan(10000),
            reason="cancelled",
            lines=[line("a-1", 1, 10000)],
            at=at(hours=3),
            region=GUANGDONG,
        ),
        ReturnRequested(
            return_id="ret_1",
            order_id="ord_1",
            reason="size",
            lines=[line("a-1", 1, 10000)],
            at=at(days=1),
            region=ZHEJIANG,
        ),
        ReturnReceived(return_id="ret_1", order_id="ord_1", sound=True, warehouse="hz1", at=at(days=2)),
    ]


def _parcels() -> list[Message]:
    return [
        ShipmentPlanned(shipment_id="shp_1", order_id="ord_1", warehouse="hz1", carrier="sf", at=at(minutes=1)),
        ShipmentPacked(shipment_id="shp_1", order_id="ord_1", at=at(hours=1)),
        shipped("shp_1", "ord_1", at(hours=2), paid_at=at(), ship_by=at(days=1)),
        shipped("shp_3", "ord_3", at(hours=6), paid_at=at(hours=2), ship_by=at(hours=5), carrier="zto"),
        moved("shp_1", "picked_up", at(hours=3)),
        moved("shp_1", "in_transit", at(hours=5)),
        moved("shp_1", "delivered", at(hours=12), deliver_by=at(days=2)),
        moved("shp_3", "delivered", at(hours=22), deliver_by=at(hours=20), carrier="zto"),
        OrderDelivered(order_id="ord_1", goods=yuan(23000), delivered_at=at(hours=12), paid_at=at()),
        PointsMoved(
            customer_id="cus_1", points=230, reason="delivered", reference="ord_1", balance=230, at=at(hours=12)
        ),
        PromotionChanged(promotion_id="prm_1", at=at()),
        CouponChanged(code="WELCOME", at=at()),
        FreightChanged(id="frt_1", at=at()),
    ]


async def told(house: House, events: list[Message]) -> None:
    """Tells events and waits until they are facts."""
    for event in events:
        await house.tell(event)
    await house.settled()


def did(name: str, visitor: str, session: str = "", **more: Any) -> behaviour_pb2.BehaviourEvent:
    """Something a visitor did, at noon unless told otherwise."""
    did.count += 1  # type: ignore[attr-defined]
    fields = {"at": at(), "event_id": f"e{did.count:06}"} | more  # type: ignore[attr-defined]
    return behaviour_pb2.BehaviourEvent(name=name, visitor_id=visitor, session_id=session or f"{visitor}-s", **fields)


did.count = 0  # type: ignore[attr-defined]


async def start(house: House, **settings: Any) -> Started:
    """The metrics service at noon of the story's first day."""
    if "metrics" not in house.started:
        house.clock.at = NOON
    return await house.start("metrics", gather_s=0.01, **settings)


async def record(metrics: Started, *events: behaviour_pb2.BehaviourEvent) -> behaviour_pb2.RecordEventsResponse:
    """Sends behaviour events."""
    stub = behaviour_pb2_grpc.BehaviourServiceStub(metrics.channel)
    return await call(stub.RecordEvents, behaviour_pb2.RecordEventsRequest(events=events))


async def ask(metrics: Started, name: str, **question: str) -> kpis_pb2.GetKpiResponse:
    """One KPI."""
    stub = kpis_pb2_grpc.KpisServiceStub(metrics.channel)
    return await call(stub.GetKpi, kpis_pb2.GetKpiRequest(name=name, **question))


async def values(metrics: Started, name: str, **question: str) -> dict[tuple[str, str], float | None]:
    """A KPI's values by key and currency over all of the story as one, None where nothing is known."""
    whole = {"from_day": "2026-11-17", "to_day": "2026-11-20", "grain": "total"} | question
    answer = await ask(metrics, name, **whole)
    return {(point.key, point.currency): point.value if point.known else None for point in answer.points}


def exported(metrics: Started) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What Prometheus would read of this service's own metrics."""
    from services.metrics.exports import COUNTERS, GAUGES

    ours = {one.name for one in (*COUNTERS, *GAUGES)}
    samples = [sample for family in metrics.ground.metrics.registry.collect() for sample in family.samples]
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples if sample.name in ours
    }


def fact(type_: str, when: str, **fields: Any) -> Fact:
    """A fact for rules that need no server."""
    return Fact(f"evt_{when}_{sorted(fields.items())}", type_, datetime.fromisoformat(when), "", fields)
