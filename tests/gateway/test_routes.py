"""This is where every route is called as it should be, and its answer compared with the example the contract shows."""

import gzip
import json
import re
from typing import Any

import aiohttp
import pytest
import zstandard
from fastapi.routing import APIRoute

from gateway.described import operations
from gateway.permissions import ROUTES
from tests.gateway.aftersales_bodies import AFTERSALES
from tests.gateway.borders_bodies import CUSTOMS_ROWS
from tests.gateway.earning import EARNING
from tests.gateway.exceptions_bodies import EXCEPTIONS
from tests.gateway.floor_bodies import FLOOR
from tests.gateway.fraud_bodies import FRAUD
from tests.gateway.gate import Gate
from tests.gateway.intake_bodies import INTAKE
from tests.gateway.merchants import MERCHANTS
from tests.gateway.offers_bodies import MEMBERS, OFFERS
from tests.gateway.partners_bodies import PARTNERS
from tests.gateway.paying_bodies import PAYING, SETTLED
from tests.gateway.pricing_bodies import PRICING
from tests.gateway.records_bodies import RECORDS
from tests.gateway.routing_bodies import ROUTING
from tests.gateway.shelves import SHELVES
from tests.gateway.supply import SALES, SUPPLY
from tests.gateway.watching_bodies import WATCHING

