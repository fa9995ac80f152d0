"""This is where devices are registered by staff, each with a secret of its own, and bound to a parcel or a vehicle."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid, NotFound, NotSignedIn
from services.kit.ids import new_id
from services.kit.store import Store
from services.logistics.words import is_code, is_id, is_text

SHIPMENT, VEHICLE = "shipment", "vehicle"


@dataclass
class Device:
    """A device. `digest` is the SHA-256 of its secret, which nobody can read again; `target` is `shipment:shp_…` or
    `vehicle:…`, empty while it travels with nothing."""

    id: str
    title: str
    digest: str
    created_at: datetime
    target: str = ""
    active: bool = True
    version: int = 0


class DeviceKeyWrong(NotSignedIn):
    """No device of ours shows that secret."""


class DeviceNotFound(NotFound):
    """There is no such device."""


class InvalidDevice(Invalid):
    """Not a device as it is described."""


class Devices:
    """The devices."""

    def __init__(self, kept: Store[Device], clock: Clock) -> None:
        self._kept, self._clock = kept, clock

    async def register(self, title: str) -> tuple[Device, str]:
        """A new one, and its secret, shown this once. Refuses with `InvalidDevice`."""
        if not is_text(title, 100, 1):
            raise InvalidDevice("it needs a title", errors=[FieldError("/title", "1 to 100 printable characters")])
        secret = secrets.token_urlsafe(32)
        device = Device(new_id("dev"), title, _digest(secret), self._clock.now())
        return await self._kept.insert(device), secret

    async def bind(self, key: str, kind: str, to: str, active: bool) -> Device:
        """What it travels with from now on; no kind for nothing. Refuses with `DeviceNotFound`, `InvalidDevice`."""
        fine = {"": not to, SHIPMENT: is_id(to) and to.startswith("shp_"), VEHICLE: is_code(to)}
        if not fine.get(kind, False):
            raise InvalidDevice("it cannot travel with that", errors=[FieldError("/id", "a shipment or a vehicle")])
        values = {"target": f"{kind}:{to}" if kind else "", "active": active}
        bound = await self._kept.change({"_id": key}, {"$set": values}) if is_id(key) else None
        if bound is None:
            raise DeviceNotFound("there is no such device")
        return bound

    async def page(self, limit: int, cursor: str) -> tuple[list[Device], str]:
        """A page of them, the newest first."""
        return await self._kept.page({}, limit, cursor)

    async def known(self, shown: Sequence[tuple[str, str]]) -> list[Device | None]:
        """Each (id, secret) as the device that it is; None where it is none of ours, or no more."""
        found = await self._kept.get_many(sorted({key for key, _ in shown if is_id(key)}))
        return [_if_right(found.get(key), secret) for key, secret in shown]


def _if_right(device: Device | None, secret: str) -> Device | None:
    right = hmac.compare_digest(_digest(secret), device.digest if device else _digest(""))
    return device if device and device.active and right else None


def _digest(secret: str) -> str:
    # A random secret of 256 bits needs no slow hash: it cannot be guessed.
    return hashlib.sha256(secret.encode()).hexdigest()
