"""This is where catalog's own settings are named; each is an environment variable of the same name in capitals."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import field_validator

from services.kit.settings import Settings


class CatalogSettings(Settings):
    """What catalog needs to know beside what every service does. Shares are percent, lines of cover days."""

    SECRETS: ClassVar[tuple[str, ...]] = (*Settings.SECRETS, "device_key")

    device_key: str = "shelf-device-dev"  # what shelf devices show; refused outside development
    abc_a_percent: int = 80  # class A: the SKUs that make the first 80 % of value
    abc_b_percent: int = 95  # class B: those up to 95 %
    class_weeks: int = 52  # of sales that classes look at
    dead_after_days: int = 90  # in stock, and nobody wanted one for so long
    cover_days_a: int = 30  # target cover where nobody said otherwise, by ABC class
    cover_days_b: int = 60
    cover_days_c: int = 90
    low_cover_days: int = 7  # a computed low line is what sells in so many days
    count_every_days_a: int = 30  # a cycle count falls due, by ABC class
    count_every_days_b: int = 90
    count_every_days_c: int = 180
    count_alone_minor: int = 100_000  # differences worth more need a second person, in minor units of each currency
    shelf_tolerance_units: int = 2  # a shelf may differ from the books by so many units,
    shelf_tolerance_percent: int = 5  # or by so much of them if that is more,
    shelf_patience_s: int = 900  # or for so long, before somebody is told
    main_image_white_percent: int = 90  # of the pixels along a main picture's edges, at least
    scarcity_units: int = 50  # from so few units on a page may say how few are left
    sold_days: int = 30  # the sales a page speaks of
    affinity_days: int = 180  # of baskets that are looked at for what is bought together
    shop_timezone: str = "Asia/Shanghai"  # IANA name: where a licence's last day ends
    penalty_warning_points: int = 12
    penalty_suspension_points: int = 24  # from here on its listings are down
    penalty_closure_points: int = 48

    @field_validator("shop_timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        ZoneInfo(name)
        return name
