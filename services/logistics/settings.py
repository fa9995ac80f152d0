"""This is where it stands what logistics needs to know beside what every service does."""

from typing import ClassVar

from services.kit.settings import Settings


class LogisticsSettings(Settings):
    """Beside what every service needs: the sandbox carrier's key, and how often its chores are done."""

    SECRETS: ClassVar[tuple[str, ...]] = ("seal_key", "carrier_secret")

    carrier_key: str = "dev-carrier"
    carrier_secret: str = "whsec_ZGV2LWNhcnJpZXItc2VjcmV0LTAwMDAwMDAwMDAwMA=="  # noqa: S105 development only, refused elsewhere
    pickups_missed_s: float = 30.0
    time_zone: str = "Asia/Shanghai"  # where carriers come
    home_country: str = "CN"  # where customs is not in between
    exceptions_again_s: float = 15.0
    webhooks_every_s: float = 1.0  # how often it is looked which deliveries are due
    key_uses_every_s: float = 5.0  # how often it is written down what carriers asked
    quality_watch_s: float = 60.0  # how often it is looked whether fewer complain
    carrier_on_time_target: float = 0.9  # a carrier under it (28 days, drawn toward the mean) raises an alert
    fleet_zone: str = "Asia/Shanghai"  # whose days and hours riders go by
    fleet_km_h: float = 20.0  # a rider's average with all lights and turns
    fleet_plan_limit_s: float = 10.0  # a day is planned in at most so long
    fleet_work_s: float = 1.0  # how often it is looked whether a plan waits
    slots_swept_s: float = 30.0  # how often places in delivery windows are looked for that nobody needs
    fleet_attempts: int = 3  # so often at a door, then back to the depot for good
    lookout_s: float = 60.0  # how often parcels that stand still are looked for
    track_again_s: float = 1800.0  # how often a carrier that does not tell is asked about a parcel
    sf_url: str = ""  # a stand-in for SF's interface; else by the connection's environment
    zto_url: str = ""
