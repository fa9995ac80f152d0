"""This is where it stands what logistics needs to know beside what every service does."""

from typing import ClassVar

from services.kit.settings import Settings


class LogisticsSettings(Settings):
    """Beside what every service needs: the sandbox carrier's key, and how often exceptions are tried again."""

    SECRETS: ClassVar[tuple[str, ...]] = ("seal_key", "carrier_secret")

    carrier_key: str = "dev-carrier"
    carrier_secret: str = "whsec_ZGV2LWNhcnJpZXItc2VjcmV0LTAwMDAwMDAwMDAwMA=="  # noqa: S105 development only, refused elsewhere
    exceptions_again_s: float = 15.0