YUAN = {"currency": "CNY", "minor": 900}
ADDRESS = {
    "country": "CN",
    "province": "浙江省",
    "city": "杭州市",
    "street": "文三路 90 号",
    "name": "王小明",
    "phone": "+8613812345678",
}
LOGIN = {"email": "ann@example.com", "password": "correct horse"}
EVENT = {
    "event_id": "e1",
    "name": "view_item",
    "at": "2026-11-22T08:00:00+08:00",
    "visitor_id": "v1",
    "items": [{"sku": "A"}],
}
SCAN = {"waybill": "SB1", "code": "picked_up", "occurred_at": "2026-11-22T08:00:00Z", "text": "已揽收"}
CART = "/v1/carts/{cart_id}"
ROWS = {"/v1/sales/history": SALES, "/v1/customer-groups/import": MEMBERS, "/v1/customs/goods/imports": CUSTOMS_ROWS}
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/customers"): LOGIN | {"name": "Ann"},
    ("POST", "/v1/sessions"): LOGIN | {"cart_id": "crt_1"},
    ("POST", "/v1/sessions/refresh"): {"refresh_token": "rft_1"},
    ("DELETE", "/v1/sessions"): {"refresh_token": "rft_1"},
    ("PATCH", "/v1/customers/me"): {"name": "Anna", "language": "en"},
    ("POST", "/v1/customers/me/addresses"): ADDRESS,
    ("PUT", "/v1/customers/me/addresses/{address_id}"): ADDRESS | {"preferred": True},
    ("PUT", CART + "/lines/{sku}"): {"quantity": 2},
    ("PUT", CART + "/address"): ADDRESS,
    ("PUT", CART + "/delivery"): {"option": "standard"},
    ("POST", CART + "/coupons"): {"code": "MAY"},
    ("POST", "/v1/checkouts"): {
        "cart_id": "crt_1",
        "payment": {"method": "card", "token": "tok_ok"},
        "email": "a@example.com",
    },
    ("POST", "/v1/orders/{order_id}/cancel"): {"reason": "changed my mind"},
    ("POST", "/v1/orders/{order_id}/returns"): {
        "lines": [{"sku": "A", "quantity": 1}],
        "reason": "damaged",
        "photos": ["https://cdn.example.com/p.jpg"],
    },
    ("POST", "/v1/events"): {"events": [EVENT]},
    ("POST", "/v1/payments/webhooks/{provider}"): {"type": "payment.captured"},
    ("POST", "/v1/staff/sessions"): LOGIN | {"totp": "123456"},
    ("POST", "/v1/staff"): LOGIN | {"name": "Bo", "roles": ["goods"]},
    ("POST", "/v1/staff/totp/confirm"): {"code": "123456"},
    ("POST", "/v1/products"): {"title": "Mug", "category": "kitchen", "sku": "A", "price": YUAN, "cost": YUAN},
    ("PATCH", "/v1/products/{product_id}"): {"title": "Cup", "description": None},
    ("POST", "/v1/products/{product_id}/retire"): {"replaced_by": "prd_2"},
    ("PUT", "/v1/categories/{category_id}"): {"title": "Kitchen"},
    ("PUT", "/v1/products/{product_id}/review"): {
        "rating": 5,
        "title": "Good",
        "photos": ["https://example.com/a.jpg"],
    },
    ("POST", "/v1/product-reviews/{review_id}/reject"): {"reason": "advertising"},
    ("POST", "/v1/product-reviews/{review_id}/reply"): {"text": "Thank you"},
    ("POST", "/v1/products/{product_id}/questions"): {"text": "How much does it hold?"},
    ("POST", "/v1/questions/{question_id}/answers"): {"text": "300 ml"},
    ("PUT", "/v1/skus/{sku}/bundle"): {"parts": [{"sku": "A", "quantity": 2}, {"sku": "B"}]},
    ("PUT", "/v1/search/synonyms/{set_id}"): {"terms": ["mobile phone", "手机"]},
    ("POST", "/v1/compliance/words"): {"term": "best", "kind": "superlative", "exceptions": ["best before"]},
    ("POST", "/v1/compliance/check"): {"texts": ["the best mug"]},
    ("PUT", "/v1/categories/{category_id}/attributes"): {"attributes": [{"name": "material", "required": True}]},
    ("PUT", "/v1/shop-policies"): {"text": "Returned within 7 days.", "return_days": 7},
    ("PUT", "/v1/products/{product_id}/price"): {"price": YUAN, "reason": "spring"},
    **OFFERS,
    **PARTNERS,
    **PAYING,
    **PRICING,
    **SHELVES,
    **SUPPLY,
    **INTAKE,
    **WATCHING,
    **AFTERSALES,
    **EARNING,
    **FRAUD,
    **MERCHANTS,
    **EXCEPTIONS,
    **FLOOR,
    **RECORDS,
    **ROUTING,
    ("POST", "/v1/labels"): {"shipment_ids": ["shp_1"], "format": "pdf"},
    ("POST", "/v1/returns/{return_id}/receive"): {"sound": True},
    ("POST", "/v1/promotions"): {"title": "Spring", "kind": "limited_time", "percent_bp": 1000},
    ("POST", "/v1/coupons"): {"title": "Ten off", "amount_off": YUAN, "limit": 100, "ends_at": "2026-12-31T00:00:00Z"},
    ("PUT", "/v1/products/{product_id}/page"): {"sections": [{"kind": "solution", "title": "Mug", "text": "Warm."}]},
    ("PUT", "/v1/store"): {
        "name": "Shop",
        "address": {"country": "CN"},
        "time_zone": "Asia/Shanghai",
        "hours": [{"weekday": 1, "spans": [{"opens": "09:00", "closes": "18:00"}]}],
    },
    ("PUT", "/v1/storefront/modules"): {"modules": [{"id": "new", "kind": "new_arrivals"}]},
    ("PUT", "/v1/media/{media_id}/rights"): {"kind": "original", "holder": "The shop"},
    ("POST", "/v1/media/{media_id}/retouch"): {"operations": ["white_background"]},
    ("POST", "/carrier/v1/scans"): {"scans": [SCAN]},
}
CSV = b"sku,title,category,price_minor,cost_minor,currency,weight_g,stock\nA,Mug,kitchen,900,400,CNY,350,40\n"
SIGNED = {"x_carrier_key": "dev", "webhook_id": "m1", "webhook_timestamp": "1", "webhook_signature": "v1,x"}
STREAM = "/v1/orders/{order_id}/events"


