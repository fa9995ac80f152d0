"""This is where orders of an open shop is a process of our own, behind tolls, that is killed and started again."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any, Self

from deploy.local.ports import HOST
from tests.faults.tolls import GRPC, HTTP, MONGO, NATS, Toll, Tolls
from tests.shop import Shop

_NEIGHBOURS = ("catalog", "marketing", "crm", "logistics")
LEASES = (
    ("orders", "due_at"),
    ("orders", "protecting_at"),
    ("orders", "money_due_at"),
    ("returns", "due_at"),
    ("price_drops", "due_at"),
)


async def leases_run_out(shop: Shop) -> None:
    """Whoever held one is dead: nobody waits ten seconds here (but for what a transaction holds)."""
    now = datetime.now(UTC)
    for name, lease in LEASES:
        await shop.mongo["shop_orders"][name].update_many({lease: {"$gt": now}}, {"$set": {lease: now}})


class MortalOrders:
    """Takes the place of the shop's own orders for as long as the block lasts."""

    def __init__(self, shop: Shop) -> None:
        self._shop, self._local = shop, shop.local
        self._tolls = Tolls(self._kill)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def toll(self) -> Toll:
        """What it passes."""
        return self._tolls.toll

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._local.take_down, "orders")
        self._tolls.__enter__()
        listen, ports = self._local.ports.listen, self._local.ports
        before = self._tolls.before
        neighbours = {f"{name.upper()}_ADDRESS": f"{HOST}:{before(name, listen[name], GRPC)}" for name in _NEIGHBOURS}
        self._environment = {
            **os.environ,
            **self._local.environment,
            **neighbours,
            "LISTEN": ports.address("orders"),
            "METRICS_LISTEN": ports.metrics_address("orders"),
            "MONGO_URL": f"mongodb://{HOST}:{before('mongo', listen['mongod'], MONGO)}/?directConnection=true",
            "NATS_URL": f"nats://{HOST}:{before('nats', listen['nats'], NATS)}",
            "PSP_URL": f"http://{HOST}:{before('psp', listen['psp'], HTTP)}",
        }
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._kill()
        await self._buried()
        self._tolls.__exit__()
        await asyncio.to_thread(self._local.bring_up, "orders")
        await asyncio.to_thread(self._local.wait_ready)

    async def start(self) -> None:
        """Starts it, once the one before is gone; returns when it serves."""
        await self._buried()
        self.toll.rest()
        self._bear()
        await asyncio.to_thread(self._local.wait_ready)

    async def revived(self) -> None:
        """Started again after its death; what it held is anybody's."""
        await leases_run_out(self._shop)
        await self.start()

    def _bear(self) -> None:
        with (self._local.directory / "logs" / "mortal-orders.log").open("ab") as log:
            command = [sys.executable, "-m", "services.orders"]
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=subprocess.STDOUT)

    async def _buried(self) -> None:
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()


async def through_death(orders: MortalOrders, going: "asyncio.Task[Any]") -> Any:
    """What it comes to, whenever orders dies meanwhile."""
    while not going.done():
        if orders.toll.dead:
            await orders.revived()
        await asyncio.sleep(0.01)
    if orders.toll.dead:
        await orders.revived()
    return going.result()
