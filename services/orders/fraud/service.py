"""This is where the fraud wing is put together."""

from typing import Any

from shop.orders.v1 import fraud_pb2_grpc
from shop.orders.v1.events_pb2 import CheckoutRefused, OrderCancelled, OrderPaid, OrderReleased

from services.kit.computing import apart
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core

from .api import FraudApi
from .hearing import Hearing
from .listings import Listings
from .marks import Marker
from .nightly import Compute, Nightly
from .policy import Policies
from .reports import Reports
from .reviews import Hands, Reviews
from .screening import Models, Screening
from .store import Keeping
from .trails import Trails

_LOOK_S, _ROUND_S, _NIGHT_S = 5.0, 2.0, 60.0


def build(ground: Ground[Any], core: Core, compute: Compute = apart) -> Service:
    """The map."""
    orders, clock, settings = core.keeping.orders, core.clock, core.settings
    keeping, marker, models = Keeping(ground, orders, clock), Marker(settings.seal_key), Models()
    # A laptop's tests and benches all pay with one card from one address: there it only watches, until staff say else.
    policies = Policies(keeping.policies, clock, "observe" if settings.development else "enforce")
    listings = Listings(keeping.trails, keeping, orders, marker, clock)
    reports = Reports(keeping.reports, orders, listings, clock)
    reviews = Reviews(keeping.reviews, Hands(core.holding, core.cancellation, listings, reports), clock)
    decisions = ground.metrics.counter(
        "shop_fraud_decisions_total", "Checkouts scored, by what followed.", ("outcome",)
    )
    unscored = ground.metrics.counter("shop_fraud_unscored_total", "Checkouts that passed without a score.", ("why",))
    core.screens.all.append(
        Screening(
            Trails(keeping),
            marker,
            models,
            policies,
            reviews.block,
            core.seal,
            clock,
            lambda outcome: decisions.labels(outcome).inc(),
            lambda why: unscored.labels(why).inc(),
        ).screen
    )
    hearing = Hearing(orders, keeping, reviews)
    nightly = Nightly(keeping, keeping.policies, keeping.models, policies, models, clock, compute)
    return Service(
        answers=[
            Answers(
                "shop.orders.v1.FraudService",
                fraud_pb2_grpc.add_FraudServiceServicer_to_server,
                FraudApi(reviews, reports, listings, policies, models, clock),
            )
        ],
        hears=Hears(
            own={
                OrderPaid: hearing.on_order_paid,
                CheckoutRefused: hearing.on_checkout_refused,
                OrderReleased: hearing.on_order_released,
                OrderCancelled: hearing.on_order_cancelled,
            }
        ),
        chores=[Chore(_LOOK_S, nightly.look), Chore(_ROUND_S, reviews.round), Chore(_NIGHT_S, nightly.round)],
        before=[nightly.look],
    )
