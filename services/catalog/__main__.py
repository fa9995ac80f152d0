"""This is where the catalog service starts: `python -m services.catalog`."""

from services.catalog.service import SETTINGS, build
from services.kit.service import run

if __name__ == "__main__":
    run("catalog", build, SETTINGS)
