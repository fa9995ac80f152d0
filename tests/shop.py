"""This is where a story gets the whole shop: real processes, spoken to over HTTP as everybody does."""

import asyncio
import itertools
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
from nats.aio.client import Client as Nats
from pymongo import AsyncMongoClient

from deploy.local.client import Carrier, Customer, Staff
from deploy.local.shop import LocalShop
from services.kit.settings import PORTS

_numbers = itertools.count(1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Shop:
    """An open shop and the people who come to it."""

    def __init__(self, local: LocalShop) -> None:
        self.local = local
        self.base = local.urls["gateway"]
        self.mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(local.environment["MONGO_URL"], tz_aware=True)
        self.nats = Nats()
        self._outboxes: dict[str, list[str]] = {}  # collections that tell, by database

    async def __aenter__(self) -> "Shop":
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=20)
        )
        await self.nats.connect(self.local.environment["NATS_URL"])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()
        await self.nats.close()
        await self.mongo.close()

    def visitor(self) -> Customer:
        """Somebody who has not signed in."""
        return Customer(self.base, self.session)

    async def customer(self) -> Customer:
        """Somebody who has just registered."""
        customer = self.visitor()
        await customer.register()
        return customer

    async def owner(self) -> Staff:
        """The owner, signed in."""
        return await Staff(self.base, self.session).sign_in()

    def carrier(self) -> Carrier:
        """The sandbox carrier."""
        return Carrier(self.base, self.session)

    async def product(self, stock: int = 100, price: int = 5000, **more: object) -> str:
        """A fresh product on sale; its SKU."""
        sku = f"T{next(_numbers)}-{uuid.uuid4().hex[:8]}"
        row: dict[str, object] = {
            "sku": sku,
            "title": f"青花瓷茶杯 Teacup {sku}",
            "category": "Kitchen",
            "price_minor": price,
            "cost_minor": price // 2,
            "currency": "CNY",
            "weight_g": 300,
            "stock": stock,
        }
        await (await self.owner()).import_products([row | more])
        return sku

    async def eventually(
        self, ask: Callable[[], Awaitable[Any]], fits: Callable[[Any], bool], within_s: float = 10
    ) -> Any:
        """Asks until the answer fits; answers it. Raises with the last answer when time is up."""
        until = asyncio.get_running_loop().time() + within_s
        while not fits(answer := await ask()):
            if asyncio.get_running_loop().time() > until:
                raise AssertionError(f"not within {within_s} s; last: {answer}")
            await asyncio.sleep(0.02)
        return answer

    async def settled(self, within_s: float = 30) -> None:
        """Waits until every outbox is empty and every listener has handled everything."""
        calm = 0
        async with asyncio.timeout(within_s):
            while calm < 2:
                calm = calm + 1 if await self._calm() else 0
                await asyncio.sleep(0.02)

    async def _calm(self) -> bool:
        for name in PORTS:
            if await self._tells_still(f"shop_{name}"):
                return False
        jetstream = self.nats.jetstream()
        for stream in await jetstream.streams_info():
            for consumer in await jetstream.consumers_info(stream.config.name or ""):
                if consumer.num_pending or consumer.num_ack_pending:
                    return False
        return True

    async def _tells_still(self, name: str) -> bool:
        """Whether an outbox of a database is not empty: one question to all of its collections, for it is asked often."""
        database = self.mongo[name]
        if name not in self._outboxes:
            names = sorted(await database.list_collection_names())
            known = [each for each in names if "outbox" in await database[each].index_information()]
            self._outboxes[name] = known
        if not self._outboxes[name]:
            return False
        waiting: list[dict[str, Any]] = [
            {"$match": {"outbox.at": {"$gt": _EPOCH}, "outbox.id": {"$exists": True}}},
            {"$limit": 1},
        ]
        first, *others = self._outboxes[name]
        stages = [*waiting, *({"$unionWith": {"coll": each, "pipeline": waiting}} for each in others), {"$limit": 1}]
        return bool(await (await database[first].aggregate(stages)).to_list(1))

    async def psp_payments(self, order_id: str) -> list[dict[str, Any]]:
        """What the payment provider's own books say of an order."""
        url = f"{self.local.environment['PSP_URL']}/v1/payments?reference={order_id}"
        async with self.session.get(url, headers={"Authorization": "Bearer psp-development-secret"}) as response:
            return list((await response.json())["payments"])


def now() -> str:
    """RFC 3339, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
