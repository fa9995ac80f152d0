"""This is where it stands who may see and do what with goods sold together: one row a route."""

from gateway.access import OPEN, Access, with_merchants

BUNDLES: dict[tuple[str, str], Access] = {
    ("GET", "/v1/products/{product_id}/bundle"): OPEN,
    ("GET", "/v1/skus/{sku}/bundle"): with_merchants("products.read"),
    ("PUT", "/v1/skus/{sku}/bundle"): with_merchants("products.write"),
    ("DELETE", "/v1/skus/{sku}/bundle"): with_merchants("products.write"),
}
