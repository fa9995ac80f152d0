"""This is where carts, orders and returns get their indexes, and the few writes and reads the kit does not have."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.kit.service import Ground
from services.kit.store import Store, Turnstile, together

from .aftersales.returns import Return
from .carts import Cart
from .leases import EPOCH
from .orders import Order
from .timers import Revision

_KEPT_S = 90 * 24 * 3600  # a cart nobody touched for so long is forgotten, address and all
_DUE = {"due_at": {"$gt": EPOCH}}
_SET = {name: {name: {"$gt": ""}} for name in ("channel", "channel_order_id", "purchase_order", "erp_number")}


def due_indexes(path: str) -> Sequence[IndexModel]:
    """What finds clocks kept in the field `path`: those that are due, and those under older terms."""
    parts = {f"{path}.next_at": EPOCH, f"{path}.terms": 0}
    return [
        IndexModel([(name, 1)], name=name, partialFilterExpression={name: {"$gt": least}})
        for name, least in parts.items()
    ]


CARTS = [
    IndexModel(
        [("customer_id", 1)],
        name="one_open_cart_a_customer",
        unique=True,
        partialFilterExpression={"state": "open", "customer_id": {"$gt": ""}},
    ),
    IndexModel([("changed_at", 1)], name="forgotten", expireAfterSeconds=_KEPT_S),
]
ORDERS = [
    IndexModel([("request_id", 1)], name="once_a_request", unique=True),
    IndexModel(
        [("cart_claim", 1)], name="one_order_a_cart", unique=True, partialFilterExpression={"cart_claim": {"$gt": ""}}
    ),
    IndexModel([("customer_id", 1), ("state", 1), ("_id", -1)], name="of_a_customer"),
    IndexModel([("state", 1), ("_id", -1)], name="by_state"),
    IndexModel([("due_at", 1)], name="due", partialFilterExpression=_DUE),
    # Empty for most orders, which are in none of these.
    IndexModel(
        [("channel", 1), ("state", 1), ("_id", -1)], name="of_a_channel", partialFilterExpression=_SET["channel"]
    ),
    IndexModel([("nudge_at", 1)], name="to_nudge", partialFilterExpression={"nudge_at": {"$gt": EPOCH}}),
    *(
        IndexModel([(name, 1)], name=name, partialFilterExpression=_SET[name])
        for name in ("channel_order_id", "purchase_order", "erp_number")
    ),
    IndexModel([("uncounted", 1)], name="uncounted", partialFilterExpression={"uncounted": True}),
    *due_indexes("ship_clock"),
    IndexModel([("rank", 1)], name="worklist", partialFilterExpression={"state": "paid", "rank": {"$gt": ""}}),
    IndexModel(
        [("classes", 1), ("rank", 1)],
        name="worklist_of_a_class",
        partialFilterExpression={"state": "paid", "classes": {"$gt": ""}},
    ),
    # For who has ordered before: businesses are few.
    IndexModel(
        [("account_id", 1), ("state", 1)], name="of_an_account", partialFilterExpression={"account_id": {"$gt": ""}}
    ),
    IndexModel(
        [("ship_clock.policy", 1), ("_id", 1)],
        name="at_risk",
        partialFilterExpression={"ship_clock.terms": {"$gt": 0}, "ship_clock.warned_at": {"$gt": EPOCH}},
    ),
    IndexModel(
        [("preorder.next_at", 1)], name="preorders", partialFilterExpression={"preorder.next_at": {"$gt": EPOCH}}
    ),
    IndexModel([("pickup.next_at", 1)], name="pickups_due", partialFilterExpression={"pickup.next_at": {"$gt": EPOCH}}),
    IndexModel(
        [("pickup.state", 1), ("store", 1), ("_id", 1)],
        name="pickups",
        partialFilterExpression={"pickup.state": {"$exists": True}},
    ),
    IndexModel([("money_due_at", 1)], name="money_due", partialFilterExpression={"money_due_at": {"$gt": EPOCH}}),
]
RETURNS = [
    IndexModel([("request_id", 1)], name="once_a_request", unique=True),
    IndexModel([("customer_id", 1), ("state", 1), ("_id", -1)], name="of_a_customer"),
    IndexModel([("state", 1), ("_id", -1)], name="by_state"),
    IndexModel([("due_at", 1)], name="due", partialFilterExpression=_DUE),
    IndexModel([("order_id", 1), ("_id", -1)], name="of_an_order"),
    IndexModel([("follow_up", 1)], name="follow_up", partialFilterExpression={"follow_up": {"$gt": ""}}),
    *due_indexes("review_clock"),
]


class Keeping:
    """The collections all wings know."""

    def __init__(self, ground: Ground[Any]) -> None:
        self.carts: Store[Cart] = ground.store("carts", Cart, CARTS)
        self.orders: Store[Order] = ground.store("orders", Order, ORDERS)
        self.returns: Store[Return] = ground.store("returns", Return, RETURNS)
        self.terms: Store[Revision] = ground.store("sla_terms", Revision)
        self._turnstile: Turnstile = ground.turnstile
        self._client = ground.database.client

    async def upsert_cart(
        self, where: Mapping[str, Any], update: Mapping[str, Any], on_insert: Mapping[str, Any]
    ) -> Cart | None:
        """One atomic write of a cart that may not be there yet; None when it is there and `where` does not hold."""
        whole = {**update, "$inc": {"version": 1}, "$setOnInsert": dict(on_insert)}
        try:
            return await self._write_cart(where, whole, upsert=True)
        except DuplicateKeyError:
            # It is there: either the condition does not hold, or somebody made it in this very moment.
            whole.pop("$setOnInsert")
            return await self._write_cart(where, whole, upsert=False)

    async def _write_cart(self, where: Mapping[str, Any], update: Mapping[str, Any], *, upsert: bool) -> Cart | None:
        async with self._turnstile.writes:
            document = await self.carts.collection.find_one_and_update(
                where, update, upsert=upsert, return_document=ReturnDocument.AFTER
            )
        return self.carts.decode(document) if document else None

    async def states_of(self, order_ids: Sequence[str]) -> dict[str, str]:
        """The states of those of these orders that exist, in one read."""
        wanted = {"_id": {"$in": list(order_ids)}}
        async with self._turnstile.reads:
            documents = await self.orders.collection.find(wanted, {"state": 1}).to_list(len(order_ids))
        return {document["_id"]: document["state"] for document in documents}

    async def together(self, write: Callable[[Any], Awaitable[None]]) -> None:
        """Several writes or none; begun again when another transaction was in the way."""
        await together(self._client, write)
