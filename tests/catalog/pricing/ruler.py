"""This is where tests make price rules and have them followed, by as many replicas as they like."""

from datetime import timedelta
from typing import Any

from shop.catalog.v1 import price_rules_pb2 as pb
from shop.catalog.v1 import price_rules_pb2_grpc

from services.catalog.categories import Categories, Category
from services.catalog.content import Product
from services.catalog.gates import Gates
from services.catalog.notices import Notice, Notices
from services.catalog.prices import Prices
from services.catalog.pricing.rows import Ruled
from services.catalog.pricing.rules import PriceRule
from services.catalog.pricing.ruling import Ruling
from services.catalog.pricing.scheduling import Scheduling
from services.catalog.pricing.selections import Selecting
from services.catalog.skus import PriceEntry, Sku
from services.catalog.store import Table
from services.kit.clock import rfc3339
from services.kit.rpc import call
from tests.catalog.counter import Counter, cny


class Ruler:
    """A replica's price rules, on the tables of a running catalog; looks when it is told to."""

    def __init__(self, counter: Counter, gates: Gates | None = None) -> None:
        self.counter, self.clock = counter, counter.house.clock
        self.stub = price_rules_pb2_grpc.PriceRulesServiceStub(counter.started.channel)
        ground = counter.started.ground

        def table(name: str, kept: Any) -> Any:
            return Table(ground.database, name, kept, ground.relay, turnstile=ground.turnstile)

        rules, rows, skus = table("price_rules", PriceRule), table("price_rule_skus", Ruled), table("skus", Sku)
        products, entries = table("products", Product), table("prices", PriceEntry)
        selecting = Selecting(products, skus, Categories(table("categories", Category), self.clock))
        pricing = Prices(skus, products, entries, gates or Gates(), self.clock)
        notices = Notices(table("notices", Notice), self.clock)
        self.scheduling = Scheduling(rules, rows, skus, selecting, self.clock)
        self.ruling = Ruling(rules, rows, skus, entries, pricing, selecting, notices, self.clock)

    async def look(self) -> None:
        """One round of all chores."""
        await self.scheduling.spread()
        await self.ruling.count_units()
        await self.ruling.set_due()

    async def rule(self, *skus: str, minutes: float = 60, starts_in: float = 0, **more: Any) -> str:
        """Makes a rule over gRPC: 20 % off for an hour from now unless said otherwise; its id."""
        now = self.clock.now()
        parts: dict[str, Any] = {
            "title": "An hour",
            "kind": pb.PRICE_RULE_KIND_LIMITED_TIME,
            "selection": pb.Selection(skus=skus),
            "starts_at": rfc3339(now + timedelta(minutes=starts_in)),
            "ends_at": rfc3339(now + timedelta(minutes=starts_in + minutes)),
        }
        if "steps" not in more and "cut" not in more:
            more["cut"] = pb.PriceCut(percent_bp=2_000)
        request = pb.CreatePriceRuleRequest(rule=pb.PriceRule(**(parts | more)), by="stf_1")
        return str((await call(self.stub.CreatePriceRule, request)).rule.id)

    async def end(self, rule_id: str) -> None:
        await call(self.stub.EndPriceRule, pb.EndPriceRuleRequest(id=rule_id, by="stf_2"))

    async def tag(self, sku: str) -> pb.PriceTag:
        return (await call(self.stub.GetPriceTag, pb.GetPriceTagRequest(sku=sku))).tag

    async def price(self, sku: str) -> int:
        found = await self.counter.database["skus"].find_one({"_id": sku})
        assert found
        return int(found["price"]["minor"])

    async def history(self, sku: str) -> list[int]:
        """Every price a SKU has had, oldest first."""
        return [
            int(entry["price"]["minor"])
            async for entry in self.counter.database["prices"].find({"sku": sku}).sort("number", 1)
        ]


def steps(*prices: tuple[int, int], units: bool = False) -> dict[str, Any]:
    """A stepped sale: (after, price) each."""
    name = "after_units" if units else "after_minutes"
    made = [pb.PriceStep(cut=pb.PriceCut(price=cny(price)), **{name: after}) for after, price in prices]
    return {"kind": pb.PRICE_RULE_KIND_FLASH_STEPS, "steps": made}
