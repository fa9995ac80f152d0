"""This is where it stands who may have addresses judged."""

from gateway.access import SHOWN_TO_ALL, Access

BORDERS: dict[tuple[str, str], Access] = {
    ("POST", "/v1/addresses/validations"): SHOWN_TO_ALL,
}
