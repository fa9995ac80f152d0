"""This is where the metrics service starts: `python -m services.metrics`."""

from services.kit.service import run

from .service import SETTINGS, build

if __name__ == "__main__":
    run("metrics", build, SETTINGS)
