"""This is where a shelf is refilled by itself: history brought, demand foreseen, the plan explained, a line crossed, an
order drafted, and approved by a person."""

from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.client import Staff
from tests.shop import Shop
from tests.stories.test_purchasing import _supplier

WEEKS = 20


def _history(sku: str) -> bytes:
    """Ten a day, twelve on every other; one row that is not a day."""
    today = datetime.now(UTC).date()
    rows = ["day,sku,units,revenue_minor,currency"]
    rows += [f"{today - timedelta(days=n)},{sku},{10 + 2 * (n % 2)},50000,CNY" for n in range(1, 7 * WEEKS + 1)]
    return "\n".join([*rows, f"yesterday,{sku},1,5000,CNY"]).encode()


async def _bring(staff: Staff, sku: str) -> Any:
    answer = await staff.call("POST", "/v1/sales/history", raw=_history(sku), Content_Type="text/csv")
    return answer.expect(200)


async def _line(staff: Staff, sku: str) -> Any:
    cursor = ""
    while True:
        page = await staff.get(f"/v1/replenishment/plan?limit=100&cursor={cursor}")
        if of_sku := [line for line in page["items"] if line["sku"] == sku]:
            return of_sku[0]
        cursor = page["next_cursor"]


async def _foreseen(staff: Staff, sku: str) -> None:
    """What will be sold stands beside how wrong such words have been."""
    (forecast,) = (await staff.get(f"/v1/products/{sku}/forecast"))["skus"]
    week, _, quarter = forecast["totals"]
    assert 70 <= week["units"] <= 84 and week["low"] <= week["median"] <= week["high"]
    assert len(forecast["series"]) == 13 and quarter["until"] == forecast["series"][-1]["until"]
    by_days = {error["days"]: error for error in forecast["errors"]}
    assert by_days[7]["wape"] < 0.1 and by_days[7]["naive_wape"] is not None
    accuracy = await staff.get("/v1/forecasts/accuracy")
    assert accuracy["classes"][-1]["class"] == "all" and accuracy["trend"][0]["day"] == accuracy["made_at"][:10]


async def test_a_shelf_is_refilled_by_itself_and_a_person_approves(shop: Shop) -> None:
    staff, sku = await shop.owner(), await shop.product(stock=250)
    await _supplier(staff, sku, "茶杯 Kiln", 2000, 5)
    answered = await _bring(staff, sku)
    assert (answered["accepted"], answered["rejected"]) == (7 * WEEKS, 1)
    assert [row["errors"][0]["column"] for row in answered["rows"] if not row["ok"]] == ["day"]
    assert (await _bring(staff, sku))["accepted"] == 7 * WEEKS  # again: it is there once

    for name in ("class:A", "class:B", "class:C"):  # what other stories sell is left alone
        off = {"mode": "off", "review_days": 7}
        (await staff.call("PUT", f"/v1/replenishment/policies/{name}", off)).expect(200)
    own = {"mode": "draft", "service_bp": 9800, "review_days": 7}
    put = await staff.call("PUT", f"/v1/replenishment/policies/{sku}", own)
    assert put.expect(200)["service_bp"] == 9800
    stale = await staff.call("PUT", f"/v1/replenishment/policies/{sku}", own, If_Match='"v9"')
    assert stale.status == 412

    run = (await staff.call("POST", "/v1/replenishment/runs")).expect(202)
    done = await shop.eventually(
        lambda: staff.get(f"/v1/jobs/{run['id']}"), lambda job: job["state"] == "done", within_s=20
    )
    assert done["done"] == done["total"] >= 2

    await _foreseen(staff, sku)
    line = await _line(staff, sku)
    assert line["quantity"] == 0 and line["available"] == 250 > line["up_to"] > line["line"]
    assert line["up_to"] == round(line["forecast"]) + line["safety"]
    assert f"safety {line['safety']}" in line["why"]["en"] and f"安全库存 {line['safety']} 件" in line["why"]["zh"]

    await (await shop.customer()).buy({sku: 250 - line["line"]})
    crossed = await shop.eventually(lambda: _line(staff, sku), lambda now: bool(now["purchase_orders"]))
    (order_id,) = crossed["purchase_orders"]
    order = await staff.get(f"/v1/purchase-orders/{order_id}")
    assert (order["state"], order["by"]) == ("draft", "autopilot")
    assert [row["ordered"] for row in order["lines"]] == [crossed["quantity"]]
    assert crossed["quantity"] >= line["up_to"] - line["line"] and crossed["quantity"] % 5 == 0
    assert any(why["en"].startswith(f"Order {crossed['quantity']}: forecast") for why in order["why"])

    await (await shop.customer()).buy({sku: 1})
    await shop.settled()
    drafted = await shop.mongo["shop_catalog"]["purchase_orders"].find({"lines.sku": sku}).hint("_id_").to_list(None)
    assert [each["_id"] for each in drafted] == [order_id]
    (await staff.call("POST", f"/v1/purchase-orders/{order_id}/approve")).expect(200)
    (await staff.call("DELETE", f"/v1/replenishment/policies/{sku}")).expect(204)
