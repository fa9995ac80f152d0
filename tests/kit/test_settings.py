"""This is where settings are tested: laptop defaults work, production refuses them."""

import pytest
from pydantic import ValidationError

from services.kit.settings import PORTS, InsecureSettings, Settings


def test_a_laptop_needs_no_settings() -> None:
    settings = Settings()
    assert settings.development
    assert [settings.listen_of(name) for name in PORTS] == [f"127.0.0.1:{port}" for port in PORTS.values()]


def test_production_refuses_development_secrets_and_says_which() -> None:
    with pytest.raises(InsecureSettings, match="SEAL_KEY still has its development value"):
        Settings(shop_env="production")


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().log_level = "DEBUG"
