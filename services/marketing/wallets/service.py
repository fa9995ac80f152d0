"""This is where the wing of vouchers is put together."""

from typing import Any

from shop.marketing.v1 import wallets_pb2_grpc

from services.kit.service import Answers, Ground, Service
from services.marketing.core import Core
from services.marketing.settings import MarketingSettings

from .api import WalletsApi
from .batches import Batches
from .claims import Claims
from .grants import AgentDay, Grants
from .messages import voucher_granted
from .store import ManyVouchers
from .wallet import Wallet


def build(ground: Ground[Any], core: Core) -> Service:
    """Batches, claims, grants, wallets."""
    settings: MarketingSettings = ground.settings
    issued, clock = core.issued, core.clock
    api = WalletsApi(
        Batches(core.jobs, core.coupons, issued, ManyVouchers(issued), clock),
        Claims(core.counts, core.coupons, issued, clock, voucher_granted),
        Grants(
            ground.store("agent_days", AgentDay),
            core.coupons,
            issued,
            clock,
            voucher_granted,
            settings.grants_a_day,
            settings.granted_minor_a_day,
        ),
        Wallet(issued, core.counts, clock),
    )
    return Service(
        answers=[
            Answers("shop.marketing.v1.WalletsService", wallets_pb2_grpc.add_WalletsServiceServicer_to_server, api)
        ]
    )
