"""This is where tests ask catalog about margins."""

from datetime import timedelta
from typing import Any

from shop.catalog.v1 import margins_pb2, margins_pb2_grpc, prices_pb2

from services.kit.clock import rfc3339
from services.kit.rpc import call
from tests.catalog.counter import Counter, cny


class Desk:
    """Whoever minds the margins of a running catalog."""

    def __init__(self, counter: Counter) -> None:
        self.counter, self.house = counter, counter.house
        self.stub = margins_pb2_grpc.MarginsServiceStub(counter.started.channel)

    async def model(self, scope: str, if_version: int = 0, by: str = "stf_1", **said: Any) -> margins_pb2.CostModel:
        model = margins_pb2.CostModel(scope=scope, **said)
        request = margins_pb2.PutCostModelRequest(model=model, if_version=if_version, by=by)
        return (await call(self.stub.PutCostModel, request)).model

    async def floor(self, floor_bp: int, if_version: int = 0) -> margins_pb2.CostModel:
        request = margins_pb2.SetMarginFloorRequest(floor_bp=floor_bp, if_version=if_version, by="stf_1")
        return (await call(self.stub.SetMarginFloor, request)).model

    async def margin(self, sku: str) -> margins_pb2.Margin:
        answer = await call(self.stub.GetMargin, margins_pb2.GetMarginRequest(id=sku))
        return next(each for each in answer.margins if each.sku == sku)

    async def give(self, sku: str, hours: float = 1, **leave: Any) -> None:
        expires_at = rfc3339(self.house.clock.now() + timedelta(hours=hours))
        request = margins_pb2.GiveMarginOverrideRequest(
            sku=sku, reason="clearing the last ones", expires_at=expires_at, by="stf_owner", **leave
        )
        await call(self.stub.GiveMarginOverride, request)

    async def end(self, sku: str) -> None:
        await call(self.stub.EndMarginOverride, margins_pb2.EndMarginOverrideRequest(sku=sku, by="stf_owner"))

    async def set_price(self, sku: str, minor: int) -> None:
        await call(self.counter.prices.SetPrice, prices_pb2.SetPriceRequest(sku=sku, price=cny(minor), by="stf"))

    async def check(self, *discounts: margins_pb2.Discount) -> margins_pb2.CheckDiscountsResponse:
        return await call(self.stub.CheckDiscounts, margins_pb2.CheckDiscountsRequest(discounts=discounts))

    async def scanned(self) -> list[dict[str, Any]]:
        """Every scan there was, once none is open any more."""
        jobs = self.counter.database["jobs"]
        while await jobs.find_one({"kind": "margin_scan", "state": {"$in": ["waiting", "running"]}}):
            await self.house.settled()
        return await jobs.find({"kind": "margin_scan"}).sort("_id", 1).to_list(None)


def way(*steps: int | tuple[int, int]) -> margins_pb2.DiscountWay:
    """Percentages in bp, and (amount, over) pairs."""
    made = [
        margins_pb2.DiscountStep(percent_bp=step)
        if isinstance(step, int)
        else margins_pb2.DiscountStep(amounts=[margins_pb2.DiscountAmount(amount_minor=step[0], over_minor=step[1])])
        for step in steps
    ]
    return margins_pb2.DiscountWay(steps=made)
