"""This is where what orders lives through is found in the ledger, and taken out as evidence that proves itself."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from shop.catalog.v1.events_pb2 import StockMoved
from shop.orders.v1 import ledger_pb2 as pb
from shop.orders.v1 import ledger_pb2_grpc

from services.kit.errors import NotFound
from services.kit.rpc import call
from tests.orders.invoices.desk import issue, sells
from tests.orders.protection.shop import falls, swept
from tests.orders.world import World


def stub(world: World) -> Any:
    """The wing of the instance spoken to now."""
    return ledger_pb2_grpc.LedgerServiceStub(world.service.channel)


async def evidence(world: World, order_id: str) -> zipfile.ZipFile:
    """An order's file."""
    answered = await call(stub(world).ExportEvidence, pb.ExportEvidenceRequest(order_id=order_id, by="stf_1"))
    return zipfile.ZipFile(io.BytesIO(answered.content))


def checked(folder: Path, *more: str) -> tuple[int, str]:
    """What the program in the file says of it."""
    run = subprocess.run([sys.executable, "verify.py", *more], cwd=folder, capture_output=True, text=True)
    return run.returncode, run.stdout


async def test_an_order_leaves_its_trail_and_the_evidence_proves_itself(world: World, tmp_path: Path) -> None:
    order = await world.delivered({"A": 1}, customer_id="cus_1")
    await sells(world)
    invoice = await issue(world, order.id)
    await world.house.tell(StockMoved(sku="A", quantity=-1, reason="sold", reference=order.id, note="for 王小明"))
    await world.house.tell(StockMoved(sku="B.2", quantity=9, reason="received", reference="rcp_1"))
    await swept(world, await falls(world, 900))
    await world.house.settled()
    await world.house.tell(world.shipped(order), key="shp_1", event_id="evt_again")
    await world.house.tell(world.shipped(order), key="shp_1", event_id="evt_again")
    await world.house.settled()

    said = await call(stub(world).VerifyLedger, pb.VerifyLedgerRequest())
    assert said.ok and said.checked == said.head.seq and said.next == 0
    head = (await call(stub(world).GetLedgerHead, pb.GetLedgerHeadRequest())).head
    (await evidence(world, order.id)).extractall(tmp_path)
    whole = (tmp_path / "evidence.json").read_text()
    told = json.loads(whole)
    types = sorted(entry["type"].rsplit(".", 1)[-1] for entry in told["ledger"]["entries"])
    assert types == [
        *("InvoiceIssued", "InvoiceIssued", "OrderDelivered", "OrderPaid", "ParcelMoved", "RefundIssued"),
        *("ShipmentPlanned", "ShipmentShipped", "ShipmentShipped", "StockMoved"),
    ]
    assert told["order"]["adjustments"][0]["minor"] == -100
    assert [(each["number"][0], each["total_minor"]) for each in told["invoices"]] == [("R", -100), ("S", 1_600)]
    assert told["invoices"][1]["digest"] == invoice.digest in whole
    assert told["contact"] == {"name": "王**", "phone": "****5678"}
    for secret in ("小明", "13812345678", "文三路", "sealed", "cost"):
        assert secret not in whole
    assert checked(tmp_path)[0] == checked(tmp_path, "evidence.json", head.hash)[0] == 0
    assert checked(tmp_path, "evidence.json", "0" * 64)[0] == 1
    (tmp_path / "evidence.json").write_text(whole.replace('\\"amount\\":\\"CNY 100\\"', '\\"amount\\":\\"CNY 900\\"'))
    code, words = checked(tmp_path)
    assert code == 1 and "is not what was written" in words
    with pytest.raises(NotFound):
        await evidence(world, "ord_none")


async def test_nobody_is_named_in_the_ledger(world: World) -> None:
    await world.delivered({"A": 1}, customer_id="cus_1")
    await world.house.settled()
    blocks = await world.service.ground.database["ledger"].find({"_id": {"$gt": ""}}).to_list()
    assert blocks
    for word in ("cus_1", "王小明", "浙江", "文三路", "13812345678"):
        assert word not in str(blocks)
