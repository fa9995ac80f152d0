"""This is where an account orders on its terms: through the same door as every channel, under its purchase-order number."""

from dataclasses import replace

from services.kit.errors import WrongState
from services.kit.store import Store
from services.orders import limits
from services.orders.checkout import Purchase
from services.orders.intake.channels import ACCOUNTS, TERMS
from services.orders.intake.door import Door, Taken
from services.orders.intake.drafts import Draft, InvalidChannelOrder
from services.orders.orders import Order

from .accounts import Account, AccountClosed, Accounts
from .receivables import token_of


class MinimumNotReached(WrongState):
    """Less than the account has to order at least (metadata: least)."""


class Placing:
    """Orders for accounts."""

    def __init__(self, accounts: Accounts, kept: Store[Account], door: Door) -> None:
        self._accounts, self._kept, self._door = accounts, kept, door

    async def place(self, account_id: str, customer_id: str, draft: Draft, *, staff: bool) -> Taken:
        """How it is kept. Refuses with ACCOUNT_NOT_FOUND, ACCOUNT_CLOSED, INVALID_CHANNEL_ORDER, KEY_REUSED …"""
        account = await self._accounts.get(account_id, customer_id, staff=staff)
        if not account.open:
            raise AccountClosed("this account may not order")
        if staff and customer_id and customer_id not in account.contacts:
            raise limits.refused("/customer_id", "a contact of the account", InvalidChannelOrder)
        number = limits.text(draft.channel_order_id, "/purchase_order", 64, InvalidChannelOrder, needed=True)
        ordered = replace(
            draft,
            channel_order_id=f"{account.id}:{number}",
            purchase_order=number,
            payment_method=TERMS,
            payment_token=token_of(account.id, number),
            customer_id=customer_id,
            customer_type="b2b",
            account_id=account.id,
        )
        (taken,) = await self._door.take_in(ACCOUNTS, [ordered])
        if taken.refused:
            raise taken.refused
        return taken

    async def least(self, order: Order, purchase: Purchase) -> None:
        """A screen: refuses with MINIMUM_NOT_REACHED what is less than the account has to order at least."""
        if not order.account_id:
            return
        account = await self._kept.get(order.account_id)
        if account is None:
            return
        if order.goods_minor < account.min_order_minor:
            raise MinimumNotReached("less than the least order", least=account.min_order_minor)
        short = next((line for line in order.lines if line.quantity < account.min_quantity), None)
        if short is not None:
            raise MinimumNotReached(f"fewer of {short.sku} than the least", least=account.min_quantity)
