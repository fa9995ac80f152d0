"""This is where the trading day is lived again: customers buy and give back through the public gateway, staff set prices."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from deploy.demo.catalogue import CURRENCY
from deploy.demo.day import Basket, Invoice
from deploy.local.client import Carrier, Customer, Staff

_FREIGHT = {
    "title": "Royal Mail",
    "by": "weight",
    "carrier": "sandbox",
    "zones": [
        {
            "countries": [],
            "provinces": [],
            "first_units": 1000,
            "first_price": {"currency": CURRENCY, "minor": 395},
            "step_units": 5000,
            "step_price": {"currency": CURRENCY, "minor": 100},
            "free_from": {"currency": CURRENCY, "minor": 20000},
            "min_days": 2,
            "max_days": 5,
        }
    ],
}
_LINES_AT_ONCE = 4
_LOOKS = 100  # at a few milliseconds each; a new price is everywhere within one second


@dataclass
class Replay:
    """A shop in which the day is lived again."""

    staff: Staff
    carrier: Carrier
    prices: dict[str, int]
    _customers: dict[str, Customer] = field(default_factory=dict)
    _returnable: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    async def prepare(self, day: list[Invoice], progress: Callable[[], None]) -> None:
        """A way to send, and, for what the day's cancellations give back, the purchases of days before."""
        (await self.staff.call("PUT", "/v1/freight-templates/demo-mail", _FREIGHT)).expect(200)
        for invoice in day:
            if invoice.cancels:
                orders = [await self._buy(invoice, basket) for basket in invoice.baskets]
                for order in orders:
                    await self._deliver(order["id"])
                self._returnable[invoice.number] = orders
            progress()

    async def live(self, invoice: Invoice) -> None:
        """One invoice: an order for each basket, or a return of what was bought before."""
        if invoice.cancels:
            for order, basket in zip(self._returnable[invoice.number], invoice.baskets, strict=True):
                await self._give_back(invoice, order, basket)
        else:
            for basket in invoice.baskets:
                await self._buy(invoice, basket)

    async def _buy(self, invoice: Invoice, basket: Basket) -> dict[str, Any]:
        await self._set_prices(basket)
        customer = await self._customer(invoice)
        cart = (await customer.call("POST", "/v1/carts")).expect(201)["id"]
        turnstile = asyncio.Semaphore(_LINES_AT_ONCE)

        async def put(sku: str, quantity: int) -> None:
            async with turnstile:
                (await customer.call("PUT", f"/v1/carts/{cart}/lines/{sku}", {"quantity": quantity})).expect(200)

        await asyncio.gather(*(put(sku, quantity) for sku, (quantity, _) in basket.lines.items()))
        (await customer.call("PUT", f"/v1/carts/{cart}/address", _address(invoice))).expect(200)
        (await customer.call("PUT", f"/v1/carts/{cart}/delivery", {"option": "demo-mail"})).expect(200)
        return await self._check_out(customer, cart)

    async def _check_out(self, customer: Customer, cart: str) -> dict[str, Any]:
        """As customers do: whoever is told that a price has just changed looks at the cart again and orders then."""
        for _ in range(_LOOKS):
            answer = await customer.check_out(cart)
            if answer.status != 409 or answer.body["code"] != "PRICE_CHANGED":
                break
            (await customer.call("GET", f"/v1/carts/{cart}")).expect(200)
        order: dict[str, Any] = answer.expect(201)
        return order

    async def _set_prices(self, basket: Basket) -> None:
        """The till's prices moved with the quantity bought; the merchant's staff follow them."""
        for sku, (_, price) in basket.lines.items():
            if self.prices[sku] != price:
                path = f"/v1/products/{sku}"
                tag = (await self.staff.call("GET", f"{path}/price-history")).headers["ETag"]
                body = {"price": {"currency": CURRENCY, "minor": price}, "reason": "price of the day"}
                (await self.staff.call("PUT", f"{path}/price", body, If_Match=tag)).expect(200)
                self.prices[sku] = price

    async def _customer(self, invoice: Invoice) -> Customer:
        """Known customers sign in; those without a number are guests."""
        if not invoice.customer:
            return Customer(self.staff.base, self.staff.session)
        if invoice.customer not in self._customers:
            customer = Customer(self.staff.base, self.staff.session)
            await customer.register(f"Customer {invoice.customer}")
            self._customers[invoice.customer] = customer
        return self._customers[invoice.customer]

    async def _deliver(self, order_id: str) -> None:
        for parcel in await self._parcels(order_id):
            (await self.staff.call("POST", f"/v1/shipments/{parcel['id']}/pack")).expect(200)
            (await self.staff.call("POST", f"/v1/shipments/{parcel['id']}/ship")).expect(200)
            await self.carrier.scan(parcel["waybill"], "picked_up", "delivered", at=datetime.now(UTC).isoformat())
        while (await self.staff.get(f"/v1/orders/{order_id}"))["state"] != "delivered":
            await asyncio.sleep(0.02)

    async def _parcels(self, order_id: str) -> list[dict[str, Any]]:
        while True:
            found: list[dict[str, Any]] = (await self.staff.get(f"/v1/shipments?order_id={order_id}"))["items"]
            if found:
                return found
            await asyncio.sleep(0.02)

    async def _give_back(self, invoice: Invoice, order: dict[str, Any], basket: Basket) -> None:
        customer = await self._customer(invoice)
        lines = [{"sku": sku, "quantity": quantity} for sku, (quantity, _) in basket.lines.items()]
        body = {"lines": lines, "reason": "no_reason", "photos": []}
        path = f"/v1/orders/{order['id']}/returns"
        rma = (await customer.call("POST", path, body, key=uuid.uuid4().hex)).expect(201)
        (await self.staff.call("POST", f"/v1/returns/{rma['id']}/approve")).expect(200)
        (await self.staff.call("POST", f"/v1/returns/{rma['id']}/receive", {"sound": True})).expect(200)
        (await self.staff.call("POST", f"/v1/returns/{rma['id']}/refund", key=uuid.uuid4().hex)).expect(200)


def _address(invoice: Invoice) -> dict[str, str]:
    # The file has the country only; the rest is made up, and says so.
    return {
        "country": invoice.country,
        "province": "Example",
        "city": "Example",
        "district": "",
        "street": "1 Example Street",
        "name": f"Customer {invoice.customer or 'without a number'}",
        "phone": "+441632960001",
    }
