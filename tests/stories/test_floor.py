"""This is where parcels go over the fulfilment floor: picked, looked at, packed by weight, labelled, handed over."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.client import Customer, Staff
from tests.shop import Shop

OFFER = {"url": "https://shop.example/i/", "title": "掃碼進群 領 ¥5", "text": "Scan, join the group"}


async def _bought(shop: Shop, staff: Staff, customer: Customer, lines: dict[str, int]) -> Any:
    order = (await customer.buy(lines))["id"]

    async def planned() -> Any:
        return (await staff.get(f"/v1/shipments?order_id={order}"))["items"]

    return (await shop.eventually(planned, bool))[0]


async def _picked(staff: Staff, mine: set[str], short: str) -> None:
    """Waves until ours are on one (the shop is shared); the list with ours is worked off, `short` is not all there."""
    seen: set[str] = set()
    while not mine <= seen:
        wave = (await staff.call("POST", "/v1/waves", {"warehouse": "main", "most": 500, "a_list": 100})).expect(201)
        for row in wave["pick_lists"]:
            seen |= set(row["shipment_ids"])
            if not mine & set(row["shipment_ids"]):
                continue
            (await staff.call("POST", f"/v1/pick-lists/{row['id']}/claim")).expect(200)
            for line in (await staff.get(f"/v1/pick-lists/{row['id']}"))["lines"]:
                missing = int(line["sku"] == short)
                body = {"picked": line["quantity"] - missing, "short": missing, "reason": "broken" if missing else ""}
                path = f"/v1/pick-lists/{row['id']}/lines/{line['sku']}"
                done = (await staff.call("PUT", path, body)).expect(200)
            assert done["state"] == "done"


async def _complained_of(shop: Shop, staff: Staff, sku: str) -> None:
    """Somebody got it broken: from now on its parcels are looked at."""
    policy = {"threshold_percent": 1, "min_complaints": 1, "checklist": ["no crack"]}
    (await staff.call("PUT", f"/v1/qc/policies/sku:{sku}", policy)).expect(200)
    customer = await shop.customer()
    parcel = await _bought(shop, staff, customer, {sku: 1})
    for step in ("pack", "ship"):
        (await staff.call("POST", f"/v1/shipments/{parcel['id']}/{step}")).expect(200)
    at = (datetime.now(UTC) - timedelta(seconds=5)).isoformat(timespec="seconds")
    await shop.carrier().scan(parcel["waybill"], "picked_up", "delivered", at=at)

    async def returned() -> int:
        body = {"reason": "damaged", "lines": [{"sku": sku, "quantity": 1}], "photos": ["https://x.example/1.jpg"]}
        path = f"/v1/orders/{parcel['order_id']}/returns"
        return (await customer.call("POST", path, body, key=uuid.uuid4().hex)).status

    await shop.eventually(returned, lambda status: status == 201)

    async def flagged() -> Any:
        return [row["sku"] for row in (await staff.get("/v1/qc/flags?limit=100"))["items"]]

    await shop.eventually(flagged, lambda skus: sku in skus)


async def test_parcels_go_over_the_floor(shop: Shop) -> None:
    staff = await shop.owner()
    customer = await shop.customer()
    mug, vase = await shop.product(), await shop.product()
    await _complained_of(shop, staff, vase)
    plain = await _bought(shop, staff, customer, {mug: 2})
    fragile = await _bought(shop, staff, customer, {vase: 1})

    async def held() -> Any:
        return (await staff.get(f"/v1/shipments/{fragile['id']}"))["qc"]

    await shop.eventually(held, lambda qc: qc == "waiting")

    async def in_qc() -> Any:
        cases = (await staff.get("/v1/exceptions?reason=qc_hold&state=open&limit=100"))["items"]
        orders = (await staff.get("/v1/orders/worklist?class=qc_hold&limit=100"))["items"]
        both = [case["order_id"] for case in cases], [order["id"] for order in orders]
        return [fragile["order_id"] in ids for ids in both]

    await shop.eventually(in_qc, all)
    (await staff.call("PUT", f"/v1/warehouses/main/bins/{mug}", {"zone": "A", "bin": "A-1"})).expect(200)
    await _picked(staff, {plain["id"], fragile["id"]}, mug)
    path = f"/v1/shipments/{plain['id']}"
    aside = await staff.call("POST", f"{path}/pack")
    assert (aside.status, aside.body["code"]) == (409, "SHIPMENT_SET_ASIDE")

    async def opened() -> Any:
        cases = (await staff.get("/v1/exceptions?reason=short_pick&state=open&limit=100"))["items"]
        return [case for case in cases if case["shipment_id"] == plain["id"]]

    await shop.eventually(opened, bool)
    (await staff.call("POST", f"{path}/take-up")).expect(200)
    wrong = await staff.call("POST", f"{path}/pack", {"scanned": [{"sku": mug, "quantity": 1}]})
    assert (wrong.status, wrong.body["code"]) == (400, "PACK_MISMATCH")
    box: dict[str, Any] = {"scanned": [{"sku": mug, "quantity": 2}], "weight_g": 900}
    heavy = await staff.call("POST", f"{path}/pack", box)
    assert (heavy.status, heavy.body["code"]) == (409, "WEIGHT_OFF") and "600 g" in heavy.body["detail"]
    (await staff.call("POST", f"{path}/pack", box | {"reason": "a gift"})).expect(200)
    await _looked_at(staff, fragile["id"])
    await shop.eventually(in_qc, lambda found: not any(found))
    await _labelled(shop, staff, [plain["id"], fragile["id"]])
    await _handed_over(shop, staff, [plain["id"], fragile["id"]])


async def _looked_at(staff: Staff, key: str) -> None:
    waits = await staff.call("POST", f"/v1/shipments/{key}/pack")
    assert (waits.status, waits.body["code"]) == (409, "SHIPMENT_IN_QC")
    fine = {"fine": ["no crack"], "photo": "https://x.example/2.jpg"}
    assert (await staff.call("POST", f"/v1/shipments/{key}/qc/pass", fine)).expect(200)["state"] == "passed"
    (await staff.call("POST", f"/v1/shipments/{key}/pack")).expect(200)


async def _labelled(shop: Shop, staff: Staff, keys: list[str]) -> None:
    """Labels with cards; one customer has what a card gives."""
    (await staff.call("PUT", "/v1/insert-offer", OFFER)).expect(200)
    body = {"shipment_ids": keys, "format": "zpl", "size": "100x180", "inserts": True}
    printed = (await staff.call("POST", "/v1/labels", body)).expect(200).decode()
    assert printed.count("^XA") == 2
    code = (await staff.get(f"/v1/shipments/{keys[0]}/insert"))["code"]
    assert OFFER["url"] + code in printed
    seen = (await shop.visitor().call("GET", f"/v1/inserts/{code}")).expect(200)
    assert (seen["title"], seen["redeemed"]) == (OFFER["title"], False)
    finder, other = await shop.customer(), await shop.customer()
    for _ in range(2):
        (await finder.call("POST", f"/v1/inserts/{code}", key=uuid.uuid4().hex)).expect(200)
    late = await other.call("POST", f"/v1/inserts/{code}", key=uuid.uuid4().hex)
    assert (late.status, late.body["code"]) == (409, "INSERT_REDEEMED")


async def _handed_over(shop: Shop, staff: Staff, keys: list[str]) -> None:
    cutoff = datetime.now(UTC).isoformat()
    body = {"carrier": "sandbox", "warehouse": "main", "cutoff_at": cutoff}
    manifest = (await staff.call("POST", "/v1/manifests", body)).expect(201)
    (await staff.call("POST", f"/v1/manifests/{manifest['id']}/close")).expect(202)

    async def closed() -> Any:
        return await staff.get(f"/v1/manifests/{manifest['id']}")

    rows = (await shop.eventually(closed, lambda one: one["state"] == "closed"))["rows"]
    assert set(keys) <= {row["shipment_id"] for row in rows if not row["left_out"]}
    assert {(await staff.get(f"/v1/shipments/{key}"))["state"] for key in keys} == {"shipped"}
    carrier = shop.carrier()
    theirs = (await carrier.signed("GET", "/carrier/v1/manifests?limit=100")).expect(200)["items"]
    assert manifest["id"] in [one["id"] for one in theirs]
    one = (await carrier.signed("GET", f"/carrier/v1/manifests/{manifest['id']}")).expect(200)
    assert one["rows"] == rows and not {"closed_by", "state"} & set(one)
