"""This is where one trace is followed from the gateway to the last listener, received over OTLP."""

import secrets

from tests.collector import Collector
from tests.shop import Shop


async def test_one_trace_goes_from_the_gateway_to_the_last_listener(shop: Shop, collector: Collector) -> None:
    sku = await shop.product()
    customer = await shop.customer()
    cart = await customer.filled_cart({sku: 1})
    trace = secrets.token_hex(16)
    customer.headers["traceparent"] = f"00-{trace}-{secrets.token_hex(8)}-01"
    (await customer.check_out(cart)).expect(201)
    await shop.settled()

    async def spans() -> dict[str, set[str]]:
        return collector.spans_of(trace)

    seen = await shop.eventually(
        spans, lambda it: {"gateway", "orders", "catalog", "logistics", "metrics"} <= it.keys(), within_s=5
    )
    assert "CheckoutApi.Checkout" in seen["orders"]
    assert any(name.startswith("hear OrderPaid") for name in seen["logistics"])
    assert any(name.startswith("hear OrderPaid") for name in seen["metrics"])


async def test_a_request_that_is_not_sampled_makes_no_span(shop: Shop, collector: Collector) -> None:
    trace = secrets.token_hex(16)
    visitor = shop.visitor()
    visitor.headers["traceparent"] = f"00-{trace}-{secrets.token_hex(8)}-00"
    await visitor.get("/v1/categories")
    assert collector.spans_of(trace) == {}
