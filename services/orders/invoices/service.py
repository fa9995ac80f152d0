"""This is where the invoices wing is put together."""

from collections.abc import Sequence
from typing import Any

from shop.orders.v1 import invoices_pb2_grpc
from shop.orders.v1.events_pb2 import RefundIssued

from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Answers, Ground, Service
from services.orders.core import Core

from . import store
from .api import InvoicesApi
from .invoices import Invoice
from .issuing import Issuing
from .profile import InvoiceProfile, Profiles
from .shown import Shown
from .vouchers import Vouchers


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    keeping = core.keeping
    invoices = ground.store("invoices", Invoice, store.INVOICES)
    profiles = Profiles(ground.store("invoice_profile", InvoiceProfile))
    issuing = Issuing(invoices, core.orders, keeping.returns, profiles, keeping.together, core.seal, core.clock)
    vouchers = Vouchers(core.orders, invoices)
    shown = Shown(invoices, core.orders, vouchers, issuing, profiles)

    async def on_refund_issued(events: Sequence[tuple[RefundIssued, Told]]) -> None:
        """What went back is taken off the invoice in force."""
        for order_id in dict.fromkeys(event.order_id for event, _ in events):
            invoice = await invoices.one({"order_claim": order_id})
            order = await keeping.orders.get(order_id) if invoice else None
            if invoice is not None and order is not None:
                await issuing.catch_up(invoice, order)

    return Service(
        answers=[
            Answers(
                "shop.orders.v1.InvoicesService",
                invoices_pb2_grpc.add_InvoicesServiceServicer_to_server,
                InvoicesApi(issuing, shown, vouchers, profiles),
            )
        ],
        hears=Hears(own={RefundIssued: on_refund_issued}),
    )
