"""This is where it stands who may do what about prices: one row a route."""

from gateway.access import OPEN, Access, staff

PRICING: dict[tuple[str, str], Access] = {
    ("GET", "/v1/products/{product_id}/price"): OPEN,
    ("POST", "/v1/price-rules"): staff("prices.write"),
    ("GET", "/v1/price-rules"): staff("products.read"),
    ("GET", "/v1/price-rules/{rule_id}"): staff("products.read"),
    ("POST", "/v1/price-rules/{rule_id}/end"): staff("prices.write"),
    ("POST", "/v1/price-formulas"): staff("prices.write"),
    ("GET", "/v1/price-formulas"): staff("products.read"),
    ("POST", "/v1/price-formulas/{formula_id}/end"): staff("prices.write"),
    ("POST", "/v1/price-proposals"): staff("prices.write"),
    ("GET", "/v1/price-proposals"): staff("products.read"),
    ("POST", "/v1/price-proposals/apply"): staff("prices.write"),
    ("GET", "/v1/products/{product_id}/elasticity"): staff("products.read"),
    ("POST", "/v1/competitors/prices"): staff("prices.write"),
    ("POST", "/v1/competitors/prices/import"): staff("prices.write"),
    ("GET", "/v1/competitors/prices"): staff("products.read"),
    ("GET", "/v1/competitors/matches"): staff("products.read"),
    ("POST", "/v1/competitors/matches"): staff("prices.write"),
    ("POST", "/v1/competitors/campaigns"): staff("prices.write"),
    ("POST", "/v1/competitors/shares"): staff("prices.write"),
    ("GET", "/v1/competitors/report"): staff("products.read"),
    ("GET", "/v1/assortment/trends"): staff("products.read"),
}
