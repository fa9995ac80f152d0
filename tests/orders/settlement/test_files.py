"""This is where files are taken in and compared with what was really paid: to the cent, and once."""

import asyncio
import csv
import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from shop.orders.v1 import settlements_pb2 as pb
from shop.orders.v1 import settlements_pb2_grpc
from shop.orders.v1.events_pb2 import PayoutReconciled
from shop.type.v1 import page_pb2

from services.kit.errors import Invalid, NotFound
from services.kit.rpc import call
from tests.orders.test_moving import at_shipment, payments, refund, ship
from tests.orders.world import World

Cells = list[dict[str, str]]


def read(text: str) -> Cells:
    """A file's rows."""
    return list(csv.DictReader(io.StringIO(text)))


class Finance:
    """Somebody who brings files."""

    def __init__(self, world: World) -> None:
        self.stub = settlements_pb2_grpc.SettlementsServiceStub(world.service.channel)
        self.world = world

    async def bring(self, rows: Cells, provider: str = "sandbox") -> tuple[pb.Settlement, bool]:
        """Takes a file in and waits until it is compared."""
        digest = hashlib.sha256(repr(rows).encode()).hexdigest()
        cells = [pb.SettlementCells(row=number, cells=row) for number, row in enumerate(rows, 2)]
        for at in range(0, len(cells), 500):
            part = pb.AddSettlementRowsRequest(digest=digest, provider=provider, rows=cells[at : at + 500])
            await call(self.stub.AddSettlementRows, part)
        begin = pb.BeginSettlementRequest(digest=digest, provider=provider, rows=len(rows), by="stf_1")
        begun = await call(self.stub.BeginSettlement, begin)
        await until(self.world, begun.settlement.id)
        whole = await call(self.stub.GetSettlement, pb.GetSettlementRequest(id=begun.settlement.id))
        return whole.settlement, begun.again

    async def differences(self, state: str = "") -> list[pb.SettlementDifference]:
        """What differs."""
        request = pb.ListSettlementDifferencesRequest(state=state, page=page_pb2.Page(limit=100))
        return list((await call(self.stub.ListSettlementDifferences, request)).differences)


async def until(world: World, file_id: str) -> None:
    """Until the chore is done with it."""
    files = world.service.ground.database["settlements"]
    async with asyncio.timeout(10):
        while not await files.find_one({"_id": file_id, "state": "done"}):
            await asyncio.sleep(0.02)


def counts(file: pb.Settlement) -> dict[str, int]:
    """What came of the rows."""
    return {each.outcome: each.count for each in file.counts}


async def _day(world: World) -> Any:
    """A day's trade of every kind: taken at once, taken later in parts, given back in all ways, cancelled, undone."""
    plain = await world.bought({"A": 1})
    await refund(world, plain.id, 300)
    await refund(world, plain.id, 200)
    cancelled = await world.bought({"B.2": 1})
    await refund(world, cancelled.id, 100)
    await world.cancel(cancelled.id)
    wallet = await world.bought({"A": 2}, "tok_3ds")
    [payment] = await world.psp.payments(wallet.id)
    await world.psp.customer_confirms(payment["id"])
    await world.cancel(wallet.id)  # in the very moment it was confirmed
    await at_shipment(world)
    later = await world.bought({"A": 3})
    await ship(world, later)
    assert (await payments(world, later.id)).state == "captured"
    return plain


async def test_a_true_file_matches_to_the_cent_and_says_how_long_the_money_took(world: World) -> None:
    await _day(world)
    finance, rows = Finance(world), read(await world.psp.settlement())
    file, again = await finance.bring(rows)
    assert (counts(file), again) == ({"matched": len(rows)}, False)
    assert await finance.differences() == []
    _, again = await finance.bring(rows)
    assert again
    [payout] = (await call(finance.stub.ListPayouts, pb.ListPayoutsRequest())).payouts
    assert payout.net == payout.stated
    assert 0 < payout.days_to_payout <= 1
    await world.house.settled()
    [told] = world.house.told(PayoutReconciled)
    assert (told.net.minor, told.difference.minor) == (payout.net.minor, 0)
    overlapping, _ = await finance.bring([*rows, {**rows[0], "line_id": "stl-new", "key": "desk:1"}])
    assert counts(overlapping) == {"repeated": len(rows), "missing_here": 1}


