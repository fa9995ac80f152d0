"""This is where it stands who may do what about channels, what comes in through them, and money taken outside."""

from gateway.access import Access, staff

SENDING = Access(guest=True, staff="orders.write")  # a guest shows the channel's key
INTAKE: dict[tuple[str, str], Access] = {
    ("GET", "/v1/channels"): staff("orders.read"),
    ("PUT", "/v1/channels/{channel}"): staff("channels.write"),
    ("POST", "/v1/channels/{channel}/keys"): staff("channels.write"),
    ("GET", "/v1/channels/{channel}/skus"): staff("orders.read"),
    ("PUT", "/v1/channels/{channel}/skus/{channel_sku}"): staff("orders.write"),
    ("DELETE", "/v1/channels/{channel}/skus/{channel_sku}"): staff("orders.write"),
    ("POST", "/v1/channels/{channel}/orders"): SENDING,
    ("POST", "/v1/channels/{channel}/orders/batch"): SENDING,
    ("GET", "/v1/intake"): staff("orders.read"),
    ("GET", "/v1/intake/{entry_id}"): staff("orders.write"),
    ("POST", "/v1/intake/{entry_id}/retry"): staff("orders.write"),
    ("POST", "/v1/intake/{entry_id}/close"): staff("orders.write"),
    ("POST", "/v1/channels/{channel}/settlements"): staff("refunds.write"),
    ("POST", "/v1/accounts"): staff("accounts.write"),
    ("PUT", "/v1/accounts/{account_id}"): staff("accounts.write"),
    ("GET", "/v1/accounts"): staff("orders.read"),
    ("GET", "/v1/accounts/{account_id}"): Access(customer=True, staff="orders.read"),
    ("POST", "/v1/accounts/{account_id}/orders"): Access(customer=True, staff="orders.write"),
    ("GET", "/v1/receivables"): staff("refunds.write"),
    ("POST", "/v1/receivables/{order_id}/payments"): staff("refunds.write"),
    ("GET", "/v1/external-payments"): staff("refunds.write"),
}