async def call_well(gate: Gate, method: str, template: str, token: str = "") -> Any:
    """A call that nothing is wrong with; as who may, unless a token says who asks."""
    path = template
    places = {"sku": "A", "provider": "sandbox", "period": "day", "product_id": "prd_1", "code": "not_json"}
    places |= {
        "category_id": "kitchen",
        "template_id": "standard",
        "waybill": "SB1",
        "name": "gmv",
        "asset": "start.js",
    }
    if template.startswith("/v1/cost-models/"):
        places["scope"] = "category:kitchen"
    if template.startswith("/v1/payment"):
        places |= {"method": "card"}
    if template == "/v1/warehouses/{code}":
        places["code"] = "main"
    for name, value in places.items():
        path = path.replace("{" + name + "}", value)
    path = re.sub(r"\{\w+\}", "x1", path)
    access = ROUTES[method, template]
    public = access.open or (method, template) == ("GET", "/v1/products/{product_id}")
    usual = "" if public else gate.staff() if access.staff is not None else gate.token()
    token = token or usual
    headers: dict[str, Any] = {"idempotency_key": "k1", "if_match": "*", **SIGNED}
    if template == "/v1/competitors/prices/import":
        seen = b"competitor,name,price_minor,currency,at\nC,Mug,900,CNY,2026-11-22T08:00:00Z\n"
        return await gate.call(method, path, raw=seen, token=token, content_type="text/csv")
    if template in ("/v1/products/import", "/v1/imports"):
        return await gate.call(method, path, raw=CSV, token=token, content_type="text/csv", idempotency_key="k1")
    if (method, template) == ("POST", "/v1/settlements"):
        return await gate.call(method, path, raw=SETTLED, token=token, content_type="text/csv")
    if rows := ROWS.get(template):
        return await gate.call(method, path, raw=rows, token=token, content_type="text/csv")
    if (method, template) == ("POST", "/v1/media"):
        return await gate.call(method, path, raw=b"\x89PNG", token=token, content_type="image/png")
    return await gate.call(method, path, BODIES.get((method, template)), token=token, **headers)


def alike(answer: Any, example: Any, at: str = "") -> list[str]:
    """Where an answer has other members than the example."""
    if isinstance(example, dict) and isinstance(answer, dict):
        wrong = [f"{at}/{name}" for name in set(answer) ^ set(example)]
        return wrong + [
            line for name in set(answer) & set(example) for line in alike(answer[name], example[name], f"{at}/{name}")
        ]
    if isinstance(example, list) and isinstance(answer, list) and answer and example:
        return alike(answer[0], example[0], f"{at}/0")
    if example is None or answer is None or type(answer) is type(example):
        return []
    return [f"{at}: {type(answer).__name__}"]


def documented(route: APIRoute) -> dict[int, Any]:
    """The route's good answers, by status."""
    good = {int(status): said for status, said in route.responses.items() if int(status) < 300}
    return {status: said.get("content", {}).get("application/json", {}).get("example") for status, said in good.items()}


async def test_every_route_answers_as_its_example_shows(gate: Gate) -> None:
    tried = 0
    for route in operations(gate.gateway.app.routes):
        for method in route.methods or ():
            if route.path == STREAM or not route.include_in_schema:
                continue
            answer = await call_well(gate, method, route.path)
            examples = documented(route)
            assert answer.status in examples, (method, route.path, answer)
            example = examples[answer.status]
            if example is not None:
                assert not alike(answer.body, example), (method, route.path, alike(answer.body, example))
                tried += 1
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-request-id"]
    assert tried >= 60


async def test_what_is_one_persons_is_kept_by_nobody_in_between(gate: Gate) -> None:
    for template in ("/v1/carts/{cart_id}", "/v1/orders/{order_id}", "/v1/customers/me", "/v1/kpis"):
        answer = await call_well(gate, "GET", template)
        assert answer.headers["cache-control"] == "no-store"


