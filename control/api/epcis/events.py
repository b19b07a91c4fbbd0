"""Events are found: by parameters, by id, and by the words they have."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from coldport.errors import NotFoundError
from control.access.party import Scope
from control.api.access.policy import needs
from control.api.context import Context, InContext
from control.api.epcis.paging import TOKEN, answer, parameters
from control.api.epcis.schemas import VERSIONS, EpcFormat
from control.traceability.document import write_event
from control.traceability.query import PER_PAGE, PER_PAGE_LIMIT, QueryError
from control.traceability.vocabulary import BIZ_STEPS, DISPOSITIONS, EVENT_TYPES, STANDARD_CONTEXT

router = APIRouter(prefix="/epcis/v2", tags=["epcis"])

_ANY = (
    "eventType", "GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime", "EQ_action", "EQ_bizStep",
    "EQ_disposition", "EQ_persistentDisposition_set", "EQ_persistentDisposition_unset", "EQ_readPoint", "WD_readPoint",
    "EQ_bizLocation", "WD_bizLocation", "EQ_transformationID", "MATCH_epc", "MATCH_parentID", "MATCH_inputEPC",
    "MATCH_outputEPC", "MATCH_anyEPC", "MATCH_epcClass", "MATCH_inputEPCClass", "MATCH_outputEPCClass",
    "MATCH_anyEPCClass", "EQ_eventID", "EXISTS_errorDeclaration", "EQ_bizTransaction_TYPE", "GE_value_UOM",
    "LT_value_UOM", "GE_maxValue_UOM", "orderBy", "orderDirection", "eventCountLimit", "maxEventCount", "perPage",
    TOKEN,
)  # fmt: skip

ASKED = {"parameters": [{"name": name, "in": "query", "schema": {"type": "string"}} for name in _ANY]}
"""The parameters for OpenAPI. They are read by `control.traceability.query`, for some have a type or a unit in their
name."""

_COLLECTIONS: dict[str, tuple[str, Sequence[str]]] = {
    "eventTypes": ("eventType", ("type",)),
    "epcs": ("MATCH_anyEPC", ("epc", "parent", "input", "output")),
    "bizSteps": ("EQ_bizStep", ("bizStep",)),
    "bizLocations": ("EQ_bizLocation", ("bizLocation",)),
    "readPoints": ("EQ_readPoint", ("readPoint",)),
    "dispositions": ("EQ_disposition", ("disposition",)),
}


@router.get("/events", openapi_extra=ASKED, dependencies=[needs(Scope.EVENTS_READ)])
async def get_events(context: InContext, request: Request, epc_format: EpcFormat = "No_Preference") -> Response:
    """Return the events that parameters ask for, oldest first, page by page (`Link: rel=next`).

    Identifiers are found in whichever way they are written, and come back as they were captured (`GS1-EPC-Format`).
    Words that end in TYPE or UOM stand for a kind of transaction and a unit: `EQ_bizTransaction_po`, `GE_value_CEL`.
    """
    del epc_format  # others were refused: nothing is translated
    own = parameters(request.query_params.multi_items())
    return await answer(context, own, request.url.path, own)


@router.get("/events/{event:path}", dependencies=[needs(Scope.EVENTS_READ)])
async def get_event(context: InContext, event: str, request: Request) -> Response:
    """Return an event by its id; when it was declared an error, as the declaration says it."""
    wanted = f"{event}?{request.url.query}" if request.url.query and event.startswith("ni:") else event
    found = await context.traces.event(wanted)
    if found is None:
        raise NotFoundError(f"there is no event {wanted!r}")
    return Response(write_event(found), media_type="application/ld+json", headers=VERSIONS)


@router.delete("/nextPageToken/{token}", status_code=HTTPStatus.NO_CONTENT, dependencies=[needs(Scope.EVENTS_READ)])
async def forget_token(token: str) -> None:
    """End a reading. Nothing is kept for it here: a token holds all it needs."""
    del token


async def _members(context: Context, name: str, request: Request) -> dict[str, Any]:
    asked = parameters(request.query_params.multi_items())
    try:
        size = int(asked.get("perPage", PER_PAGE))
    except ValueError as error:
        raise QueryError("perPage: a number is wanted") from error
    if not 1 <= size <= PER_PAGE_LIMIT:
        raise QueryError(f"perPage: a number from 1 to {PER_PAGE_LIMIT} is wanted")
    _, kinds = _COLLECTIONS[name]
    values: Sequence[str] = sorted(EVENT_TYPES)
    if name != "eventTypes":
        values = await context.traces.values(kinds, asked.get(TOKEN, ""), size)
    members = [BIZ_STEPS.word(value) or DISPOSITIONS.word(value) or value for value in values]
    found: dict[str, Any] = {"@context": STANDARD_CONTEXT, "type": "Collection", "member": members}
    if name != "eventTypes" and len(values) == size:
        found[TOKEN] = values[-1]
    return found


def _add(name: str, parameter: str) -> None:
    async def list_members(context: InContext, request: Request) -> dict[str, Any]:
        return await _members(context, name, request)

    async def events_of(context: InContext, value: str, request: Request) -> Response:
        own = parameters(request.query_params.multi_items())
        if parameter in own:
            raise QueryError(f"{parameter}: the path says it")
        return await answer(context, {**own, parameter: [value]}, request.url.path, own)

    router.add_api_route(
        f"/{name}",
        list_members,
        methods=["GET"],
        dependencies=[needs(Scope.EVENTS_READ)],
        summary=f"List the {name} that events have",
        operation_id=f"list_{name}",
    )
    router.add_api_route(
        f"/{name}/{{value:path}}/events",
        events_of,
        methods=["GET"],
        dependencies=[needs(Scope.EVENTS_READ)],
        summary=f"Return the events of one of the {name}",
        operation_id=f"events_of_{name}",
        openapi_extra=ASKED,
    )


for _name, (_parameter, _) in _COLLECTIONS.items():
    _add(_name, _parameter)
