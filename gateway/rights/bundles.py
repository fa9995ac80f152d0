"""This is where it stands who may see and do what with goods sold together: one row a route."""

from gateway.access import OPEN, Access, staff, with_merchants

BUNDLES: dict[tuple[str, str], Access] = {
    ("GET", "/v1/products/{product_id}/bundle"): OPEN,
    ("GET", "/v1/products/{product_id}/related"): OPEN,
    ("POST", "/v1/affinity/runs"): staff("products.write"),
    ("GET", "/v1/affinity/pairs"): staff("products.read"),
    ("GET", "/v1/affinity/bundle-proposals"): staff("products.read"),
    ("POST", "/v1/products/lifecycle-reviews"): staff("products.write"),
    ("GET", "/v1/products/lifecycle-proposals"): staff("products.read"),
    ("GET", "/v1/skus/{sku}/bundle"): with_merchants("products.read"),
    ("PUT", "/v1/skus/{sku}/bundle"): with_merchants("products.write"),
    ("DELETE", "/v1/skus/{sku}/bundle"): with_merchants("products.write"),
}
