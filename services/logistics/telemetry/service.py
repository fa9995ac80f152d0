"""This is where devices on the way are put together."""

from shop.logistics.v1 import telemetry_pb2_grpc
from shop.logistics.v1.events_pb2 import ConditionAlert

from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.logistics.core import Core
from services.logistics.settings import LogisticsSettings

from .api import TelemetryApi
from .devices import Device, Devices
from .judging import Reading
from .neighbours import parcel_feed
from .readings import Readings
from .rules import Rule, Rules
from .store import READINGS, TRACKS, keep_readings
from .tracks import Track, Tracks

_SILENCE_S = 5.0


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """The map."""
    devices = Devices(ground.store("devices", Device), core.clock)
    rules = Rules(ground.store("condition_rules", Rule))
    tracks = Tracks(ground.store("tracks", Track, TRACKS), core.kept, rules, core.clock)
    keep = keep_readings(ground.store("parcel_readings", Reading, READINGS))
    readings = Readings(devices, tracks, keep, core.clock)
    name, add = "TelemetryService", telemetry_pb2_grpc.add_TelemetryServiceServicer_to_server
    api = TelemetryApi(devices, rules, tracks, readings, core.alerts)
    return Service(
        answers=[Answers(f"shop.logistics.v1.{name}", add, api)],
        hears=Hears(own={ConditionAlert: core.alerts.on_condition_alert}),
        feeds=[parcel_feed(readings)],
        chores=[Chore(_SILENCE_S, tracks.strike)],
    )
