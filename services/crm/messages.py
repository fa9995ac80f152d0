"""This is where crm's things become protobuf messages, and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from shop.crm.v1 import customers_pb2, events_pb2, groups_pb2, points_pb2, sessions_pb2, staff_pb2
from shop.type.v1 import address_pb2

from services.kit.clock import rfc3339

from .people import Address

if TYPE_CHECKING:  # the features tell with these messages, so they cannot be imported first
    from .customers import Customer, Profile, SavedAddress
    from .groups import Group
    from .sessions import Tokens
    from .staff import StaffCard
    from .wallet import Entry, Lot, Move

_SHOWN_ENTRIES = 100


def customer_registered(customer: Customer) -> events_pb2.CustomerRegistered:
    """Somebody registered; who, is not told."""
    return events_pb2.CustomerRegistered(customer_id=customer.id, at=rfc3339(customer.registered_at))


def customer_changed(customer_id: str, what: str, at: datetime) -> events_pb2.CustomerChanged:
    """Their tier or groups changed."""
    return events_pb2.CustomerChanged(customer_id=customer_id, what=what, at=rfc3339(at))


def to_group(group: Group) -> groups_pb2.Group:
    """A group."""
    return groups_pb2.Group(id=group.id, title=group.title, made_at=rfc3339(group.made_at))


def points_moved(customer_id: str, move: Move) -> events_pb2.PointsMoved:
    """Points came or went."""
    return events_pb2.PointsMoved(
        customer_id=customer_id,
        points=move.entry.points,
        reason=move.entry.reason,
        reference=move.entry.reference,
        balance=move.balance,
        at=rfc3339(move.entry.at),
    )


def to_customer(profile: Profile) -> customers_pb2.Customer:
    """A customer, for themselves."""
    return customers_pb2.Customer(
        id=profile.id,
        email=profile.email,
        name=profile.name,
        language=profile.language,
        tier=profile.tier,
        points=profile.points,
        addresses=[to_saved_address(saved) for saved in profile.addresses],
        registered_at=rfc3339(profile.registered_at),
        version=profile.version,
        marketing_consent=profile.marketing_consent,
    )


def to_saved_address(saved: SavedAddress) -> customers_pb2.SavedAddress:
    """An address of the book."""
    there = saved.address
    address = address_pb2.Address(
        country=there.country,
        province=there.province,
        city=there.city,
        district=there.district,
        street=there.street,
        name=there.name,
        phone=there.phone,
    )
    return customers_pb2.SavedAddress(id=saved.id, address=address, preferred=saved.preferred)


def from_address(there: address_pb2.Address) -> Address:
    """An address as it was typed."""
    return Address(
        country=there.country,
        province=there.province,
        city=there.city,
        district=there.district,
        street=there.street,
        name=there.name,
        phone=there.phone,
    )


def to_tokens(tokens: Tokens) -> sessions_pb2.Tokens:
    """A pair of tokens."""
    return sessions_pb2.Tokens(
        access_token=tokens.access,
        refresh_token=tokens.refresh,
        expires_in=tokens.expires_in,
        subject=tokens.subject,
    )


def to_staff(card: StaffCard) -> staff_pb2.Staff:
    """A member of staff."""
    return staff_pb2.Staff(
        id=card.id,
        email=card.email,
        name=card.name,
        roles=card.roles,
        totp=card.totp,
        merchant_id=card.merchant_id,
    )


def to_points(balance: int, lots: Sequence[Lot], entries: Sequence[Entry]) -> points_pb2.GetPointsResponse:
    """Balance, lots (soonest to expire first) and the latest entries (newest first)."""
    newest = list(reversed(entries))[:_SHOWN_ENTRIES]
    return points_pb2.GetPointsResponse(
        balance=balance,
        lots=[points_pb2.PointsLot(points=lot.points, expires_at=rfc3339(lot.expires_at)) for lot in lots],
        entries=[
            points_pb2.PointsEntry(
                points=entry.points, reason=entry.reason, reference=entry.reference, at=rfc3339(entry.at)
            )
            for entry in newest
        ],
    )
