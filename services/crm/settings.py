"""This is where crm's own settings are named; each is an environment variable of the same name in capitals."""

from typing import ClassVar

from services.kit.settings import Settings

DEVELOPMENT_TOKEN_KEY = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIF1pE79os8xXVDGO1ODEkvV2p0NhkTDIpjIMckoB0+nD
-----END PRIVATE KEY-----
"""  # noqa: S105 - everybody's, and refused outside development


class CrmSettings(Settings):
    """What crm needs to know beside what every service does. Amounts are minor units of `tier_currency`."""

    SECRETS: ClassVar[tuple[str, ...]] = (*Settings.SECRETS, "token_key", "owner_password")

    token_key: str = DEVELOPMENT_TOKEN_KEY  # Ed25519 private key, PEM
    previous_token_key: str = ""  # the one before, PEM: its tokens are good until they end by themselves
    owner_email: str = "owner@example.com"
    owner_password: str = "open-sesame-dev"  # noqa: S105 - as above
    customer_idle_days: int = 30
    staff_idle_minutes: int = 480  # a laptop should not ask all day; 15 suits production
    minor_per_point: int = 100  # one point for so many minor units of goods
    points_days: int = 365
    tier_currency: str = "CNY"
    tier_silver_minor: int = 100_000
    tier_gold_minor: int = 500_000
    tier_platinum_minor: int = 2_000_000
