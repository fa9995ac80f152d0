"""This is where customers subscribe, change what comes, skip, pause, resume and cancel."""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.kit.seal import Seal
from services.kit.store import Store, encode
from services.orders import limits
from services.orders.addresses import Address
from services.orders.addresses import checked as checked_address
from services.orders.checkout import KeyReused
from services.orders.intake.channels import CARD, SUBSCRIPTIONS, Channel
from services.orders.intake.drafts import Draft, DraftLine
from services.orders.messages.addresses import address_bytes, address_message, address_of

from .cycles import cycle_at
from .events import subscription_changed
from .plans import Plan, PlanNotFound, Plans
from .terms import Item, State, Subscription, Wish, following

_MOST_LINES, _MOST_OF_ONE, _MOST_A_CUSTOMER = 20, 999, 20
_LATEST = timedelta(days=366)


class InvalidSubscription(Invalid):
    """Nothing anybody can subscribe to."""


class SubscriptionNotFound(NotFound):
    """There is no such subscription, or it is another's."""


class SubscriptionOver(WrongState):
    """It is cancelled, or not as it must be for that (metadata: state)."""


class SubscriptionBusy(Conflict):
    """It is being renewed at this moment: try again."""


class TooManySubscriptions(WrongState):
    """A customer has at most 20 that are not cancelled."""


class Pricing(Protocol):
    """Who knows what a draft comes to."""

    async def total(self, draft: Draft, channel: Channel) -> int:
        """In minor units. Refuses with UNKNOWN_SKU, NOT_ON_SALE, DELIVERY_MISSING, INVALID_ADDRESS."""
        ...


