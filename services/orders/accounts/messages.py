"""This is where accounts and what they owe become protobuf and back."""

from datetime import datetime

from shop.orders.v1 import accounts_pb2

from services.kit.clock import rfc3339
from services.orders.messages.addresses import money

from .accounts import Account
from .receivables import Receivable


def account_of(message: accounts_pb2.Account) -> Account:
    """An account as it is to be, unchecked."""
    return Account(
        id=message.id,
        company=message.company,
        tax_id=message.tax_id,
        currency=message.credit_limit.currency,
        limit_minor=message.credit_limit.minor,
        contacts=list(dict.fromkeys(message.contacts)),
        group=message.group,
        terms_days=message.terms_days,
        min_order_minor=message.min_order_minor,
        min_quantity=message.min_quantity or 1,
        open=message.open,
    )


def account_message(account: Account) -> accounts_pb2.Account:
    """An account."""
    return accounts_pb2.Account(
        id=account.id,
        company=account.company,
        tax_id=account.tax_id,
        contacts=account.contacts,
        group=account.group,
        credit_limit=money(account.currency, account.limit_minor),
        used_minor=account.used_minor,
        terms_days=account.terms_days,
        min_order_minor=account.min_order_minor,
        min_quantity=account.min_quantity,
        open=account.open,
        version=account.version,
    )


def receivable_message(owed: Receivable, now: datetime) -> accounts_pb2.Receivable:
    """What is owed for an order."""
    return accounts_pb2.Receivable(
        order_id=owed.id,
        account_id=owed.account_id,
        purchase_order=owed.purchase_order,
        amount=money(owed.currency, owed.amount_minor),
        paid_minor=owed.paid_minor,
        refunded_minor=owed.refunded_minor,
        open_minor=owed.open_minor,
        due_at=rfc3339(owed.due_at),
        overdue=owed.open_minor > 0 and owed.due_at <= now,
    )
