"""What happens on the floor, one route for all of it: the body says which act it is by its `entry`."""

from functools import partial
from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from coldport.errors import MalformedError, RefusedError
from control.access.decision import OF_THE_SITE, Owned
from control.access.party import Scope
from control.api.access.owners import of_document
from control.api.access.policy import IN_BODY, needs
from control.api.access.visitor import Visitor
from control.api.context import Context, InContext
from control.api.floor.answer import body_of, follows, json_response, read_act
from control.inspection.ceb import reader
from control.inspection.documents.acts import Declared, Receipted, Source

router = APIRouter(prefix="/api/v1/floor", tags=["floor"])

By = Annotated[str, Query(min_length=1, max_length=60)]

ACT_EXAMPLE = {
    "entry": "parcel-moved",
    "logistics_no": "SF1234567890",
    "step": "load",
    "into": "xiang-c12345",
    "by": "Li Lei",
}


@router.post(
    "/acts",
    status_code=HTTPStatus.CREATED,
    dependencies=[needs(Scope.FLOOR_ACT, platform=False)],
    openapi_extra=body_of(ACT_EXAMPLE),
)
async def act(context: InContext, request: Request) -> Response:
    """Put on record that something happened, and answer what followed: verdicts, recalls, a tally.

    `entry` says what; without `at` it happened now. 400: no such act, and where it is wrong. 404: it names what is not
    there. 409: it cannot have happened, and why. A document, an answer or a scan that is on record already is no error.
    """
    desk = context.desk
    happened = read_act(await request.body(), desk.now().isoformat())
    if desk.floor.is_known(happened):
        return follows([])
    return follows(desk.record(happened))


@router.post(
    "/messages",
    status_code=HTTPStatus.CREATED,
    openapi_extra={"requestBody": {"required": True, "content": {"application/xml": {"schema": {"type": "string"}}}}},
)
async def message(
    context: InContext,
    visitor: Annotated[Visitor, needs(Scope.CONSIGNMENTS_WRITE, IN_BODY)],
    request: Request,
    by: By,
    *,
    pass_on: bool = False,
) -> Response:
    """Take in a message of customs' format (CEB, 202205): documents, or receipts. Answers what became of each.

    Without `pass_on` whoever sends it has declared to customs himself; with it the site does so for him.
    What is on record already counts as taken. What is refused is named with its reason; the rest is taken. A party
    declares what its own code speaks for, or a party's that has granted it that; receipts are the site's to bring.
    """
    desk = context.desk
    read = reader.read(await request.body())
    at, source = desk.now(), Source.API if pass_on else Source.XML
    acts: list[Declared | Receipted] = [
        *(Declared(document=document, source=source, at=at, by=by) for document in read.documents),
        *(Receipted(receipt=receipt, at=at, by=by) for receipt in read.receipts),
    ]
    refused: list[dict[str, str]] = []
    taken = 0
    for one in acts:
        try:
            await visitor.must(partial(_of, context, one))
            if not desk.floor.is_known(one):
                desk.record(one)
            taken += 1
        except (RefusedError, MalformedError) as error:
            refused.append({"what": _name(one), "reason": str(error)})
    repairs = msgspec.to_builtins(read.repairs)
    return json_response({"taken": taken, "refused": refused, "repairs": repairs}, HTTPStatus.CREATED)


def _name(one: Declared | Receipted) -> str:
    if isinstance(one, Declared):
        return f"{one.document.type} {one.document.text('cop_no') or one.document.text('order_no')}".strip()
    return f"{one.receipt.type} {one.receipt.keys.get('cop_no', '')}".strip()


def _of(context: Context, one: Declared | Receipted) -> Owned:
    return of_document(context, one.document) if isinstance(one, Declared) else OF_THE_SITE
