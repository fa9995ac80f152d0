"""This is where it stands who may do what: one row a route; what is in no row is refused."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from gateway.access import BUYER, MEMBER, OPEN, SHOWN_TO_ALL, Access
from gateway.access import staff as _staff
from gateway.access import with_merchants as _with_merchants
from gateway.bodies import header
from gateway.identity import GUEST, Caller, Identity
from gateway.rights import RIGHTS
from gateway.roles import SELF, may
from services.kit.errors import NotAllowed, NotSignedIn

__all__ = ["ROUTES", "Access", "Guarded", "WrongAudience", "admit", "asking", "let_in"]


class WrongAudience(NotAllowed):
    """A customer in the back office, or staff in somebody's cart."""


ROUTES: dict[tuple[str, str], Access] = {
    **RIGHTS,
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/docs"): OPEN,
    ("GET", "/docs/{asset}"): OPEN,
    ("GET", "/openapi.json"): OPEN,
    ("GET", "/problems"): OPEN,
    ("GET", "/problems/{code}"): OPEN,
    # Storefront.
    ("POST", "/v1/customers"): OPEN,
    ("POST", "/v1/sessions"): OPEN,
    ("POST", "/v1/sessions/refresh"): OPEN,
    ("DELETE", "/v1/sessions"): OPEN,
    ("GET", "/v1/customers/me"): MEMBER,
    ("PATCH", "/v1/customers/me"): MEMBER,
    ("GET", "/v1/customers/me/points"): MEMBER,
    ("GET", "/v1/customers/me/addresses"): MEMBER,
    ("POST", "/v1/customers/me/addresses"): MEMBER,
    ("PUT", "/v1/customers/me/addresses/{address_id}"): MEMBER,
    ("DELETE", "/v1/customers/me/addresses/{address_id}"): MEMBER,
    ("GET", "/v1/products"): OPEN,
    ("GET", "/v1/products/{product_id}"): SHOWN_TO_ALL,
    ("GET", "/v1/media/{media_id}"): SHOWN_TO_ALL,
    ("GET", "/v1/products/{product_id}/page"): SHOWN_TO_ALL,
    ("GET", "/v1/products/{product_id}/scarcity"): OPEN,
    ("GET", "/v1/store"): OPEN,
    ("GET", "/v1/storefront"): OPEN,
    ("GET", "/v1/categories"): OPEN,
    ("POST", "/v1/carts"): BUYER,
    ("GET", "/v1/carts/{cart_id}"): BUYER,
    ("PUT", "/v1/carts/{cart_id}/lines/{sku}"): BUYER,
    ("DELETE", "/v1/carts/{cart_id}/lines/{sku}"): BUYER,
    ("PUT", "/v1/carts/{cart_id}/address"): BUYER,
    ("GET", "/v1/carts/{cart_id}/delivery-options"): BUYER,
    ("PUT", "/v1/carts/{cart_id}/delivery"): BUYER,
    ("POST", "/v1/carts/{cart_id}/coupons"): BUYER,
    ("DELETE", "/v1/carts/{cart_id}/coupons/{code}"): BUYER,
    ("POST", "/v1/checkouts"): BUYER,
    ("GET", "/v1/orders"): Access(customer=True, staff="orders.read"),
    ("GET", "/v1/orders/{order_id}"): Access(guest=True, customer=True, staff="orders.read"),
    ("GET", "/v1/orders/{order_id}/events"): Access(guest=True, customer=True, staff="orders.read"),
    ("POST", "/v1/orders/{order_id}/cancel"): Access(guest=True, customer=True, staff="orders.write"),
    ("POST", "/v1/orders/{order_id}/returns"): BUYER,
    ("GET", "/v1/returns"): Access(customer=True, staff="returns.read"),
    ("POST", "/v1/events"): OPEN,
    # Back office.
    ("POST", "/v1/staff/sessions"): OPEN,
    ("POST", "/v1/staff"): _staff("staff.write"),
    ("GET", "/v1/staff"): _staff("staff.read"),
    ("POST", "/v1/staff/totp"): _staff(SELF),
    ("POST", "/v1/staff/totp/confirm"): _staff(SELF),
    ("POST", "/v1/products"): _with_merchants("products.write"),
    ("PATCH", "/v1/products/{product_id}"): _with_merchants("products.write"),
    ("POST", "/v1/products/{product_id}/submit"): _with_merchants("products.write"),
    ("POST", "/v1/products/{product_id}/approve"): _staff("products.write"),
    ("POST", "/v1/products/{product_id}/publish"): _with_merchants("products.write"),
    ("POST", "/v1/products/{product_id}/delist"): _with_merchants("products.write"),
    ("POST", "/v1/products/{product_id}/retire"): _with_merchants("products.write"),
    ("POST", "/v1/products/import"): _with_merchants("products.write"),
    ("PUT", "/v1/categories/{category_id}"): _staff("products.write"),
    ("PUT", "/v1/products/{product_id}/price"): _with_merchants("prices.write"),
    ("GET", "/v1/products/{product_id}/price-history"): _with_merchants("products.read"),
    ("POST", "/v1/stock/receipts"): _with_merchants("stock.write"),
    ("POST", "/v1/stock/regrades"): _staff("stock.write"),
    ("POST", "/v1/stock/classifications"): _staff("stock.write"),
    ("GET", "/v1/products/{product_id}/forecast"): _staff("supply.read"),
    ("GET", "/v1/forecasts/accuracy"): _staff("supply.read"),
    ("POST", "/v1/sales/history"): _staff("supply.write"),
    ("PUT", "/v1/replenishment/policies/{scope}"): _staff("supply.write"),
    ("DELETE", "/v1/replenishment/policies/{sku}"): _staff("supply.write"),
    ("GET", "/v1/replenishment/policies"): _staff("supply.read"),
    ("GET", "/v1/replenishment/plan"): _staff("supply.read"),
    ("POST", "/v1/replenishment/runs"): _staff("supply.write"),
    ("GET", "/v1/stock/classes"): _staff("stock.read"),
    ("POST", "/v1/stock/transfers"): _staff("stock.write"),
    ("GET", "/v1/stock/transfers"): _staff("stock.read"),
    ("GET", "/v1/stock/transfers/{transfer_id}"): _staff("stock.read"),
    ("POST", "/v1/stock/transfers/{transfer_id}/dispatch"): _staff("stock.write"),
    ("POST", "/v1/stock/transfers/{transfer_id}/receive"): _staff("stock.write"),
    ("POST", "/v1/stock/transfers/{transfer_id}/cancel"): _staff("stock.write"),
    ("POST", "/v1/stock/counts"): _staff("stock.write"),
    ("GET", "/v1/stock/counts"): _staff("stock.read"),
    ("GET", "/v1/stock/counts/proposals"): _staff("stock.read"),
    ("GET", "/v1/stock/counts/{count_id}"): _staff("stock.read"),
    ("GET", "/v1/stock/counts/{count_id}/lines"): _staff("stock.read"),
    ("PUT", "/v1/stock/counts/{count_id}/lines"): _staff("stock.write"),
    ("POST", "/v1/stock/counts/{count_id}/approve"): _staff("stock.write"),
    ("POST", "/v1/stock/counts/{count_id}/cancel"): _staff("stock.write"),
    ("GET", "/v1/skus/{sku}/stock-policy"): _staff("stock.read"),
    ("PUT", "/v1/skus/{sku}/stock-policy"): _staff("stock.write"),
    ("GET", "/v1/stock/low"): _staff("stock.read"),
    ("POST", "/v1/stock/health/runs"): _staff("stock.write"),
    ("GET", "/v1/stock/health"): _staff("stock.read"),
    ("GET", "/v1/stock/health/items"): _staff("stock.read"),
    ("POST", "/v1/iot/shelf-readings"): Access(guest=True, staff="stock.write"),  # a guest shows a device's key
    ("GET", "/v1/iot/shelf-readings"): _staff("stock.read"),
    ("GET", "/v1/stock/{sku}"): _with_merchants("stock.read"),
    ("GET", "/v1/stock/{sku}/movements"): _with_merchants("stock.read"),
    ("POST", "/v1/price-rules"): _staff("prices.write"),
    ("GET", "/v1/price-rules"): _staff("products.read"),
    ("GET", "/v1/price-rules/{rule_id}"): _staff("products.read"),
    ("POST", "/v1/price-rules/{rule_id}/end"): _staff("prices.write"),
    ("PUT", "/v1/products/{product_id}/page"): _with_merchants("products.write"),
    ("POST", "/v1/products/{product_id}/detail-draft"): _with_merchants("products.write"),
    ("PUT", "/v1/store"): _staff("products.write"),
    ("GET", "/v1/storefront/modules"): _staff("products.read"),
    ("PUT", "/v1/storefront/modules"): _staff("products.write"),
    ("POST", "/v1/media"): _with_merchants("products.write"),
    ("GET", "/v1/media"): _with_merchants("products.read"),
    ("DELETE", "/v1/media/{media_id}"): _with_merchants("products.write"),
    ("GET", "/v1/media/{media_id}/details"): _with_merchants("products.read"),
    ("PUT", "/v1/media/{media_id}/rights"): _with_merchants("products.write"),
    ("POST", "/v1/media/{media_id}/retouch"): _with_merchants("products.write"),
    ("POST", "/v1/merchants/applications"): OPEN,
    ("GET", "/v1/merchants/applications"): _staff("merchants.write"),
    ("GET", "/v1/merchants/applications/{application_id}"): Access(guest=True, customer=True, staff="merchants.write"),
    ("PATCH", "/v1/merchants/applications/{application_id}"): BUYER,
    ("POST", "/v1/merchants/applications/{application_id}/review"): _staff("merchants.write"),
    ("POST", "/v1/merchants/applications/{application_id}/approve"): _staff("merchants.write"),
    ("POST", "/v1/merchants/applications/{application_id}/return"): _staff("merchants.write"),
    ("POST", "/v1/merchants/applications/{application_id}/reject"): _staff("merchants.write"),
    ("GET", "/v1/merchants"): _with_merchants("merchants.read"),
    ("GET", "/v1/merchants/{merchant_id}"): _with_merchants("merchants.read"),
    ("PATCH", "/v1/merchants/{merchant_id}"): _with_merchants("merchants.own"),
    ("POST", "/v1/merchants/{merchant_id}/licences"): _with_merchants("merchants.own"),
    ("POST", "/v1/merchants/{merchant_id}/licences/{licence_id}/renew"): _with_merchants("merchants.own"),
    ("POST", "/v1/merchants/{merchant_id}/licences/{licence_id}/review"): _staff("merchants.write"),
    ("POST", "/v1/merchants/{merchant_id}/penalties"): _staff("merchants.write"),
    ("POST", "/v1/merchants/{merchant_id}/penalties/{penalty_id}/appeal"): _with_merchants("merchants.own"),
    ("POST", "/v1/merchants/{merchant_id}/penalties/{penalty_id}/revoke"): _staff("merchants.close"),
    ("POST", "/v1/merchants/{merchant_id}/penalties/{penalty_id}/uphold"): _staff("merchants.close"),
    ("POST", "/v1/merchants/{merchant_id}/close"): _staff("merchants.close"),
    ("POST", "/v1/merchants/{merchant_id}/reopen"): _staff("merchants.close"),
    ("GET", "/v1/categories/{category_id}/requirements"): OPEN,
    ("PUT", "/v1/categories/{category_id}/requirements"): _staff("merchants.write"),
    ("GET", "/v1/products/{product_id}/margin"): _staff("products.read"),
    ("GET", "/v1/margins/below-floor"): _staff("products.read"),
    ("GET", "/v1/margins/review"): _staff("products.read"),
    ("PUT", "/v1/products/{product_id}/role"): _staff("prices.write"),
    ("GET", "/v1/assortment"): _staff("products.read"),
    ("GET", "/v1/assortment/offenders"): _staff("products.read"),
    ("GET", "/v1/assortment/suggestions"): _staff("products.read"),
    ("GET", "/v1/assortment/industry-averages"): _staff("products.read"),
    ("PUT", "/v1/assortment/industry-averages/{category_id}"): _staff("prices.write"),
    ("GET", "/v1/cost-models/{scope}"): _staff("products.read"),
    ("PUT", "/v1/cost-models/{scope}"): _staff("prices.write"),
    ("GET", "/v1/cost-models/{scope}/history"): _staff("products.read"),
    ("GET", "/v1/margin-floor"): _staff("products.read"),
    # In no role: the owner alone.
    ("PUT", "/v1/margin-floor"): _staff("prices.override"),
    ("GET", "/v1/skus/{sku}/margin-override"): _staff("products.read"),
    ("PUT", "/v1/skus/{sku}/margin-override"): _staff("prices.override"),
    ("DELETE", "/v1/skus/{sku}/margin-override"): _staff("prices.override"),
    ("GET", "/v1/suppliers"): _staff("supply.read"),
    ("POST", "/v1/suppliers"): _staff("supply.write"),
    ("GET", "/v1/suppliers/{supplier_id}"): _staff("supply.read"),
    ("PATCH", "/v1/suppliers/{supplier_id}"): _staff("supply.write"),
    ("GET", "/v1/suppliers/{supplier_id}/items"): _staff("supply.read"),
    ("PUT", "/v1/suppliers/{supplier_id}/items/{sku}"): _staff("supply.write"),
    ("GET", "/v1/suppliers/{supplier_id}/scorecard"): _staff("supply.read"),
    ("GET", "/v1/supplier-offers/{sku}"): _staff("supply.read"),
    ("GET", "/v1/purchase-policy"): _staff("supply.read"),
    ("PUT", "/v1/purchase-policy"): _staff("supply.approve"),
    ("POST", "/v1/purchase-orders"): _staff("supply.write"),
    ("GET", "/v1/purchase-orders"): _staff("supply.read"),
    ("GET", "/v1/purchase-orders/{order_id}"): _staff("supply.read"),
    ("PATCH", "/v1/purchase-orders/{order_id}"): _staff("supply.write"),
    # Of a small value; above the policy's it takes supply.approve.
    ("POST", "/v1/purchase-orders/{order_id}/approve"): _staff("supply.approve_small"),
    ("POST", "/v1/purchase-orders/{order_id}/send"): _staff("supply.write"),
    ("POST", "/v1/purchase-orders/{order_id}/confirm"): _staff("supply.write"),
    ("POST", "/v1/purchase-orders/{order_id}/cancel"): _staff("supply.write"),
    ("POST", "/v1/purchase-orders/{order_id}/close"): _staff("supply.write"),
    ("POST", "/v1/purchase-orders/{order_id}/receipts"): _staff("supply.write"),
    ("GET", "/v1/purchase-orders/{order_id}/document"): _staff("supply.read"),
    ("GET", "/v1/trace/orders/{order_id}"): _staff("trace.read"),
    ("GET", "/v1/trace/lots/{lot_id}"): _staff("trace.read"),
    ("GET", "/v1/categories/{category_id}/attributes"): _staff("products.read"),
    ("PUT", "/v1/categories/{category_id}/attributes"): _staff("products.write"),
    ("GET", "/v1/compliance/words"): _staff("products.read"),
    ("POST", "/v1/compliance/words"): _staff("products.write"),
    ("DELETE", "/v1/compliance/words/{word_id}"): _staff("products.write"),
    ("POST", "/v1/compliance/check"): _staff("products.write"),
    ("POST", "/v1/compliance/rescans"): _staff("products.write"),
    ("GET", "/v1/compliance/scans"): _staff("products.read"),
    ("GET", "/v1/products/{product_id}/findings"): _with_merchants("products.read"),
    ("GET", "/v1/shop-policies"): OPEN,
    ("PUT", "/v1/shop-policies"): _staff("products.write"),
    ("GET", "/v1/shipments"): _staff("shipments.read"),
    ("GET", "/v1/shipments/{shipment_id}"): _staff("shipments.read"),
    ("POST", "/v1/shipments/{shipment_id}/pack"): _staff("shipments.write"),
    ("POST", "/v1/shipments/{shipment_id}/ship"): _staff("shipments.write"),
    ("POST", "/v1/labels"): _staff("shipments.write"),
    ("POST", "/v1/returns/{return_id}/approve"): _staff("returns.approve"),
    ("POST", "/v1/returns/{return_id}/receive"): _staff("returns.receive"),
    ("POST", "/v1/returns/{return_id}/refund"): _staff("refunds.write"),
    ("GET", "/v1/warehouses"): _staff("freight.read"),
    ("PUT", "/v1/warehouses/{code}"): _staff("freight.write"),
    ("GET", "/v1/freight-templates"): _staff("freight.read"),
    ("PUT", "/v1/freight-templates/{template_id}"): _staff("freight.write"),
    ("GET", "/v1/promotions"): _staff("promotions.read"),
    ("GET", "/v1/promotions/margin-overrides"): _staff("promotions.read"),
    ("POST", "/v1/promotions"): _staff("promotions.write"),
    ("POST", "/v1/promotions/{promotion_id}/end"): _staff("promotions.write"),
    ("GET", "/v1/coupons"): _staff("promotions.read"),
    ("POST", "/v1/coupons"): _staff("promotions.write"),
    ("GET", "/v1/kpis"): _staff("kpis.read"),
    ("GET", "/v1/kpis/{name}"): _staff("kpis.read"),
    ("GET", "/v1/reviews/{period}"): _staff("kpis.read"),
    # Partner carriers prove themselves to logistics, call by call.
    ("GET", "/carrier/v1/shipments"): OPEN,
    ("POST", "/carrier/v1/scans"): OPEN,
    ("GET", "/carrier/v1/labels/{waybill}"): OPEN,
    ("GET", "/carrier/v1/pickups"): OPEN,
}


