"""This is where devices speak to logistics: who may, what is kept, what begins and ends an alert."""

import random
from datetime import timedelta
from typing import Any

import pytest
from shop.logistics.v1 import telemetry_pb2 as pb
from shop.logistics.v1 import telemetry_pb2_grpc
from shop.logistics.v1.events_pb2 import ConditionAlert

from services.kit.clock import rfc3339
from services.kit.errors import Invalid, NotFound, NotSignedIn
from services.kit.rpc import call
from services.kit.store import Store
from services.logistics.shipments import Shipment
from services.logistics.telemetry.rules import Rule, Rules
from services.logistics.telemetry.tracks import Track, Tracks
from tests.house import House, Started
from tests.logistics.neighbourhood import opened
from tests.logistics.test_shipments import Desk


class Logger:
    """A device bound to a parcel."""

    def __init__(self, house: House, logistics: Started) -> None:
        self.house, self.stub = house, telemetry_pb2_grpc.TelemetryServiceStub(logistics.channel)

    async def bound(self, to: str, kind: str = "shipment") -> "Logger":
        made = await call(self.stub.RegisterDevice, pb.RegisterDeviceRequest(title="Logger"))
        self.id, self.secret, self.target = made.device.id, made.secret, f"{kind}:{to}"
        await call(self.stub.BindDevice, pb.BindDeviceRequest(id=self.id, kind=kind, bound_to=to, active=True))
        return self

    def said(self, seq: int, **values: float) -> pb.ParcelReading:
        at = self.house.clock.now() - timedelta(hours=1) + timedelta(minutes=seq)
        return pb.ParcelReading(seq=seq, at=rfc3339(at), **values)

    async def says(self, *readings: pb.ParcelReading, **other: str) -> list[str]:
        who: dict[str, Any] = {"device_id": self.id, "secret": self.secret} | other
        request = pb.RecordParcelReadingsRequest(readings=readings, **who)
        return [one.outcome for one in (await call(self.stub.RecordParcelReadings, request)).answers]

    async def alerts(self, **which: Any) -> list[pb.Alert]:
        await self.house.settled()
        return list((await call(self.stub.ListAlerts, pb.ListAlertsRequest(**which))).alerts)

    async def ruled(self, **rule: Any) -> None:
        asked = pb.PutConditionRuleRequest(rule=pb.ConditionRule(**{"active": True, "keep_in": True} | rule))
        await call(self.stub.PutConditionRule, asked)


async def started(house: House) -> tuple[Logger, str, Started]:
    logistics, _ = await opened(house)
    (parcel,) = await Desk(house, logistics).planned(TEA=1)
    return await Logger(house, logistics).bound(parcel.id), parcel.id, logistics


async def test_an_alert_begins_once_and_ends_and_repeated_readings_change_nothing(house: House) -> None:
    logger, parcel, _ = await started(house)
    await logger.ruled(id="cold", kind="temperature", low=2, high=8, margin=1, settle_s=60, skus=["TEA"])
    await logger.ruled(id="other", kind="temperature", high=0, skus=["CUP"])
    way = [logger.said(n, temperature_c=t) for n, t in enumerate([5, 9, 10, 7.5, 5, 9, 5, 5, 5])]
    assert await logger.says(*way[:3]) == ["accepted"] * 3
    shuffled = random.Random(1).sample(way, len(way))
    assert sorted(await logger.says(*shuffled)) == ["accepted"] * 6 + ["duplicate"] * 3
    assert await logger.says(*way, way[0]) == ["duplicate"] * 10
    (alert,) = await logger.alerts()
    assert (alert.rule, alert.value, alert.open, alert.target) == ("cold", 9, False, f"shipment:{parcel}")
    begun, over = house.told(ConditionAlert)
    assert (begun.alert_id, begun.closed_at, over.alert_id) == (alert.id, "", alert.id)
    assert over.closed_at == way[7].at  # a minute within the bounds, and well within
    track = (await call(logger.stub.GetTrack, pb.GetTrackRequest(target=logger.target))).track
    assert [point.temperature_c for point in track.points] == [5, 9, 10, 7.5, 5, 9, 5, 5, 5]
    # What comes late is kept and begins nothing.
    late = pb.ParcelReading(seq=99, at=way[0].at, temperature_c=30)
    assert await logger.says(late) == ["accepted"]
    assert len(await logger.alerts()) == 1


