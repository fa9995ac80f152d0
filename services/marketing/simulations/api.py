"""This is where calls about simulations come in over gRPC."""

from typing import Any

from shop.marketing.v1 import simulations_pb2 as pb
from shop.marketing.v1 import simulations_pb2_grpc

from services.kit.clock import Clock
from services.kit.errors import FieldError
from services.marketing.coupons import Coupon
from services.marketing.messages.coupons import coupon_from
from services.marketing.messages.promotions import promotion_from
from services.marketing.promotions import Promotion

from .messages import simulation
from .simulations import InvalidSimulation, Simulations

_TRIED = "prm_simulated"


class SimulationsApi(simulations_pb2_grpc.SimulationsServiceServicer):
    """Simulations."""

    def __init__(self, simulations: Simulations, clock: Clock) -> None:
        self._simulations, self._clock = simulations, clock

    async def StartSimulation(self, request: pb.StartSimulationRequest, context: Any) -> pb.StartSimulationResponse:
        """Begins one."""
        job = await self._simulations.start(self._rule(request), request.days, request.by, request.request_id)
        return pb.StartSimulationResponse(simulation=simulation(job))

    async def GetSimulation(self, request: pb.GetSimulationRequest, context: Any) -> pb.GetSimulationResponse:
        """How far it is."""
        return pb.GetSimulationResponse(simulation=simulation(await self._simulations.get(request.id)))

    def _rule(self, request: pb.StartSimulationRequest) -> Promotion | Coupon:
        now = self._clock.now()
        if request.HasField("promotion") == request.HasField("coupon"):
            raise InvalidSimulation(errors=[FieldError("", "either a promotion or a coupon")])
        if request.HasField("coupon"):
            return coupon_from(request.coupon, request.by, now)
        promotion = promotion_from(request.promotion, request.by, now)
        promotion.id = _TRIED
        return promotion