def admit(caller: Caller, access: Access) -> None:
    """Lets in or refuses with `NotSignedIn`, `WrongAudience`, `NotAllowed`."""
    if caller.kind == "guest":
        if not access.guest:
            raise NotSignedIn("sign in first")
    elif caller.kind == "customer":
        if not access.customer:
            raise WrongAudience("this is for the shop's own people")
    elif access.staff is None:
        raise WrongAudience("this is for customers")
    elif not may(caller.roles, access.staff):
        raise NotAllowed(f"this needs the permission {access.staff}")
    elif caller.only_merchant and not (access.merchants or access.staff == SELF):
        raise NotAllowed("this is for the shop's own people")


async def let_in(scope: Any, access: Access) -> None:
    """Finds out who asks and lets them in, or refuses as `Identity.caller` and `admit` do."""
    authorization = header(scope, b"authorization")
    caller = GUEST
    if authorization:
        identity: Identity = scope["app"].state.gateway.identity
        caller = await identity.caller(authorization)
    admit(caller, access)
    scope["shop.caller"] = caller


class Guarded(APIRoute):
    """A route that looks at its row of the table before anything else, the body included."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Who asks is found out, let in or refused; then the route is served."""
        serve = super().get_route_handler()
        rows = {method: ROUTES.get((method, self.path)) for method in self.methods or ()}

        async def guarded(request: Request) -> Response:
            access = rows[request.scope["method"]]
            if access is None:
                raise NotAllowed("nobody may do that yet")
            if not access.open:
                await let_in(request.scope, access)
            return await serve(request)

        return guarded


def asking(request: Request) -> Caller:
    """Who asks; a guest where the route looks at nobody's token."""
    caller: Caller = request.scope.get("shop.caller", GUEST)
    return caller
