"""This is where the partners' wing is put together."""

from shop.logistics.v1 import partner_keys_pb2_grpc, partner_parcels_pb2_grpc, webhooks_pb2_grpc
from shop.logistics.v1.events_pb2 import (
    ReturnParcelBooked,
    ReturnPickupChanged,
    ShipmentCancelled,
    ShipmentPlanned,
    ShipmentReaddressed,
    ShipmentRerouted,
)

from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.logistics.core import Core
from services.logistics.key_uses import KeyUse
from services.logistics.settings import LogisticsSettings

from . import store
from .api import PartnerKeysApi, PartnerParcelsApi, WebhooksApi
from .deliveries import Deliveries, Delivery
from .endpoints import Endpoint, Endpoints
from .keys import PartnerKeys
from .measures import WebhookMetrics
from .messages import rehearsed_address
from .neighbours import HttpPost
from .news import News
from .parcels import PartnerParcels
from .posting import Posting
from .reach import Reach
from .rehearsal import Rehearsal

_MEASURED_S = 15.0


def rehearsal(core: Core) -> Rehearsal:
    """The sandbox's magic parcels."""
    return Rehearsal(core.clock, rehearsed_address(core.seal))


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """Keys, parcels and webhooks, on the ground of logistics."""
    clock, reach = core.clock, Reach(core.settings.development)
    uses = ground.store("carrier_key_uses", KeyUse, store.KEY_USES)
    kept = ground.store("webhook_deliveries", Delivery, store.DELIVERIES)
    endpoints = Endpoints(ground.store("webhook_endpoints", Endpoint, store.ENDPOINTS), reach, core.seal, clock)
    deliveries = Deliveries(kept, endpoints, clock)
    keys = PartnerKeys(core.keys, uses, store.written_down(uses, core.keys.kept), clock)
    parcels = PartnerParcels(core.kept, core.shipments, rehearsal(core))
    metrics, post = WebhookMetrics(ground.metrics), HttpPost(reach, clock)
    posting = Posting(kept, endpoints, post, clock, metrics.count)
    ground.closing += [posting.drained, post.close]
    news, waiting = News(core.kept, endpoints, deliveries), store.waiting_since(kept)

    async def measure() -> None:
        metrics.show(*await waiting(), clock.now().timestamp())

    return Service(
        answers=_doors(
            PartnerKeysApi(keys),
            PartnerParcelsApi(core.keys, parcels),
            WebhooksApi(core.keys, endpoints, deliveries),
        ),
        hears=_hears(news),
        chores=[
            Chore(core.settings.webhooks_every_s, posting.start_due),
            Chore(core.settings.key_uses_every_s, keys.write_down),
            Chore(_MEASURED_S, measure),
        ],
    )


def _hears(news: News) -> Hears:
    return Hears(
        own={
            ShipmentPlanned: news.on_planned,
            ShipmentReaddressed: news.on_readdressed,
            ShipmentRerouted: news.on_rerouted,
            ShipmentCancelled: news.on_cancelled,
            ReturnParcelBooked: news.on_return_booked,
            ReturnPickupChanged: news.on_pickup_changed,
        }
    )


def _doors(keys: PartnerKeysApi, parcels: PartnerParcelsApi, webhooks: WebhooksApi) -> list[Answers]:
    v1 = "shop.logistics.v1"
    return [
        Answers(f"{v1}.PartnerKeysService", partner_keys_pb2_grpc.add_PartnerKeysServiceServicer_to_server, keys),
        Answers(
            f"{v1}.PartnerParcelsService",
            partner_parcels_pb2_grpc.add_PartnerParcelsServiceServicer_to_server,
            parcels,
        ),
        Answers(f"{v1}.WebhooksService", webhooks_pb2_grpc.add_WebhooksServiceServicer_to_server, webhooks),
    ]
