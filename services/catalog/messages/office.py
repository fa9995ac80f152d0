"""This is where jobs and notices meet protobuf."""

from shop.catalog.v1 import jobs_pb2, notices_pb2

from services.catalog.jobs import Job, JobState
from services.catalog.notices import Notice
from services.kit.clock import rfc3339

_STATES = {
    JobState.WAITING: jobs_pb2.JOB_STATE_WAITING,
    JobState.RUNNING: jobs_pb2.JOB_STATE_RUNNING,
    JobState.DONE: jobs_pb2.JOB_STATE_DONE,
    JobState.FAILED: jobs_pb2.JOB_STATE_FAILED,
    JobState.CANCELLED: jobs_pb2.JOB_STATE_CANCELLED,
}


def job(kept: Job) -> jobs_pb2.Job:
    """A piece of work."""
    return jobs_pb2.Job(
        id=kept.id,
        kind=kept.kind,
        title=kept.title,
        state=_STATES[kept.state],
        done=kept.done,
        total=kept.total,
        counts=[jobs_pb2.JobCount(name=name, count=count) for name, count in sorted(kept.counts.items())],
        detail=kept.detail,
        by=kept.by,
        created_at=rfc3339(kept.created_at),
        updated_at=rfc3339(kept.updated_at),
    )


def notice(kept: Notice) -> notices_pb2.Notice:
    """Something staff should know."""
    return notices_pb2.Notice(
        id=kept.id,
        kind=kept.kind,
        subject=kept.subject,
        en=kept.en,
        zh=kept.zh,
        at=rfc3339(kept.at),
        open=kept.open,
        seen_by=kept.seen_by,
        seen_at=rfc3339(kept.seen_at),
    )
