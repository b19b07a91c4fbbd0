"""Events come in: documents, and single events."""

import asyncio
import hashlib
from http import HTTPStatus

import msgspec
from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from coldport.errors import NotFoundError, RefusedError
from control.access.party import Scope
from control.api.access.policy import needs
from control.api.context import InContext
from control.api.epcis.schemas import (
    DOCUMENT_EXAMPLE,
    EPCIS_BODY_LIMIT,
    EVENT_EXAMPLE,
    JOBS_LIMIT,
    VERSIONS,
    ErrorBehaviour,
    FaultView,
    JobView,
    body_of,
)
from control.traceability.document import EVENTS_LIMIT, read_document, read_event, write_event
from control.traceability.event import micros
from control.traceability.fault import InvalidError

router = APIRouter(prefix="/epcis/v2", tags=["epcis"])

_LIMITS = {"GS1-EPCIS-Capture-Limit": str(EVENTS_LIMIT), "GS1-EPCIS-Capture-File-Size-Limit": str(EPCIS_BODY_LIMIT)}
_JSON = frozenset(("application/json", "application/ld+json"))


@router.post(
    "/capture",
    status_code=HTTPStatus.ACCEPTED,
    openapi_extra=body_of(DOCUMENT_EXAMPLE),
    dependencies=[needs(Scope.EVENTS_WRITE)],
)
async def capture(context: InContext, request: Request, behaviour: ErrorBehaviour = "rollback") -> Response:
    """Take in a document. It is on disk when the answer comes; `Location` names the job that says what became of it.

    `rollback` (the default) takes all of its events or none: an event that is not valid is 400, an id that belongs to
    another event 409. `proceed` leaves those out, and the job names them.
    """
    body = await _body(request)
    began = context.desk.now()
    taken = await asyncio.to_thread(read_document, body)
    whole = behaviour == "rollback"
    if taken.faults and whole:
        raise InvalidError(taken.faults)
    kept = await context.traces.capture(taken.events, micros(began), whole=whole)
    errors = [FaultView(pointer=one.pointer, reason=one.reason, detail=one.detail) for one in taken.faults]
    errors += [
        FaultView(pointer="", reason="event-id-taken", detail=f"{event_id} is the id of another event")
        for event_id in kept.taken
    ]
    job = JobView(
        captureID=f"{micros(began)}-{hashlib.sha256(body).hexdigest()[:12]}",
        createdAt=began,
        finishedAt=context.desk.now(),
        running=False,
        success=not errors,
        captureErrorBehaviour=behaviour,
        captured=kept.new,
        errors=tuple(errors),
    )
    await context.traces.keep("jobs", job.captureID, msgspec.json.encode(job), JOBS_LIMIT)
    headers = {"Location": f"/epcis/v2/capture/{job.captureID}", **VERSIONS, **_LIMITS}
    return Response(status_code=HTTPStatus.ACCEPTED, headers=headers)


@router.get("/capture", dependencies=[needs(Scope.EVENTS_READ)])
async def get_jobs(context: InContext) -> list[JobView]:
    """List the last 1,000 capture jobs, oldest first."""
    return [msgspec.json.decode(body, type=JobView) for body in (await context.traces.kept("jobs")).values()]


@router.get("/capture/{capture}", dependencies=[needs(Scope.EVENTS_READ)])
async def get_job(context: InContext, capture: str) -> JobView:
    """Say what became of a document."""
    body = (await context.traces.kept("jobs")).get(capture)
    if body is None:
        raise NotFoundError(f"there is no capture job {capture!r}; the last {JOBS_LIMIT} are kept")
    return msgspec.json.decode(body, type=JobView)


@router.post(
    "/events",
    status_code=HTTPStatus.CREATED,
    openapi_extra=body_of(EVENT_EXAMPLE),
    dependencies=[needs(Scope.EVENTS_WRITE)],
)
async def capture_event(context: InContext, request: Request) -> Response:
    """Take in one event, which brings its `@context` along; 409 when it, or another of its id, is known."""
    event = await asyncio.to_thread(read_event, await _body(request))
    kept = await context.traces.capture([event], micros(context.desk.now()), whole=True)
    if not kept.new:
        raise RefusedError(f"event {event.event_id} is known already")
    found = await context.traces.event(event.event_id)
    headers = {"Location": f"/epcis/v2/events/{event.event_id}", **VERSIONS}
    content = msgspec.json.decode(write_event(found)) if found else None
    return JSONResponse(content, status_code=HTTPStatus.CREATED, headers=headers)


async def _body(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _JSON:
        taken = ", ".join(sorted(_JSON))
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"JSON is taken ({taken}), not {kind!r}")
    return await request.body()