class Subscriptions:
    """What customers do with theirs."""

    def __init__(self, kept: Store[Subscription], plans: Plans, pricing: Pricing, seal: Seal, clock: Clock) -> None:
        self._kept, self._plans, self._pricing, self._seal, self._clock = kept, plans, pricing, seal, clock

    async def subscribe(self, customer_id: str, wish: Wish, request_id: str, fingerprint: bytes) -> Subscription:
        """A new one, first due at `first_at` (or now). Refuses with INVALID_SUBSCRIPTION, PLAN_NOT_FOUND, KEY_REUSED,
        TOO_MANY_SUBSCRIPTIONS, and what cannot be priced."""
        earlier = await self._kept.one({"request_id": limits.request_id(request_id)})
        if earlier is not None:
            return _same(earlier, fingerprint)
        plan, now = await self._plans.get(wish.plan), self._clock.now()
        if not plan.open:
            raise PlanNotFound("it is closed")
        _check(wish, plan)
        first = wish.first_at or now
        if not now - timedelta(minutes=5) <= first <= now + _LATEST:
            raise limits.refused("/first_at", "now, or within a year", InvalidSubscription)
        await self._room(customer_id)
        made = self._made(customer_id, wish, first, request_id, fingerprint)
        made.agreed_minor = await self._pricing.total(self.draft(made), SUBSCRIPTIONS)
        try:
            return await self._kept.insert(made, subscription_changed(made, now))
        except AlreadyExists as raced:
            earlier = await self._kept.one({"request_id": request_id})
            if earlier is None:
                raise SubscriptionBusy("try again", retry_after_s=1) from raced
            return _same(earlier, fingerprint)

    async def get(self, key: str, customer_id: str, *, staff: bool = False) -> Subscription:
        """One. Refuses with SUBSCRIPTION_NOT_FOUND."""
        found = await self._kept.get(key) if limits.is_id(key, "sub") else None
        if found is None or not (staff or (customer_id and found.customer_id == customer_id)):
            raise SubscriptionNotFound("no such subscription")
        return found

    async def page(self, customer_id: str, limit: int, cursor: str, *, staff: bool) -> tuple[list[Subscription], str]:
        """A customer's own, or all for staff; newest first."""
        where = {"_id": {"$gt": ""}} if staff else {"customer_id": customer_id}
        return await self._kept.page(where, limit, cursor)

    async def change(self, key: str, customer_id: str, wish: Wish) -> Subscription:
        """With other goods, way, address or card from the next renewal on. Refuses with SUBSCRIPTION_NOT_FOUND,
        SUBSCRIPTION_OVER, SUBSCRIPTION_BUSY, INVALID_SUBSCRIPTION, and what cannot be priced."""
        found = await self.get(key, customer_id)
        if found.state is State.CANCELLED:
            raise SubscriptionOver("it is cancelled", state=found.state.value)
        found.items = list(wish.items) or found.items
        found.delivery_option = wish.delivery_option or found.delivery_option
        _check_items(found.items, await self._plans.get(found.plan))
        if wish.address is not None:
            found.sealed_address = self._seal.close(address_bytes(checked_address(wish.address)), key)
        if wish.payment_token:
            found.sealed_token = self._seal.close(limits.payment_token(wish.payment_token).encode(), key)
        fields: dict[str, Any] = {
            "items": encode(found.items),
            "delivery_option": found.delivery_option,
            "sealed_address": found.sealed_address,
            "sealed_token": found.sealed_token,
            "agreed_minor": await self._pricing.total(self.draft(found), SUBSCRIPTIONS),
        }
        if wish.payment_token and found.failures:
            fields["wake_at"] = self._clock.now()  # the new card is tried at once
        return await self._moved(found, fields)

    async def skip(self, key: str, customer_id: str) -> Subscription:
        """Not the next time. Refuses as `change` does."""
        found = await self.get(key, customer_id)
        if found.state is not State.ACTIVE:
            raise SubscriptionOver(f"it is {found.state.value}", state=found.state.value)
        return await self._moved(found, following(found, found.cycle + 1, self._clock.now()))

    async def pause(self, key: str, customer_id: str) -> Subscription:
        """Not until it is resumed; again changes nothing. Refuses as `change` does."""
        return await self._put(key, customer_id, State.PAUSED)

    async def cancel(self, key: str, customer_id: str) -> Subscription:
        """Never again; its card is forgotten. Again changes nothing."""
        return await self._put(key, customer_id, State.CANCELLED)

    async def resume(self, key: str, customer_id: str) -> Subscription:
        """From the next time on that is still to come, at what it costs now. Refuses as `change` does."""
        found = await self.get(key, customer_id)
        if found.state is State.ACTIVE:
            return found
        if found.state is State.CANCELLED:
            raise SubscriptionOver("it is cancelled", state=found.state.value)
        now = self._clock.now()
        cycle = found.cycle
        if found.due_at <= now:
            cycle = cycle_at(found.first_at, found.zone, found.every, cycle, now) + 1
        agreed = await self._pricing.total(self.draft(found), SUBSCRIPTIONS)
        fields = following(found, cycle, now) | {"state": State.ACTIVE.value, "why": "", "agreed_minor": agreed}
        return await self._moved(found, fields, subscription_changed(replace(found, state=State.ACTIVE, why=""), now))

    def draft(self, of: Subscription) -> Draft:
        """What it asks for, as a channel's order: its total is still to be found out."""
        return Draft(
            channel_order_id=f"{of.id}:{of.cycle}:{of.attempt}",
            lines=tuple(DraftLine(item.sku, "", item.quantity) for item in of.items),
            currency=of.currency,
            total_minor=0,
            payment_method=CARD,
            payment_token=self._seal.open(of.sealed_token, of.id).decode(),
            address=address_of(address_message(self._seal.open(of.sealed_address, of.id))),
            delivery_option=of.delivery_option,
            customer_id=of.customer_id,
            email=self._seal.open(of.sealed_email, of.id).decode() if of.sealed_email else "",
        )

    def _made(self, customer_id: str, wish: Wish, first: datetime, request_id: str, fingerprint: bytes) -> Subscription:
        key = new_id("sub")
        address = checked_address(wish.address or Address("", "", "", "", "", "", ""))
        token = limits.payment_token(wish.payment_token)
        return Subscription(
            id=key,
            customer_id=customer_id,
            plan=wish.plan,
            every=wish.every,
            zone=wish.zone,
            first_at=first,
            due_at=first,
            items=list(wish.items),
            currency=wish.currency,
            agreed_minor=0,
            delivery_option=wish.delivery_option,
            sealed_address=self._seal.close(address_bytes(address), key),
            sealed_email=self._seal.close(limits.email(wish.email).encode(), key) if wish.email else b"",
            sealed_token=self._seal.close(token.encode(), key),
            request_id=request_id,
            fingerprint=fingerprint,
            wake_at=self._clock.now(),
        )

    async def _room(self, customer_id: str) -> None:
        living = {"customer_id": customer_id, "state": {"$in": [State.ACTIVE.value, State.PAUSED.value]}}
        if len(await self._kept.find(living, limit=_MOST_A_CUSTOMER)) >= _MOST_A_CUSTOMER:
            raise TooManySubscriptions(f"at most {_MOST_A_CUSTOMER}")

    async def _put(self, key: str, customer_id: str, state: State) -> Subscription:
        found = await self.get(key, customer_id)
        if found.state is state:
            return found
        if found.state is State.CANCELLED:
            raise SubscriptionOver("it is cancelled", state=found.state.value)
        fields: dict[str, Any] = {"state": state.value, "why": "customer", "wake_at": None}
        if state is State.CANCELLED:
            fields["sealed_token"] = b""
        told = subscription_changed(replace(found, state=state, why="customer"), self._clock.now())
        return await self._moved(found, fields, told)

    async def _moved(self, seen: Subscription, fields: dict[str, Any], *told: Any) -> Subscription:
        """One conditional write, unless it is being renewed or has changed."""
        where = {"_id": seen.id, "version": seen.version, "sealed_draft": b""}
        changed = await self._kept.change(where, {"$set": fields}, *told)
        if changed is None:
            raise SubscriptionBusy("it has just changed, or is being renewed", retry_after_s=1)
        return changed


def _same(earlier: Subscription, fingerprint: bytes) -> Subscription:
    if not hmac.compare_digest(earlier.fingerprint, fingerprint):
        raise KeyReused("this key was used for another request")
    return earlier


def _check(wish: Wish, plan: Plan) -> None:
    _check_items(wish.items, plan)
    if wish.every not in plan.every:
        raise limits.refused("/every", f"one of {', '.join(plan.every)}", InvalidSubscription)
    if wish.address is None:
        raise limits.refused("/address", "is needed", InvalidSubscription)
    try:
        ZoneInfo(wish.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise limits.refused("/zone", "a time zone like `Asia/Shanghai`", InvalidSubscription) from None


def _check_items(items: Sequence[Item], plan: Plan) -> None:
    if not 1 <= len({item.sku for item in items}) == len(items) <= _MOST_LINES:
        raise limits.refused("/items", f"1 to {_MOST_LINES}, each SKU once", InvalidSubscription)
    for item in items:
        if item.sku not in plan.skus or not 1 <= item.quantity <= _MOST_OF_ONE:
            raise limits.refused("/items", f"of the plan, 1 to {_MOST_OF_ONE} of each", InvalidSubscription)
