"""This is where marketing starts: `python -m services.marketing`."""

from services.kit.service import run
from services.marketing.service import SETTINGS, build

if __name__ == "__main__":
    run("marketing", build, SETTINGS)
