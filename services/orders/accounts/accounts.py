"""This is where business accounts are kept: whose they are, what they may owe, and what they have to order at least."""

from dataclasses import dataclass, field
from typing import Protocol

from services.kit.errors import Invalid, NotFound, VersionMismatch, WrongState
from services.kit.ids import new_id
from services.kit.store import Store
from services.orders import limits

_MOST_CONTACTS = 50
_MOST_MINOR = 10**12
_MOST_DAYS = 365


class InvalidAccount(Invalid):
    """No account can be so."""


class AccountNotFound(NotFound):
    """There is no such account, or it is another's."""


class AccountClosed(WrongState):
    """It may not order."""


@dataclass
class Account:
    """A business customer. `used_minor` is what it owes: it never passes `limit_minor`, in one conditional write."""

    id: str
    company: str
    tax_id: str
    currency: str
    limit_minor: int
    contacts: list[str] = field(default_factory=list)
    group: str = ""
    terms_days: int = 30
    min_order_minor: int = 0
    min_quantity: int = 1
    open: bool = True
    used_minor: int = 0
    version: int = 0


_CHANGED = (
    "company",
    "tax_id",
    "currency",
    "limit_minor",
    "contacts",
    "group",
    "terms_days",
    "min_order_minor",
    "min_quantity",
    "open",
)


class Groups(Protocol):
    """Who keeps groups of customers: crm."""

    async def join(self, group: str, customer_ids: list[str]) -> None:
        """They are in it. Refuses with GROUP_NOT_FOUND."""
        ...


def checked(account: Account) -> Account:
    """An account that can be kept. Refuses with INVALID_ACCOUNT."""
    account.company = limits.text(account.company, "/company", 200, InvalidAccount, needed=True)
    account.tax_id = limits.text(account.tax_id, "/tax_id", 32, InvalidAccount, needed=True)
    if len(account.contacts) > _MOST_CONTACTS or any(not limits.is_id(each, "cus") for each in account.contacts):
        raise limits.refused("/contacts", f"at most {_MOST_CONTACTS} ids of customers", InvalidAccount)
    if not (len(account.currency) == 3 and 0 <= account.limit_minor <= _MOST_MINOR):
        raise limits.refused("/credit_limit", "an amount, zero or more", InvalidAccount)
    if not 0 <= account.terms_days <= _MOST_DAYS:
        raise limits.refused("/terms_days", f"0 to {_MOST_DAYS}", InvalidAccount)
    if not 0 <= account.min_order_minor <= _MOST_MINOR or not 1 <= account.min_quantity <= limits.MOST_OF_A_SKU:
        raise limits.refused("/min_order_minor", "not so much", InvalidAccount)
    return account


class Accounts:
    """Opens, changes, shows."""

    def __init__(self, kept: Store[Account], groups: Groups) -> None:
        self._kept, self._groups = kept, groups

    async def put(self, account: Account, if_version: int) -> Account:
        """Opens it, or changes all but what it owes. Its contacts join its group first: what is kept holds. Refuses with
        INVALID_ACCOUNT, ACCOUNT_NOT_FOUND, VERSION_MISMATCH, GROUP_NOT_FOUND."""
        wanted = checked(account)
        if wanted.group and wanted.contacts:
            await self._groups.join(wanted.group, wanted.contacts)
        if not wanted.id:
            wanted.id = new_id("biz")
            return await self._kept.insert(wanted)
        where: dict[str, object] = {"_id": wanted.id, **({"version": if_version} if if_version else {})}
        changed = await self._kept.change(where, {"$set": {name: getattr(wanted, name) for name in _CHANGED}})
        if changed is not None:
            return changed
        await self.get(wanted.id, staff=True)
        raise VersionMismatch(f"the account has changed since version {if_version}")

    async def get(self, account_id: str, customer_id: str = "", *, staff: bool = False) -> Account:
        """Its contacts see it, and staff. Refuses with ACCOUNT_NOT_FOUND."""
        account = await self._kept.get(account_id) if limits.is_id(account_id, "biz") else None
        if account is None or not (staff or (customer_id and customer_id in account.contacts)):
            raise AccountNotFound("no such account")
        return account

    async def page(self, limit: int, cursor: str) -> tuple[list[Account], str]:
        """Newest first."""
        return await self._kept.page({}, limit, cursor)
