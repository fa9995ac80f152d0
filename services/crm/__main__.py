"""This is where crm runs: `python -m services.crm`."""

from services.kit.service import run

from .service import SETTINGS, build

if __name__ == "__main__":
    run("crm", build, SETTINGS)
