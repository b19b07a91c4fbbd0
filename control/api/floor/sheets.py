"""Declarations on sheets that people fill in: an empty one to begin with, and one that is taken whole or not at all."""

import asyncio
import hashlib
import uuid
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from itertools import count
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from coldport.errors import NotFoundError, RefusedError
from coldport.web.problems import ErrorPlaceView
from control.access.party import Scope
from control.api.access.owners import of_document
from control.api.access.policy import EACH, IN_BODY, needs
from control.api.access.visitor import Visitor
from control.api.context import InContext
from control.api.floor.answer import SheetRefusedError, json_response
from control.inspection.documents.acts import Declared, Source
from control.inspection.documents.findings import catalogue
from control.inspection.sheets.importer import Fault, read_sheet, template
from control.printing.workbook import MEDIA_TYPE

router = APIRouter(prefix="/api/v1/floor", tags=["floor"])

DOCUMENT_LIMIT = 1_000
"""Documents of one sheet: they are one transaction, half a second in which no reading is judged."""

Message = Annotated[str, Path(pattern="^[0-9]{3}$", description="type of the message: 303, 505, 603, ...")]
By = Annotated[str, Query(min_length=1, max_length=60)]

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_NAMESPACE = uuid.UUID("0b8f5c9e-6c0b-5f4e-8a53-2f3c1f0d7c11")


@router.get(
    "/sheets/{message}.xlsx",
    dependencies=[needs(Scope.CONSIGNMENTS_WRITE, EACH)],
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}}},
)
async def get_sheet(message: Message) -> Response:
    """Return an empty sheet with a column for each field; those that must be filled in have a star.

    409: no such message.
    """
    headers = {"Content-Disposition": f'attachment; filename="{message}.xlsx"'}
    return Response(await asyncio.to_thread(template, message), media_type=MEDIA_TYPE, headers=headers)


@router.post(
    "/sheets/{message}",
    status_code=HTTPStatus.CREATED,
    openapi_extra={"requestBody": {"required": True, "content": {"text/csv": _BINARY, MEDIA_TYPE: _BINARY}}},
)
async def take_sheet(
    context: InContext,
    visitor: Annotated[Visitor, needs(Scope.CONSIGNMENTS_WRITE, IN_BODY)],
    request: Request,
    message: Message,
    by: By,
    language: Literal["zh", "en"] = "zh",
) -> Response:
    """Declare what is on a sheet (CSV or Excel): a row for each line of a document. Answers how many documents it had.

    400: nothing was taken, and `errors` say why: row, column and reason, as the sheet counts. `appType`, `appTime` and
    `appStatus` may be left out: it is new, declared now. What is on record already is no error. A party declares what
    its own code speaks for, or a party's that has granted it that.
    """
    desk = context.desk
    body, at = await request.body(), desk.now()
    local = at.astimezone(ZoneInfo(desk.site.timezone))
    usual = {"app_type": "1", "app_time": f"{local:%Y%m%d%H%M%S}", "app_status": "2"}
    found = await asyncio.to_thread(read_sheet, body, message, usual, _guids(body, usual["app_time"]))
    if found.faults:
        raise SheetRefusedError([_place(fault, language) for fault in found.faults])
    if len(found.documents) > DOCUMENT_LIMIT:
        raise RefusedError(f"the sheet has {len(found.documents):,} documents, at most {DOCUMENT_LIMIT:,} are taken")
    new: list[Declared] = []
    refused: list[ErrorPlaceView] = []
    for document, row in zip(found.documents, found.rows, strict=True):
        act = Declared(document=document, source=Source.SHEET, at=at, by=by)
        try:
            await visitor.must(partial(of_document, context, document))
            if not desk.floor.is_known(act):
                desk.floor.check(act, at)
                new.append(act)
        except (NotFoundError, RefusedError) as error:
            refused.append(ErrorPlaceView(place=f"{row}:", message=str(error), reason=error.code))
    if refused:
        raise SheetRefusedError(refused)
    desk.record(*new)
    return json_response({"taken": len(found.documents), "new": len(new)}, HTTPStatus.CREATED)


def _place(fault: Fault, language: Literal["zh", "en"]) -> ErrorPlaceView:
    words = catalogue(language)
    said = (words.row | words.flaw)[fault.reason].format(**fault.parameters)
    return ErrorPlaceView(place=f"{fault.row}:{fault.column}", message=said, reason=fault.reason)


def _guids(body: bytes, now: str) -> Iterator[str]:
    """Name documents that have no name of their own; the same sheet at the same moment names them the same."""
    sheet = uuid.uuid5(_NAMESPACE, f"{now} {hashlib.sha256(body).hexdigest()}")
    return (str(uuid.uuid5(sheet, str(number))).upper() for number in count())
