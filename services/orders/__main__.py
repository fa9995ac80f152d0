"""This is where `python -m services.orders` begins."""

from services.kit.service import run
from services.orders.service import SETTINGS, build

if __name__ == "__main__":
    run("orders", build, SETTINGS)