async def test_a_customer_is_never_shown_what_a_thing_cost_the_shop(gate: Gate) -> None:
    for token in ("", gate.token(), gate.staff("support")):
        detail = (await gate.call("GET", "/v1/products/prd_1", token=token)).body
        assert "cost" not in str(detail)
    asked = gate.fakes["catalog"].asked["GetProduct"]
    assert [request.staff for request in asked] == [False]  # one for all of them: the shelf
    seen_by_staff = (await gate.call("GET", "/v1/products/prd_1", token=gate.staff("goods"))).body
    assert seen_by_staff["variants"][0]["cost"] == {"currency": "CNY", "minor": 1}


async def test_an_order_shows_how_many_were_ordered_are_left_and_were_sent(gate: Gate) -> None:
    line = (await call_well(gate, "GET", "/v1/orders/{order_id}")).body["lines"][0]
    assert line["quantity"] == {"original": 1, "total": 0, "fulfilled": 1}


async def test_a_page_leads_to_the_next(gate: Gate) -> None:
    from shop.logistics.v1.shipments_pb2 import ListShipmentsResponse

    gate.fakes["logistics"].script["ListShipments"] = lambda _: ListShipmentsResponse(next_cursor="abc")
    answer = await gate.call("GET", "/v1/shipments?state=planned&limit=7&cursor=old", token=gate.staff())
    assert answer.body == {"items": [], "next_cursor": "abc"}
    assert answer.headers["link"] == '</v1/shipments?state=planned&limit=7&cursor=abc>; rel="next"'
    asked = gate.fakes["logistics"].asked["ListShipments"][0]
    assert (asked.page.limit, asked.page.cursor, asked.state) == (7, "old", 1)


async def test_signing_in_takes_the_guests_cart_along(gate: Gate) -> None:
    from shop.crm.v1.sessions_pb2 import SignInResponse, Tokens
    from shop.orders.v1.carts_pb2 import Cart, MergeCartsResponse

    gate.fakes["crm"].script["SignIn"] = lambda _: SignInResponse(tokens=Tokens(subject="cus_1", expires_in=600))
    gate.fakes["orders"].script["MergeCarts"] = lambda _: MergeCartsResponse(cart=Cart(id="crt_mine"))
    answer = await gate.call("POST", "/v1/sessions", LOGIN | {"cart_id": "crt_guest"})
    assert (answer.status, answer.body["cart_id"]) == (201, "crt_mine")
    asked = gate.fakes["orders"].asked["MergeCarts"][0]
    assert (asked.guest_cart_id, asked.customer_id) == ("crt_guest", "cus_1")


async def test_a_cart_that_cannot_be_merged_keeps_nobody_out(gate: Gate) -> None:
    from services.kit.errors import NotFound

    gate.refuses("orders", "MergeCarts", NotFound("no such cart"))
    answer = await gate.call("POST", "/v1/sessions", LOGIN | {"cart_id": "crt_guest"})
    assert (answer.status, answer.body["cart_id"]) == (201, None)


async def test_the_services_are_told_who_asks_and_never_by_the_caller(gate: Gate) -> None:
    customer = gate.token(subject="cus_1")
    await gate.call("GET", "/v1/orders/ord_1?customer_id=cus_2&staff=true", token=customer)
    await gate.call("GET", "/v1/orders/ord_1", token=gate.staff("support"))
    await gate.call("GET", "/v1/orders/ord_1")
    asked = gate.fakes["orders"].asked["GetOrder"]
    assert [(row.customer_id, row.staff) for row in asked] == [("cus_1", False), ("", True), ("", False)]


async def test_head_answers_what_get_would_without_its_body(gate: Gate) -> None:
    answer = await gate.call("HEAD", "/v1/categories")
    assert answer.status == 200
    assert answer.body == b""


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_long_answers_are_packed_for_who_asks(gate: Gate, coding: str) -> None:
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(f"{gate.base}/openapi.json", headers={"accept-encoding": coding}) as response,
    ):
        assert response.headers["content-encoding"] == coding
        packed = await response.read()
    body = gzip.decompress(packed) if coding == "gzip" else zstandard.ZstdDecompressor().decompress(packed)
    assert json.loads(body)["openapi"] == "3.1.0"
