"""This is where it stands what orders needs to know beside what every service does."""

from typing import ClassVar

from services.kit.settings import Settings


class OrdersSettings(Settings):
    """Whose money it is, and what a point is worth."""

    SECRETS: ClassVar[tuple[str, ...]] = ("seal_key", "psp_secret", "psp_webhook_secret")

    psp_url: str = "http://127.0.0.1:7050"
    psp_secret: str = "psp-development-secret"  # noqa: S105 - refused outside development
    psp_webhook_secret: str = "whsec_cHNwLWRldmVsb3BtZW50LXdlYmhvb2stc2VjcmV0"  # noqa: S105
    psp_fee_bp: int = 60  # what the provider keeps of a capture, in hundredths of a percent; -1: nobody has said
    point_value_minor: int = 1  # what a point pays, in minor units of whatever currency
    home_country: str = "CN"  # where customs is not in between
    time_zone: str = "Asia/Shanghai"  # where the shop is: days after delivery are counted there
