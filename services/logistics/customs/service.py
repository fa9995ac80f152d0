"""This is where the customs wing is put together."""

from shop.logistics.v1 import customs_pb2_grpc

from services.kit.clock import Clock
from services.kit.service import Answers, Ground, Service
from services.logistics.core import Core
from services.logistics.settings import LogisticsSettings

from .api import CustomsApi
from .clearance import Clearance
from .duties import Duties, DutyTable
from .goods import CustomsGoods, Goods
from .papers import Papers
from .restrictions import Restriction, Restrictions


def clearance(ground: Ground[LogisticsSettings], clock: Clock) -> Clearance:
    """What judges crossings; planning asks it too."""
    return Clearance(
        ground.settings.home_country,
        CustomsGoods(ground.store("customs_goods", Goods), clock),
        Restrictions(ground.store("customs_restrictions", Restriction), clock),
        Duties(ground.store("customs_duties", DutyTable)),
    )


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """Customs, on the ground of logistics."""
    papers = Papers(core.shipments, core.warehouses, core.labels, core.clearance.goods, core.clearance)
    name, add = "CustomsService", customs_pb2_grpc.add_CustomsServiceServicer_to_server
    return Service(answers=[Answers(f"shop.logistics.v1.{name}", add, CustomsApi(core.clearance, papers))])
