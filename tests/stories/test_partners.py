"""This is where a partner carrier comes to the shop: given a key, told of its parcels, telling what becomes of them; and
where its first ten minutes are lived as they are written down."""

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Any

from tests.logistics.partners.receiver import Receiver
from tests.shop import Shop, now

GUIDE = Path(__file__).parents[2] / "docs/carriers"
SCOPES = ["shipments.read", "scans.write", "labels.read", "webhooks.manage"]


async def test_a_carrier_is_given_a_key_and_told_and_tells_until_the_key_is_taken_away(shop: Shop) -> None:
    staff, carrier = await shop.owner(), shop.carrier()
    wish = {"carrier": "sandbox", "title": "Quick Express", "scopes": SCOPES}
    given = (await staff.call("POST", "/v1/carrier-keys", wish)).expect(201)
    key = f"/v1/carrier-keys/{given['id']}"
    carrier.key_id, carrier.secret = given["id"], given["secret"]
    async with Receiver() as receiver:
        hook = {"url": receiver.url, "types": ["shipment.planned", "shipment.cancelled"]}
        endpoint = (await carrier.signed("POST", "/carrier/v1/webhooks", hook)).expect(201)
        receiver.secrets = [endpoint["secret"]]
        receiver.says.append(503)  # it comes again five seconds later
        waybill = await _planned(shop)
        told = await shop.eventually(lambda: _told(receiver), lambda seen: waybill in seen)
        assert told[waybill]["type"] == "shipment.planned"
        assert told[waybill]["data"]["region"]["city"] == "杭州市"
        assert not any(personal in str(receiver.seen) for personal in ("王小明", "13812345678", "文三路"))
        at = f"/carrier/v1/webhooks/{endpoint['id']}"
        page = (await carrier.signed("GET", f"{at}/deliveries")).expect(200)["items"]
        assert [attempt["status"] for one in page for attempt in one["attempts"]][:1] == [503]
        (await carrier.signed("PATCH", at, {"state": "disabled"})).expect(200)
    await carrier.scan(waybill, "picked_up", "in_transit", at=now())
    seen = (await carrier.signed("GET", f"/carrier/v1/waybills/{waybill}")).expect(200)
    assert seen["tracking_state"] == "in_transit" and seen["address"]["name"] == ""
    assert (await carrier.signed("GET", "/carrier/v1/manifests")).expect(403)["code"] == "SCOPE_MISSING"
    renewed = (await staff.call("POST", f"{key}/rotate", {"overlap_hours": 1})).expect(200)
    (await carrier.signed("GET", "/carrier/v1/shipments")).expect(200)
    carrier.secret = renewed["secret"]
    (await carrier.signed("GET", "/carrier/v1/shipments")).expect(200)
    (day,) = (await staff.get(f"{key}/use"))["items"]
    calls = {row["scope"]: row["calls"] for row in day["calls"]}
    assert (calls["scans.write"], day["refused"]) == (1, 1) and calls["shipments.read"] == 3
    (await staff.call("POST", f"{key}/revoke")).expect(200)
    assert (await carrier.signed("GET", "/carrier/v1/shipments")).expect(401)["code"] == "KEY_REVOKED"


async def _planned(shop: Shop) -> str:
    sku, staff = await shop.product(), await shop.owner()
    order = (await (await shop.customer()).buy({sku: 1}))["id"]

    async def shipments() -> Any:
        return (await staff.get(f"/v1/shipments?order_id={order}"))["items"]

    return str((await shop.eventually(shipments, lambda rows: bool(rows and rows[0]["waybill"])))[0]["waybill"])


async def _told(receiver: Receiver) -> dict[str, Any]:
    return {body["data"]["waybill"]: body for _, body in receiver.seen}


async def test_the_carriers_contract_is_their_own_and_is_read_without_a_network(shop: Shop) -> None:
    visitor = shop.visitor()
    document = (await visitor.call("GET", "/carrier/v1/openapi.json")).expect(200)
    assert document["paths"] and all(path.startswith("/carrier/v1/") for path in document["paths"])
    assert document["paths"]["/carrier/v1/scans"]["post"]["security"] == [{"carrierKey": []}]
    async with shop.session.get(f"{shop.base}/carrier/v1/docs") as answer:
        page = await answer.text()
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sources and all(source.startswith("/docs/") for source in sources)
    for source in sources:
        async with shop.session.get(shop.base + source) as answer:
            assert answer.status == 200, source
            if source.endswith("start-carriers.js"):
                assert "/carrier/v1/openapi.json" in await answer.text()


async def _ran(shop: Shop, *command: str, given: bytes = b"") -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "SHOP": shop.base, "LANG": "C.UTF-8"},
    )
    out, wrong = await asyncio.wait_for(process.communicate(given), 20)
    assert process.returncode == 0, (out.decode(), wrong.decode())
    return out.decode()


async def test_the_quick_start_does_what_it_says(shop: Shop) -> None:
    text = (GUIDE / "quick-start.md").read_text("utf-8")
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 6
    script = "set -euo pipefail\n" + "\n".join(blocks)
    out, told = await asyncio.gather(
        _ran(shop, "bash", given=script.encode()), _ran(shop, sys.executable, str(GUIDE / "quick_start.py"))
    )
    for expected in ('"out_for_delivery"', "^XA", '"accepted"', '"waybill_not_found"', '"webhook.test"', '"disabled"'):
        assert expected in out, expected
    assert "told: webhook.test" in told and "'status': 'accepted'" in told and "b'%PDF'" in told
