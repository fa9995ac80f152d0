"""This is where it stands what marketing needs to know beside what every service does."""

from services.kit.settings import Settings


class MarketingSettings(Settings):
    """How much one member of staff may grant to customers a day (UTC): vouchers, and minor units they are worth."""

    grants_a_day: int = 30
    granted_minor_a_day: int = 200_000
