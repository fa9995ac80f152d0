"""This is where calls about accounts come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import accounts_pb2, accounts_pb2_grpc

from services.kit.clock import Clock
from services.orders.intake.messages import draft_of, taken_message

from . import messages
from .accounts import Accounts
from .placing import Placing
from .receivables import Receivables


@dataclass
class AccountsApi(accounts_pb2_grpc.AccountsServiceServicer):
    """Answers shop.orders.v1.AccountsService."""

    accounts: Accounts
    placing: Placing
    receivables: Receivables
    clock: Clock

    async def PutAccount(
        self, request: accounts_pb2.PutAccountRequest, context: Any
    ) -> accounts_pb2.PutAccountResponse:
        """Opens or changes one."""
        kept = await self.accounts.put(messages.account_of(request.account), request.if_version)
        return accounts_pb2.PutAccountResponse(account=messages.account_message(kept))

    async def GetAccount(
        self, request: accounts_pb2.GetAccountRequest, context: Any
    ) -> accounts_pb2.GetAccountResponse:
        """One."""
        account = await self.accounts.get(request.id, request.customer_id, staff=request.staff)
        return accounts_pb2.GetAccountResponse(account=messages.account_message(account))

    async def ListAccounts(
        self, request: accounts_pb2.ListAccountsRequest, context: Any
    ) -> accounts_pb2.ListAccountsResponse:
        """A page."""
        found, more = await self.accounts.page(request.page.limit, request.page.cursor)
        return accounts_pb2.ListAccountsResponse(
            accounts=[messages.account_message(each) for each in found], next_cursor=more
        )

    async def PlaceAccountOrder(
        self, request: accounts_pb2.PlaceAccountOrderRequest, context: Any
    ) -> accounts_pb2.PlaceAccountOrderResponse:
        """Orders on its terms."""
        draft = draft_of(request.order)
        taken = taken_message(
            await self.placing.place(request.account_id, request.customer_id, draft, staff=request.staff)
        )
        return accounts_pb2.PlaceAccountOrderResponse(order=taken.order, replayed=taken.replayed)

    async def ListReceivables(
        self, request: accounts_pb2.ListReceivablesRequest, context: Any
    ) -> accounts_pb2.ListReceivablesResponse:
        """A page of what is owed."""
        found, more = await self.receivables.page(
            request.account_id,
            overdue=request.overdue,
            settled=request.settled,
            limit=request.page.limit,
            cursor=request.page.cursor,
        )
        now = self.clock.now()
        return accounts_pb2.ListReceivablesResponse(
            receivables=[messages.receivable_message(each, now) for each in found], next_cursor=more
        )

    async def SettleReceivable(
        self, request: accounts_pb2.SettleReceivableRequest, context: Any
    ) -> accounts_pb2.SettleReceivableResponse:
        """Money came in."""
        owed = await self.receivables.settle(request.order_id, request.minor, request.reference)
        return accounts_pb2.SettleReceivableResponse(receivable=messages.receivable_message(owed, self.clock.now()))