async def test_everything_that_is_wrong_with_a_file_is_found_and_explained(world: World) -> None:
    plain = await _day(world)
    finance, rows = Finance(world), read(await world.psp.settlement())
    mine = next(n for n, row in enumerate(rows) if row["key"] == plain.id)
    gone = rows.pop(next(n for n, row in enumerate(rows) if row["type"] == "refund"))
    captures = [n for n, row in enumerate(rows) if row["type"] == "capture" and n != mine]
    rows[mine]["amount_minor"] = str(int(rows[mine]["amount_minor"]) + 1)
    rows[captures[0]]["currency"] = "USD"
    rows[captures[1]]["fee_minor"] = "9999"
    rows.append({**rows[mine], "line_id": "stl-twice"})
    rows.append({**rows[mine], "line_id": "stl-odd", "reference": "ord_unknown", "key": "ord_unknown"})
    rows.append({**rows[mine], "line_id": "stl-broken", "amount_minor": "much"})
    begin = world.house.clock.now() - timedelta(minutes=1)  # the clock of the shop stands still
    rows[-2]["occurred_at"] = begin.isoformat()
    file, _ = await finance.bring(rows)
    found = counts(file)
    expected = {
        "amount_differs": 1,
        "currency_differs": 1,
        "fee_differs": 1,
        "duplicate": 1,
        "missing_here": 1,
        "broken": 1,
        "payout_differs": 1,
        "missing_at_provider": 1,
    }
    assert {name: found.get(name) for name in expected} == expected
    kinds = {each.kind: each for each in await finance.differences("open")}
    assert kinds.keys() == expected.keys() - {"broken"}
    missing = kinds["missing_at_provider"]
    assert (missing.ours.minor, missing.order_id) == (int(gone["amount_minor"]), gone["reference"])
    odd = kinds["amount_differs"]
    assert odd.theirs.minor - odd.ours.minor == 1
    explain = pb.ExplainSettlementDifferenceRequest(id=odd.id, note="one fen of exchange", by="stf_1")
    explained = (await call(finance.stub.ExplainSettlementDifference, explain)).difference
    assert (explained.state, explained.note) == ("explained", "one fen of exchange")
    await finance.bring([gone])  # a later file has it
    states = {each.kind: each.state for each in await finance.differences()}
    assert (states["missing_at_provider"], states["amount_differs"]) == ("resolved", "explained")


async def test_cash_that_carriers_hand_over_is_compared_with_what_was_collected(world: World) -> None:
    order = await world.bought({"A": 1}, "", payment_method="cod", customer_id="cus_1")
    await ship(world, order, "delivered")
    at = (world.house.clock.now() - timedelta(seconds=1)).isoformat()
    cells = {"line_id": "c-1", "type": "cash", "reference": order.id, "amount_minor": "1500", "currency": "CNY"}
    empty = {"payment_id": "", "key": "", "fee_minor": "0", "occurred_at": at}
    file, _ = await Finance(world).bring([cells | empty], "cash")
    assert counts(file) == {"amount_differs": 1}
    [short] = await Finance(world).differences()
    assert short.ours.minor - short.theirs.minor == 100


async def test_what_is_no_file_is_refused(world: World) -> None:
    finance = Finance(world)
    for request in (
        pb.BeginSettlementRequest(digest="x", provider="sandbox", rows=1),
        pb.BeginSettlementRequest(digest="0" * 64, provider="bank", rows=1),
        pb.BeginSettlementRequest(digest="0" * 64, provider="sandbox", rows=0),
    ):
        with pytest.raises(Invalid):
            await call(finance.stub.BeginSettlement, request)
    with pytest.raises(NotFound):
        await call(finance.stub.GetSettlement, pb.GetSettlementRequest(id="stl_x"))
    explain = pb.ExplainSettlementDifferenceRequest(id="dif_x", note="why", by="stf_1")
    with pytest.raises(NotFound):
        await call(finance.stub.ExplainSettlementDifference, explain)
