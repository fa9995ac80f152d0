"""This is where the yardstick stands: a bare FastAPI route that returns ready bytes, on the gateway's own server."""

import os
from pathlib import Path

from fastapi import FastAPI, Response

BODY = Path(os.environ.get("BARE_BODY", "/dev/null")).read_bytes()

app = FastAPI()


@app.get("/v1/products")
async def products() -> Response:
    """The same bytes, and nothing else."""
    return Response(BODY, media_type="application/json")
