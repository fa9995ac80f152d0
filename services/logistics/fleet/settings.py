"""This is where it stands by which rules the fleet is planned and sent. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FleetRules:
    """`hours` are those of a parcel without a window; `km_h` an average with all its lights and turns; `service_s` at a
    door; `vehicle_metres` what sending one more vehicle is worth; `attempts` at a door before a parcel is given up."""

    zone: str = "Asia/Shanghai"
    hours: tuple[str, str] = ("09:00", "21:00")
    km_h: float = 20.0
    service_s: int = 300
    vehicle_metres: int = 5_000
    plan_limit_s: float = 10.0
    attempts: int = 3
