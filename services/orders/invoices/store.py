"""This is where invoices get their indexes."""

from pymongo import IndexModel

INVOICES = [
    IndexModel([("book", 1), ("number", 1)], name="once_a_number", unique=True),
    IndexModel(
        [("order_claim", 1)],
        name="one_in_force_an_order",
        unique=True,
        partialFilterExpression={"order_claim": {"$gt": ""}},
    ),
    IndexModel(
        [("refund_id", 1), ("reverses", 1)],
        name="once_a_refund",
        unique=True,
        partialFilterExpression={"refund_id": {"$gt": ""}},
    ),
    IndexModel([("order_id", 1)], name="of_an_order"),
    IndexModel([("period", 1), ("_id", -1)], name="of_a_period"),
]
