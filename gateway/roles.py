"""This is where it stands what each role of the staff permits: one row a role. Pure."""

ROLES: dict[str, frozenset[str]] = {
    "goods": frozenset(
        {"products.read", "products.write", "prices.write", "stock.read", "stock.write"}
        | {"supply.read", "supply.write", "supply.approve_small", "trace.read", "merchants.read", "reviews.read"}
    ),
    "orders": frozenset(
        {"orders.read", "orders.write", "shipments.read", "shipments.write", "returns.read", "returns.approve"}
        | {"carriers.write"}
        | {
            "channels.write",
            "erp.read",
            "erp.write",
            "sla.write",
            "triage.write",
            "exceptions.write",
            "returns.receive",
            "aftersales.write",
            "freight.read",
            "freight.write",
            "carriers.read",
            "carriers.write",
            "customs.read",
            "customs.write",
            "stock.read",
            "products.read",
        }
        | {"fraud.read", "fraud.write"}
        | {"fleet.read", "fleet.write"}
    ),
    "finance": frozenset(
        {"orders.read", "erp.read", "returns.read", "refunds.write", "kpis.read", "ledger.read"}
        | {"accounts.write", "invoices.read", "invoices.write"}
        | {"supply.read", "supply.approve", "supply.approve_small", "trace.read"}
        | {"fraud.read", "fraud.write", "fraud.policy"}
        | {"customs.read"}
        | {"payments.read", "payments.write"}
        | {"merchants.read", "merchants.write", "merchants.own"}  # who checks papers and registrations
    ),
    "marketing": frozenset(
        {"promotions.read", "promotions.write", "products.read", "groups.read", "groups.write", "coupons.grant"}
    ),
    "support": frozenset(
        {"orders.read", "returns.read", "returns.approve", "shipments.read", "merchants.read", "trace.read"}
        | {"reviews.read", "reviews.write", "coupons.grant", "promotions.read", "groups.read"}
        | {"fraud.read", "exceptions.write"}
        | {"invoices.read"}
    ),
    "read-only": frozenset(
        {
            "products.read",
            "stock.read",
            "orders.read",
            "returns.read",
            "shipments.read",
            "freight.read",
            "carriers.read",
        }
        | {"promotions.read", "kpis.read", "staff.read", "merchants.read", "supply.read", "trace.read"}
        | {"reviews.read", "groups.read", "payments.read"}
        | {"fleet.read"}
    ),
    "rider": frozenset({"routes.own"}),  # what is theirs to bring, and nothing else
    # Whoever has it is bound to one merchant, and let in only where `Access.merchants` says so.
    "merchant": frozenset(
        {"products.read", "products.write", "prices.write", "stock.read", "stock.write"}
        | {"merchants.read", "merchants.own"}
    ),
}
SELF = "self"  # any member of staff, about themselves


def may(roles: frozenset[str], permission: str) -> bool:
    """Whether one of these roles permits it. The owner may everything."""
    if "owner" in roles or permission in ("", SELF):
        return True
    return any(permission in ROLES.get(role, ()) for role in roles)
