"""This is where the sandbox payment provider starts: `python -m deploy.sandbox.psp`, until SIGTERM."""

import logging

import uvloop

from deploy.sandbox.psp.server import serve_until_told_to_stop
from deploy.sandbox.psp.settings import PspSettings

if __name__ == "__main__":
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s psp %(message)s")
    uvloop.run(serve_until_told_to_stop(PspSettings.from_environment()))
