"""This is where simulations become protobuf messages."""

from shop.marketing.v1 import simulations_pb2 as pb

from services.kit.clock import rfc3339
from services.marketing.jobs import Job

from .replaying import SUMS


def simulation(job: Job) -> pb.Simulation:
    """A simulation and what it says so far."""
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for key, value in job.counts.items():
        day, currency, name = key.split("|")
        rows.setdefault((day, currency), {})[name] = value
    sums = [
        pb.SimulatedSums(day=day, currency=currency, **{name: values.get(name, 0) for name in SUMS})
        for (day, currency), values in sorted(rows.items())
    ]
    return pb.Simulation(
        id=job.id,
        state=job.state.value,
        done=job.done,
        total=job.total,
        detail=job.detail,
        totals=[each for each in sums if not each.day],
        days=[each for each in sums if each.day],
        created_at=rfc3339(job.created_at),
    )
