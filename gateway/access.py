"""This is where it is said whom a route may let in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """Whom a route lets in. `staff` names the permission a member of staff needs; None keeps them out."""

    guest: bool = False
    customer: bool = False
    staff: str | None = None
    # Nobody's token is looked at: signing in, signed calls, health.
    open: bool = False
    # A merchant's people may come in, for the route keeps to what is theirs (`Caller.only_merchant`).
    merchants: bool = False


OPEN = Access(open=True)
BUYER = Access(guest=True, customer=True)
MEMBER = Access(customer=True)
SHOWN_TO_ALL = Access(guest=True, customer=True, staff="", merchants=True)


def staff(permission: str) -> Access:
    """Staff with this permission, and not a merchant's."""
    return Access(staff=permission)


def with_merchants(permission: str) -> Access:
    """Staff with this permission, a merchant's too."""
    return Access(staff=permission, merchants=True)
