"""This is where the payments wing is put together."""

from typing import Any

from shop.orders.v1 import payment_methods_pb2_grpc, payments_pb2_grpc

from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core

from . import store
from .api import PaymentMethodsApi, PaymentsApi
from .asking import Asking
from .attending import Attending
from .inbox import Inbox, Webhook
from .outcomes import Outcomes
from .reconciling import Reconciling

_ROUND_S = 1.0


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    orders, clock = core.keeping.orders, core.clock
    webhooks = ground.store("payment_webhooks", Webhook, store.WEBHOOKS)
    heard = ground.metrics.counter(
        "shop_payment_webhooks_total", "Payment webhooks, by what came of them.", ("outcome",)
    )
    reconciling = Reconciling(core.moving, core.provider, clock)
    outcomes = Outcomes(
        orders, core.orders, core.saga, core.undoing, core.provider, core.moving, reconciling, clock, core.count
    )
    inbox = Inbox(
        webhooks, outcomes.told, core.settings.psp_webhook_secret, clock, lambda state: heard.labels(state).inc()
    )
    attending = Attending(orders, core.moving, clock)
    core.fulfilment.unpaid.append(attending.parcel)
    return Service(
        answers=[
            Answers(
                "shop.orders.v1.PaymentsService",
                payments_pb2_grpc.add_PaymentsServiceServicer_to_server,
                PaymentsApi(outcomes, inbox, core.orders, Asking(core.orders, core.moving), core.seal),
            ),
            Answers(
                "shop.orders.v1.PaymentMethodsService",
                payment_methods_pb2_grpc.add_PaymentMethodsServiceServicer_to_server,
                PaymentMethodsApi(core.methods, core.carts, core.till),
            ),
        ],
        chores=[Chore(_ROUND_S, attending.round)],
    )
