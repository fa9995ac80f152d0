"""This is where it is told whether the gateway lives and whether it can serve."""

import orjson
from fastapi import Request, Response

from gateway.answers import answer
from gateway.described import feature, shown
from gateway.problems import problem

router = feature("operations")


@router.get("/healthz", summary="Whether the process lives", responses=shown({"status": "ok"}))
async def get_health() -> Response:
    """That this answers says the loop turns; nothing else is looked at, so that a neighbour's outage restarts nobody."""
    return Response(orjson.dumps({"status": "ok"}), media_type="application/json")


@router.get("/readyz", summary="Whether it can serve", responses=shown({"status": "ready"}, "NOT_READY"))
async def get_readiness(request: Request) -> Response:
    """Ready is: not draining, and every service says it is serving."""
    gateway = request.app.state.gateway
    missing = ["gateway (draining)"] if not gateway.ready else await gateway.neighbours.missing()
    if missing:
        return problem(request, "NOT_READY", context={"missing": ", ".join(missing)})
    return answer({"status": "ready"})
