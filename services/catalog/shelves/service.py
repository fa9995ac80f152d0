"""This is where the shelves are put together."""

from typing import Any

from shop.catalog.v1 import classes_pb2_grpc, grades_pb2_grpc
from shop.catalog.v1.events_pb2 import AvailabilityChanged

from services.catalog.core import Core
from services.catalog.settings import CatalogSettings
from services.catalog.store import keep
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service

from . import store
from .api import ClassesApi, GradesApi
from .classes import Classes, SkuClass
from .grades import Grades
from .stockouts import StockoutDay, Stockouts, Turn

_ROLL_S = 600.0


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    settings: CatalogSettings = ground.settings
    stockouts = Stockouts(
        keep(ground, "turns", Turn, store.TURNS, tells=False),
        keep(ground, "stockouts", StockoutDay, store.STOCKOUTS, tells=False),
        core.clock,
    )
    classes = Classes(
        core.skus,
        core.days,
        keep(ground, "classes", SkuClass, store.CLASSES, tells=False),
        core.jobs,
        settings,
        core.clock,
    )
    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.GradesService",
                grades_pb2_grpc.add_GradesServiceServicer_to_server,
                GradesApi(Grades(core.stock)),
            ),
            Answers(
                "shop.catalog.v1.ClassesService",
                classes_pb2_grpc.add_ClassesServiceServicer_to_server,
                ClassesApi(classes),
            ),
        ],
        hears=Hears(own={AvailabilityChanged: stockouts.on_availability_changed}),
        chores=[Chore(_ROLL_S, stockouts.roll), Chore(_ROLL_S, classes.weekly)],
    )
