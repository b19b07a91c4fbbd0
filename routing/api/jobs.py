"""Jobs: asked for, followed, stopped."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Response
from starlette.responses import StreamingResponse

from coldport.errors import UnavailableError
from routing.api.context import Context, InContext
from routing.api.limits import STREAMS_LIMIT
from routing.api.schemas import ByBody, JobBody, JobView, job_view
from routing.jobs.feed import Feed
from routing.jobs.job import Job
from routing.plan_log.acts import Asked

router = APIRouter(prefix="/api/v1/plan", tags=["jobs"])


@router.post("/jobs", status_code=HTTPStatus.ACCEPTED)
async def ask(context: InContext, response: Response, body: JobBody) -> JobView:
    """Put a job into the queue. Its `seconds` count from when a worker begins.

    200: its key is that of a job that is the same. 404: no such instance or start. 409: it may not take so long, the
    queue is full, or its key is another job's.
    """
    asked = Asked(
        job="new",
        instance=body.instance,
        seconds=body.seconds,
        by=body.by,
        kind=body.kind,
        seed=body.seed,
        split=body.split,
        start=body.start,
        key=body.key,
    )
    job, is_new = context.office.ask(asked)
    if not is_new:
        response.status_code = HTTPStatus.OK
    return _view(context, job)


@router.get("/jobs")
async def get_jobs(context: InContext) -> list[JobView]:
    """List the jobs that are known, the newest last."""
    return [_view(context, job) for job in context.office.ledger.board.jobs.values()]


@router.get("/jobs/{job}")
async def get_job(context: InContext, job: str) -> JobView:
    """Say how far a job is, or what became of it."""
    return _view(context, context.office.ledger.board.job(job))


@router.post("/jobs/{job}/stop")
async def stop(context: InContext, job: str, body: ByBody) -> JobView:
    """Let a job end with the best plan it has. It ends within seconds; one that is over stays as it is."""
    return _view(context, context.office.stop(job, body.by))


@router.get(
    "/jobs/{job}/progress",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def progress(
    context: InContext,
    job: str,
    last_event_id: Annotated[str, Header(pattern="^[0-9]{0,18}$")] = "",
) -> StreamingResponse:
    """Follow a job as server-sent events: `progress` some times a second, then `end` with the job, which is the last.

    A reader that was cut off sends the id it saw last as `Last-Event-ID` and goes on after it.
    """
    context.office.ledger.board.job(job)
    if context.streams >= STREAMS_LIMIT:
        raise UnavailableError(f"{STREAMS_LIMIT} streams are open already")
    events = _events(context, job, context.office.feed(job), int(last_event_id or 0))
    return StreamingResponse(events, media_type="text/event-stream")


async def _events(context: Context, name: str, feed: Feed | None, after: int) -> AsyncIterator[bytes]:
    context.streams += 1
    try:
        if feed is not None:
            async for number, told in feed.follow(after):
                said = msgspec.json.encode({"elapsed_s": round(told.elapsed_s, 3), **_known(context, name, told.turns)})
                yield b"id: %d\nevent: progress\ndata: %s\n\n" % (number, said)
        ended = _view(context, context.office.ledger.board.job(name))
        yield b"event: end\ndata: %s\n\n" % msgspec.json.encode(ended)
    finally:
        context.streams -= 1


def _known(context: Context, name: str, turns: int) -> dict[str, float | int | None]:
    """Return turns, and cost, bound and gap of the best plan that is kept."""
    best = context.office.ledger.best(name)
    quality = (best.cost_fen, best.bound_fen, best.gap) if best else (None, None, None)
    return {"turns": turns, **dict(zip(("cost_fen", "bound_fen", "gap"), quality, strict=True))}


def _view(context: Context, job: Job) -> JobView:
    kept = context.office.ledger.checkpoints.get(job.id)
    if kept is None:
        return job_view(job, None, None, None)
    return job_view(job, kept.elapsed_s, kept.turns, kept.result)
