"""This is where it is shown how far long work is."""

from fastapi import Request, Response
from shop.catalog.v1 import jobs_pb2 as pb

from gateway.answers import Json, answer, paged, word
from gateway.described import feature, shown
from gateway.fields import Cursor, Limit, PathId, QueryWord, page_of
from gateway.neighbours import ask_again

router = feature("jobs")
JOB = {
    "id": "job_01kb2y5v7g8h9j0kmnpqrstvwx",
    "kind": "rescan",
    "title": "The word list has changed",
    "state": "running",
    "done": 200,
    "total": 4000,
    "counts": [{"name": "taken_down", "count": 3}],
    "detail": None,
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "created_at": "2026-11-22T08:00:00.000Z",
    "updated_at": "2026-11-22T08:00:01.000Z",
}


def job(of: pb.Job) -> Json:
    """A piece of work."""
    return {
        "id": of.id,
        "kind": of.kind,
        "title": of.title,
        "state": word(pb.JobState.Name(of.state), "JOB_STATE_"),
        "done": of.done,
        "total": of.total,
        "counts": [{"name": row.name, "count": row.count} for row in of.counts],
        "detail": of.detail or None,
        "by": of.by,
        "created_at": of.created_at,
        "updated_at": of.updated_at,
    }


@router.get(
    "/v1/jobs",
    summary="Long work",
    responses=shown({"items": [JOB], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_jobs(request: Request, kind: QueryWord = "", limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first."""
    asked = pb.ListJobsRequest(kind=kind, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.jobs.ListJobs, asked)
    return paged(request, "items", [job(row) for row in answered.jobs], answered.next_cursor)


@router.get("/v1/jobs/{job_id}", summary="How far it is", responses=shown(JOB, "JOB_NOT_FOUND"))
async def get_job(request: Request, job_id: PathId) -> Response:
    """`total` is 0 while nobody knows yet how much there is to do."""
    answered = await ask_again(request.app.state.gateway.neighbours.jobs.GetJob, pb.GetJobRequest(id=job_id))
    return answer(job(answered.job))


@router.post("/v1/jobs/{job_id}/cancel", summary="End a job", responses=shown(JOB, "JOB_NOT_FOUND"))
async def cancel_job(request: Request, job_id: PathId) -> Response:
    """After the step under way. What is done stays done; a job that is over stays as it is."""
    answered = await ask_again(request.app.state.gateway.neighbours.jobs.CancelJob, pb.CancelJobRequest(id=job_id))
    return answer(job(answered.job))
