"""This is where business accounts are put together, on the door that orders of all channels come in through."""

from typing import Any

from pymongo import IndexModel
from shop.orders.v1 import accounts_pb2_grpc

from services.kit.service import Answers, Ground, Service
from services.orders.core import Core
from services.orders.intake.door import Door

from .accounts import Account, Accounts
from .api import AccountsApi
from .neighbours import Groups
from .placing import Placing
from .receivables import KIND, Receivable, Receivables

_RECEIVABLES = [
    IndexModel([("settled", 1), ("_id", -1)], name="by_state"),
    IndexModel([("account_id", 1), ("settled", 1), ("_id", -1)], name="of_an_account"),
    IndexModel([("settled", 1), ("due_at", 1)], name="overdue"),
]


def build(ground: Ground[Any], core: Core, door: Door) -> Service:
    """The map."""
    kept = ground.store("accounts", Account)
    accounts = Accounts(kept, Groups(ground.channel("crm")))
    owed = ground.store("receivables", Receivable, _RECEIVABLES)
    receivables = Receivables(owed, kept, core.keeping.together, core.clock)
    core.provider.add(KIND, receivables)
    placing = Placing(accounts, kept, door)
    core.screens.all.append(placing.least)
    return Service(
        answers=[
            Answers(
                "shop.orders.v1.AccountsService",
                accounts_pb2_grpc.add_AccountsServiceServicer_to_server,
                AccountsApi(accounts, placing, receivables, core.clock),
            )
        ]
    )
