"""This is where logistics starts: `python -m services.logistics`."""

from services.kit.service import run

from .service import SETTINGS, build

if __name__ == "__main__":
    run("logistics", build, SETTINGS)
