"""This is where what happened to an order is proven to somebody who was not there."""

import io
import json
import zipfile

from tests.shop import Shop


async def test_a_dispute_is_answered_with_evidence_nobody_could_have_changed(shop: Shop) -> None:
    staff, sku = await shop.owner(), await shop.product()
    customer = await shop.customer()
    order = await customer.buy({sku: 1})
    await shop.settled()
    noted = await shop.visitor().get("/v1/ledger/head")  # anybody may write it down
    (await customer.call("POST", f"/v1/orders/{order['id']}/cancel")).expect(200)
    await shop.settled()
    said = await staff.get(f"/v1/ledger/verification?known_seq={noted['seq']}&known_hash={noted['hash']}&limit=100000")
    assert said["ok"] and said["next"] is None and said["checked"] == said["head"]["seq"] > noted["seq"]
    forged = await staff.get(f"/v1/ledger/verification?known_seq={noted['seq']}&known_hash={'0' * 64}&limit=100000")
    assert [fault["kind"] for fault in forged["faults"]] == ["rewritten"]

    file = (await staff.call("GET", f"/v1/orders/{order['id']}/evidence")).expect(200)
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert set(archive.namelist()) == {"evidence.json", "verify.py", "README.txt"}
        told = json.loads(archive.read("evidence.json"))
    types = {entry["type"].rsplit(".", 1)[-1] for entry in told["ledger"]["entries"]}
    assert types >= {
        "OrderPaid",
        "StockMoved",
        "OrderCancelled",
        "RefundIssued",
        "ShipmentPlanned",
        "ShipmentCancelled",
    }
    assert order["address"]["name"] not in json.dumps(told, ensure_ascii=False)
    assert (await customer.call("GET", f"/v1/orders/{order['id']}/evidence")).status == 403
    assert (await customer.call("GET", "/v1/ledger/verification")).status == 403
