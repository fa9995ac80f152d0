"""This is where processes die in the midst of checkouts, by SIGKILL, and everything that was accepted is still true."""

import asyncio
import os
import signal
from collections.abc import Sequence

import pytest

from services.kit.settings import PORTS
from tests.faults.invariants import all_hold
from tests.faults.load import Journal, buy_many
from tests.shop import Shop

_STOCK = 10_000


async def _skus(shop: Shop, count: int = 6) -> list[str]:
    return [await shop.product(stock=_STOCK) for _ in range(count)]


async def _kill_in_turn(shop: Shop, targets: Sequence[str], buyers: int, journal: Journal) -> None:
    """Kills each target once its share of the buyers is done; the supervisor starts it again."""
    for number, name in enumerate(targets):
        share = buyers * (number + 1) // (len(targets) + 2)
        while journal.finished < share:
            await asyncio.sleep(0.02)
        await asyncio.to_thread(shop.local.kill, name)
        await asyncio.to_thread(shop.local.wait_ready)


async def _survive(shop: Shop, targets: Sequence[str], buyers: int) -> Journal:
    skus, journal = await _skus(shop), Journal()
    await asyncio.gather(
        buy_many(shop, skus, buyers, 16, journal),
        _kill_in_turn(shop, targets, buyers, journal),
    )
    assert journal.finished == buyers
    assert not journal.refused, journal.refused
    await all_hold(shop, journal, skus, _STOCK)
    return journal


@pytest.mark.timeout(120)
async def test_checkouts_survive_the_death_of_orders_mongod_and_nats(shop: Shop) -> None:
    await _survive(shop, ("orders", "mongod", "nats"), 60)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_three_hundred_checkouts_survive_the_death_of_everybody_in_turn(shop: Shop) -> None:
    journal = await _survive(shop, (*PORTS, "gateway", "psp", "mongod", "nats"), 300)
    assert len(journal.accepted) == 300


async def test_with_nats_away_checkouts_go_on_and_events_follow(shop: Shop) -> None:
    skus, journal = await _skus(shop, 3), Journal()
    pid = shop.local.pid("nats")
    os.kill(pid, signal.SIGSTOP)
    try:
        await buy_many(shop, skus, 20, 8, journal)
        assert len(journal.accepted) == 20
        assert journal.retries == 0
    finally:
        os.kill(pid, signal.SIGCONT)
    await all_hold(shop, journal, skus, _STOCK)