async def test_only_a_device_with_its_own_secret_is_heard_and_only_while_it_is_bound(house: House) -> None:
    logger, parcel, logistics = await started(house)
    other = await Logger(house, logistics).bound("VAN-1", "vehicle")
    one = logger.said(1, temperature_c=5)
    for wrong in ({"secret": "guess"}, {"secret": ""}, {"secret": other.secret}, {"device_id": "dev_none"}):
        with pytest.raises(NotSignedIn) as refused:
            await logger.says(one, **wrong)
        assert refused.value.reason == "DEVICE_KEY_WRONG"
    assert await other.says(one) == ["accepted"]  # the same number, of another device
    bind = pb.BindDeviceRequest(id=logger.id, active=True)
    device = (await call(logger.stub.BindDevice, bind)).device
    assert (device.kind, device.bound_to) == ("", "")
    assert await logger.says(one) == ["refused"]
    await call(logger.stub.BindDevice, pb.BindDeviceRequest(id=logger.id, kind="shipment", bound_to=parcel))
    with pytest.raises(NotSignedIn):  # it was put out of use
        await logger.says(one)
    with pytest.raises(NotFound):
        await call(logger.stub.BindDevice, pb.BindDeviceRequest(id="dev_none"))
    with pytest.raises(Invalid):
        await call(logger.stub.BindDevice, pb.BindDeviceRequest(id=logger.id, kind="ship", bound_to="x"))
    stored = await logistics.ground.database["devices"].find_one({"_id": logger.id})
    assert stored and logger.secret not in str(stored)


async def test_what_cannot_be_is_refused_reading_by_reading(house: House) -> None:
    logger, _, _ = await started(house)
    now = house.clock.now()
    at = {"early": now - timedelta(days=31), "ahead": now + timedelta(minutes=6)}
    wrong = [pb.ParcelReading(seq=1, at=rfc3339(when), humidity=5) for when in at.values()]
    wrong += [pb.ParcelReading(seq=2, at="today", humidity=5), logger.said(3), logger.said(4, latitude=91)]
    wrong += [logger.said(-1, humidity=5), logger.said(5, temperature_c=float("nan"))]
    assert await logger.says(*wrong, logger.said(6, humidity=50)) == ["refused"] * len(wrong) + ["accepted"]
    for count in (0, 101):
        with pytest.raises(Invalid) as refused:
            await logger.says(*[logger.said(1, humidity=5)] * count)
        assert refused.value.reason == "TOO_MANY_READINGS"


async def test_silence_is_told_once_and_ends_with_a_word(house: House) -> None:
    logger, parcel, logistics = await started(house)
    await logger.ruled(id="quiet", kind="silence", high=600)
    await logger.says(logger.said(1, temperature_c=5))
    ground = logistics.ground
    tracks = Tracks(
        Store(ground.database, "tracks", Track, ground.relay),
        Store(ground.database, "shipments", Shipment, ground.relay),
        Rules(Store(ground.database, "condition_rules", Rule, ground.relay)),
        house.clock,
    )
    assert await tracks.strike() == 0
    house.clock.advance(minutes=11)
    await tracks.strike()
    await tracks.strike()
    (alert,) = await logger.alerts(open=True)
    assert (alert.kind, alert.order_id != "") == ("silence", True)
    await logger.says(logger.said(2, temperature_c=5))
    assert await logger.alerts(open=True) == []
    assert len(await logger.alerts(target=f"shipment:{parcel}")) == 1
