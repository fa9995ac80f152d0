"""This is where calls about devices on the way come in."""

from typing import Any

from shop.logistics.v1 import telemetry_pb2 as pb
from shop.logistics.v1 import telemetry_pb2_grpc

from . import messages
from .alerts import Alerts
from .devices import Devices
from .readings import Readings
from .rules import Rules
from .tracks import Tracks


class TelemetryApi(telemetry_pb2_grpc.TelemetryServiceServicer):
    """Answers shop.logistics.v1.TelemetryService."""

    def __init__(self, devices: Devices, rules: Rules, tracks: Tracks, readings: Readings, alerts: Alerts) -> None:
        self._devices, self._rules, self._tracks = devices, rules, tracks
        self._readings, self._alerts = readings, alerts

    async def RegisterDevice(self, request: pb.RegisterDeviceRequest, context: Any) -> pb.RegisterDeviceResponse:
        """A new device and its secret."""
        device, secret = await self._devices.register(request.title)
        return pb.RegisterDeviceResponse(device=messages.device_message(device), secret=secret)

    async def BindDevice(self, request: pb.BindDeviceRequest, context: Any) -> pb.BindDeviceResponse:
        """What it travels with."""
        bound = await self._devices.bind(request.id, request.kind, request.bound_to, request.active)
        return pb.BindDeviceResponse(device=messages.device_message(bound))

    async def ListDevices(self, request: pb.ListDevicesRequest, context: Any) -> pb.ListDevicesResponse:
        """The devices."""
        found, after = await self._devices.page(request.page.limit, request.page.cursor)
        return pb.ListDevicesResponse(devices=[messages.device_message(one) for one in found], next_cursor=after)

    async def RecordParcelReadings(
        self, request: pb.RecordParcelReadingsRequest, context: Any
    ) -> pb.RecordParcelReadingsResponse:
        """What a device says."""
        answers = await self._readings.record(messages.batch(request))
        rows = [pb.ParcelReadingAnswer(outcome=one.outcome.value, detail=one.detail) for one in answers]
        return pb.RecordParcelReadingsResponse(answers=rows)

    async def PutConditionRule(self, request: pb.PutConditionRuleRequest, context: Any) -> pb.PutConditionRuleResponse:
        """A rule."""
        kept = await self._rules.put(messages.rule(request.rule))
        return pb.PutConditionRuleResponse(rule=messages.rule_message(kept))

    async def ListConditionRules(
        self, request: pb.ListConditionRulesRequest, context: Any
    ) -> pb.ListConditionRulesResponse:
        """The rules."""
        return pb.ListConditionRulesResponse(rules=[messages.rule_message(one) for one in await self._rules.all()])

    async def ListAlerts(self, request: pb.ListAlertsRequest, context: Any) -> pb.ListAlertsResponse:
        """The alerts."""
        found, after = await self._alerts.page(request.open, request.target, request.page.limit, request.page.cursor)
        return pb.ListAlertsResponse(alerts=[messages.alert_message(one) for one in found], next_cursor=after)

    async def GetTrack(self, request: pb.GetTrackRequest, context: Any) -> pb.GetTrackResponse:
        """A track."""
        return pb.GetTrackResponse(track=messages.track_message(await self._tracks.get(request.target)))
