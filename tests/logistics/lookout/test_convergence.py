"""This is where parcels' scans come shuffled, repeated and over three workers, and end as they would have in order."""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import grpc.aio
import pytest
from shop.catalog.v1 import stock_pb2_grpc
from shop.logistics.v1 import carriers_pb2, carriers_pb2_grpc

from services.kit.clock import rfc3339
from services.kit.rpc import call, open_channel
from services.kit.store import encode
from services.logistics.carriers.sandbox import Sandbox
from services.logistics.shipments import SHIPPED, Shipment
from services.logistics.tracking import CANONICAL, ENDS, Scan, derive
from services.logistics.underway import WATCHED
from tests.house import House, free_port
from tests.logistics.neighbourhood import Catalog, Signer

WORKERS, BATCH = 3, 40
_ROADS = (
    "picked_up in_transit in_transit out_for_delivery delivered",
    "picked_up in_transit customs in_transit out_for_delivery attempt_failed out_for_delivery delivered",
    "picked_up in_transit out_for_delivery ready_for_pickup delivered in_transit",
    "picked_up in_transit out_for_delivery attempt_failed rejected returning delivered",
    "picked_up in_transit exception in_transit returning returned delivered",
    "picked_up in_transit exception",
    "picked_up beamed_up in_transit 5 3",
)
Life = list[tuple[str, datetime]]


def lives(dice: random.Random, start: datetime, parcels: int) -> list[Life]:
    """What happens to each; now and then two things at one moment."""
    found = []
    for _ in range(parcels):
        at, life = start, []
        for code in dice.choice(_ROADS).split():
            at += timedelta(minutes=dice.choice((0, 5, 60, 600)))
            life.append((code, at))
        found.append(life)
    return found


def arriving(dice: random.Random, told: Sequence[Life]) -> list[tuple[int, str, datetime]]:
    """All scans of all parcels, one to five times each, shuffled."""
    scans = [(n, code, at) for n, life in enumerate(told) for code, at in life for _ in range(dice.randint(1, 5))]
    dice.shuffle(scans)
    return scans


def ending(life: Life) -> tuple[str, str, datetime | None]:
    """State, of which scan, and when it left, told in order one by one."""
    speaks, kept = Sandbox().vocabulary, []
    for code, at in life:
        kept.append(Scan(f"{code}{at}", speaks.meaning(code).state, code, "", "", at, at))
    end = derive(kept)
    return end.state, rfc3339(end.by.occurred_at if end.by else None), end.left_at


@pytest.mark.parametrize("seed", range(1))
def test_a_thousand_parcels_end_as_in_order_however_their_scans_come(seed: int) -> None:
    """The rule alone: three workers each keep what they heard; together it is what was told."""
    dice = random.Random(seed)
    speaks, start = Sandbox().vocabulary, datetime.fromisoformat("2026-11-01T00:00:00+00:00")
    told = lives(dice, start, 1000)
    heard: list[list[dict[str, Scan]]] = [[{} for _ in told] for _ in range(WORKERS)]
    for number, code, at in arriving(dice, told):
        worker = heard[dice.randrange(WORKERS)]
        worker[number].setdefault(f"{code}{at}", Scan(f"{code}{at}", speaks.meaning(code).state, code, "", "", at, at))
    for number, life in enumerate(told):
        end = derive({key: scan for worker in heard for key, scan in worker[number].items()}.values())
        shown = (end.state, rfc3339(end.by.occurred_at if end.by else None), end.left_at)
        assert shown == ending(life), (seed, number)
        assert end.state in CANONICAL


class Fleet:
    """Three logistics on one database, and parcels under way."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.stubs: list[Any] = []
        self.channels: list[grpc.aio.Channel] = []

    async def open(self) -> "Fleet":
        await self.house.fake("catalog", Catalog(), stock_pb2_grpc.add_StockServiceServicer_to_server)
        for _ in range(WORKERS):
            port = free_port()
            self.one = await self.house.start("logistics", listen=f"127.0.0.1:{port}")
            self.channels.append(open_channel(f"127.0.0.1:{port}"))
            self.stubs.append(carriers_pb2_grpc.CarriersServiceStub(self.channels[-1]))
        self.kept = next(store for store in self.one.ground.stores if store.name == "shipments")
        return self

    async def parcels(self, seed: int, count: int, start: datetime) -> None:
        """Handed over an hour before `start`."""
        rows = []
        for number in range(count):
            one = Shipment(f"shp_{seed}x{number}", f"ord_{seed}x{number}", SHIPPED, start, version=1)
            one.carrier, one.waybill, one.watch = "sandbox", f"SB{seed}-{number}", WATCHED
            one.shipped_at = one.handed_at = one.heard_at = start - timedelta(hours=1)
            document = encode(one)
            document["_id"] = document.pop("id")
            rows.append(document)
        await self.kept.collection.insert_many(rows)

    async def report(self, seed: int, scans: Sequence[tuple[int, str, datetime]]) -> None:
        """In batches, all workers at once."""
        signer = Signer(self.house.clock)
        lanes = [scans[worker::WORKERS] for worker in range(WORKERS)]

        async def work(stub: Any, mine: Sequence[tuple[int, str, datetime]]) -> None:
            for begin in range(0, len(mine), BATCH):
                batch = [
                    carriers_pb2.Scan(waybill=f"SB{seed}-{number}", code=code, occurred_at=rfc3339(at))
                    for number, code, at in mine[begin : begin + BATCH]
                ]
                request = carriers_pb2.RecordScansRequest(proof=signer.proof(b"scans"), scans=batch)
                answers = (await call(stub.RecordScans, request, timeout_s=30)).answers
                assert {answer.status for answer in answers} <= {"accepted", "duplicate"}

        await asyncio.gather(*(work(stub, mine) for stub, mine in zip(self.stubs, lanes, strict=True)))

    async def same(self, seed: int, told: Sequence[Life]) -> None:
        """Every parcel has ended as its life did."""
        for begin in range(0, len(told), 100):
            keys = [f"shp_{seed}x{number}" for number in range(begin, min(begin + 100, len(told)))]
            found = await self.kept.get_many(keys)
            for number, key in enumerate(keys, begin):
                one, (state, _, _) = found[key], ending(told[number])
                assert one.tracking_state == state, (seed, number)
                assert len({scan.key for scan in one.scans}) == len(one.scans) == len(set(told[number]))
                assert one.heard_at == max(at for _, at in told[number])
                assert (one.watch == "") == (state in ENDS)

    async def close(self) -> None:
        for channel in self.channels:
            await channel.close()


async def _converges(house: House, seeds: range, parcels: int) -> None:
    fleet = await Fleet(house).open()
    start = house.clock.now() - timedelta(days=9)
    try:
        for seed in seeds:
            dice = random.Random(seed)
            told = lives(dice, start, parcels)
            await fleet.parcels(seed, parcels, start)
            await fleet.report(seed, arriving(dice, told))
            await fleet.same(seed, told)
    finally:
        await fleet.close()


async def test_three_instances_on_one_database_agree(house: House) -> None:
    await _converges(house, range(1), 25)


@pytest.mark.long
@pytest.mark.timeout(7200)
async def test_a_thousand_parcels_over_three_instances_for_a_hundred_seeds(house: House) -> None:
    await _converges(house, range(100), 1000)
