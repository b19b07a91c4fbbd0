"""The sortable table of critical tracking events (21 CFR 1 subpart S), of a span of time or a lot."""

import asyncio
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from coldport.errors import NotFoundError, RefusedError
from control.access.party import Scope
from control.api.access.policy import needs
from control.api.context import Context, InContext
from control.passport.code import link
from control.printing.csv_file import csv_bytes, inert
from control.printing.workbook import MEDIA_TYPE, workbook_bytes
from control.products import find_product
from control.traceability.event import Found, micros
from control.traceability.fsma204 import Describe, Row, rows
from control.traceability.identifiers import HOST, matched
from control.traceability.ports import Mark
from control.traceability.query import Order, Wanted
from control.traceability.query import Query as Asked
from control.tracing.names import Names

router = APIRouter(prefix="/api/v1/traceability", tags=["traceability"])

SPAN_LIMIT = timedelta(days=800)
"""Somewhat more than the 24 months for which such records are kept."""
EVENTS_LIMIT = 100_000
"""Events that are looked at for one answer: some seconds of work, on a thread."""
PAGE = 1_000

_CLASSES = ("class", "input-class", "output-class")
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": MEDIA_TYPE}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _TYPES.values()}}
}


@router.get("/fsma204", dependencies=[needs(Scope.EVENTS_READ)], response_class=Response, responses=_FILE)
async def get_fsma204(
    context: InContext,
    start: Annotated[AwareDatetime, Query(alias="from", description="events from this moment on")],
    end: Annotated[AwareDatetime, Query(alias="to", description="events before this moment")],
    lot: Annotated[
        str | None, Query(max_length=200, description="a lot of this site, or .../01/GTIN/10/LOT; without it all")
    ] = None,
    form: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "xlsx",
) -> Response:
    """Return a row for each lot in each critical tracking event, with its key data elements and their section.

    409: the span is empty or too long, or holds too many events; ask for a part of it, or for one lot.
    """
    if not timedelta() < end - start <= SPAN_LIMIT:
        raise RefusedError(f"a span is more than nothing and at most {SPAN_LIMIT.days} days")
    name = None if lot is None else _named(context, lot)
    found = await _events(context, start, end, name)
    body = await asyncio.to_thread(_table, found, _describe(context), name, form)
    file = {"Content-Disposition": f'attachment; filename="fsma204-{start:%Y%m%d}-{end:%Y%m%d}.{form}"'}
    return Response(body, media_type=_TYPES[form], headers=file)


def _named(context: Context, lot: str) -> str:
    return matched(lot) if ":" in lot else Names(context.desk.site).of("lot", lot)


async def _events(context: Context, start: datetime, end: datetime, lot: str | None) -> list[Found]:
    """Return the events of a span, oldest first; of a lot of this site only those that name it.

    Of a lot with a GTIN there may be single things, and they are found by their serial alone: all events are looked at.
    """
    wanted = () if lot is None or lot.startswith(HOST) else (Wanted(_CLASSES, (lot,)),)
    query = Asked(wanted=wanted, event_from=micros(start), event_until=micros(end), order=Order.EVENT_TIME)
    found: list[Found] = []
    after: Mark | None = None
    while True:
        page = await context.traces.page(query, after, PAGE)
        found += page.found
        if len(found) > EVENTS_LIMIT:
            raise RefusedError(f"more than {EVENTS_LIMIT:,} events: ask for a shorter span, or for one lot")
        if not page.more:
            return found
        after = Mark(at=found[-1].at, record=found[-1].record, ceiling=page.ceiling)


def _table(found: list[Found], describe: Describe, lot: str | None, form: str) -> bytes:
    table = rows((_read(one) for one in found), describe, lot)
    columns = typing.get_type_hints(Row)
    if form == "xlsx":
        return workbook_bytes(columns, table)
    return csv_bytes(columns, (tuple(_inert(row)) for row in table))


def _inert(row: Row) -> Iterator[object]:
    return (inert(cell) if isinstance(cell, str) else cell for cell in row)


def _read(found: Found) -> Mapping[str, Any]:
    event: dict[str, Any] = msgspec.json.decode(found.body)
    return {**event, "eventID": found.event_id}


def _describe(context: Context) -> Describe:
    """Return what says what a lot is: its passport, or the product it was received as."""
    names, desk = Names(context.desk.site), context.desk
    known: dict[str, str] = {}
    for one in desk.passports.state.by_name.values():
        issued = one.issued
        if issued.item is not None:
            known[matched(link(issued.item).partition("/21/")[0])] = issued.product
        if issued.lot is not None:
            known[names.of("lot", issued.lot)] = issued.product
    for lot in desk.lots():
        try:
            product = find_product(context.exposures.products, lot.product, lot.product_version)
        except NotFoundError:
            continue
        known.setdefault(names.of("lot", lot.id), f"{product.name.zh} {product.name.en}")
    return lambda name: known.get(name, "")
