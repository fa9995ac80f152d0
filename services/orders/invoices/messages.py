"""This is where invoices become protobuf and back."""

from shop.orders.v1 import events_pb2
from shop.orders.v1 import invoices_pb2 as pb

from services.kit.clock import rfc3339
from services.orders.messages.addresses import money
from services.orders.orders import Order

from .capitals import capitals
from .invoices import Buyer, Invoice
from .profile import InvoiceProfile, Seller
from .vouchers import Voucher

_BUYER = ("kind", "title", "tax_id", "address", "phone", "bank", "account")
_SELLER = ("name", "tax_id", "address", "phone", "bank", "account")
_PROFILE = ("series", "red_series", "usual_rate_bp", "freight_rate_bp", "time_zone", "stamp", "by", "version")


def invoice_issued(of: Invoice) -> events_pb2.InvoiceIssued:
    """It is out; names nobody."""
    return events_pb2.InvoiceIssued(
        invoice_id=of.id,
        number=of.label,
        kind=of.kind,
        order_id=of.order_id,
        amount=money(of.currency, of.total_minor),
        tax=money(of.currency, of.tax_minor),
        digest=of.digest,
        reverses=of.reverses,
        at=rfc3339(of.issued_at),
    )


def buyer_of(message: pb.Buyer) -> Buyer:
    """To whom, unchecked."""
    return Buyer(**{name: getattr(message, name) for name in _BUYER})


def invoice(of: Invoice, buyer: Buyer) -> pb.Invoice:
    """An invoice as it was issued, and what is left of it."""
    currency = of.currency
    return pb.Invoice(
        id=of.id,
        number=of.label,
        kind=of.kind,
        order_id=of.order_id,
        issued_at=rfc3339(of.issued_at),
        period=of.period,
        seller=pb.Seller(**{name: getattr(of.seller, name) for name in _SELLER}),
        buyer=pb.Buyer(**{name: getattr(buyer, name) for name in _BUYER}),
        lines=[
            pb.InvoiceLine(
                key=line.key,
                title=line.title,
                quantity=line.quantity,
                amount=money(currency, line.amount_minor),
                rate_bp=line.rate_bp,
                net=money(currency, line.net_minor),
                tax=money(currency, line.tax_minor),
            )
            for line in of.lines
        ],
        total=money(currency, of.total_minor),
        tax=money(currency, of.tax_minor),
        in_words=capitals(of.total_minor),
        left=money(currency, sum(of.left)),
        reverses=of.reverses,
        reason=of.why,
        digest=of.digest,
        in_force=bool(of.order_claim),
    )


def profile(of: InvoiceProfile) -> pb.InvoiceProfile:
    """Who sells, and how."""
    seller = pb.Seller(**{name: getattr(of.seller, name) for name in _SELLER})
    return pb.InvoiceProfile(seller=seller, rates_bp=of.rates_bp, **{name: getattr(of, name) for name in _PROFILE})


def profile_of(message: pb.InvoiceProfile) -> InvoiceProfile:
    """Who is to sell, unchecked."""
    return InvoiceProfile(
        seller=Seller(**{name: getattr(message.seller, name) for name in _SELLER}),
        series=message.series,
        red_series=message.red_series,
        usual_rate_bp=message.usual_rate_bp,
        freight_rate_bp=message.freight_rate_bp,
        rates_bp=dict(message.rates_bp),
        time_zone=message.time_zone,
        stamp=message.stamp,
        by=message.by,
    )


def voucher(of: Voucher, order: Order) -> pb.Voucher:
    """A paper."""
    return pb.Voucher(
        kind=of.kind, reference=of.reference, amount=money(order.currency, of.minor), at=rfc3339(of.at), text=of.text
    )
