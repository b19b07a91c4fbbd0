"""How the floor stands: parcels with all that is known of them, lanes, vehicles, passes, legs, stock, accounts."""

from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from coldport.errors import NotFoundError, RefusedError
from control.access.party import Scope
from control.api.access.owners import THE_PARCEL, of_parcel
from control.api.access.policy import EACH, needs
from control.api.access.visitor import Visitor
from control.api.context import InContext
from control.api.floor.answer import json_response
from control.inspection.documents.dossier import Dossier
from control.inspection.documents.findings import catalogue, findings, sentence
from control.inspection.documents.matching import Finding, shipped_limits
from control.inspection.lane.acts import Judged
from control.inspection.lane.texts import catalogue as lane_words
from control.inspection.lane.texts import said
from control.inspection.parcels.rules import ParcelState
from control.inspection.stock.advice import to_put, to_take
from control.inspection.stock.rules import Status

router = APIRouter(prefix="/api/v1/floor", tags=["floor"])

HISTORY_LIMIT = 200
"""Entries about one parcel that are shown; one without trouble has ten."""
PAGE_LIMIT = 1_000
LANE_HISTORY = 20

Name = Annotated[str, Path(max_length=80)]
Language = Literal["zh", "en"]


@router.get("/parcels")
async def get_parcels(
    context: InContext,
    visitor: Annotated[Visitor, needs(Scope.CONSIGNMENTS_READ, EACH)],
    state: ParcelState | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 100,
) -> Response:
    """List the parcels on the floor, or those in one state, those received last first.

    An enterprise is shown its own among the last 1,000; of an older one it asks by its number.
    """
    parcels = reversed(context.desk.floor.parcels.state.parcels.values())
    found = (one for one in parcels if state is None or one.state is state)
    looked_at = found if visitor.sees_all else islice(found, PAGE_LIMIT)
    return json_response(await visitor.only(looked_at, lambda one: of_parcel(context, one.logistics_no), limit))


@router.get("/parcels/{logistics_no}")
async def get_parcel(
    context: InContext,
    visitor: Annotated[Visitor, needs(Scope.CONSIGNMENTS_READ, THE_PARCEL)],
    logistics_no: Name,
    language: Language = "zh",
) -> Response:
    """Return all that is known of a parcel, and everything that ever happened to it.

    Where it stands, customs' word, its papers with what the rules say of them, its verdict. Who did what with it is for
    the site and regulators alone; others get no `history`.
    """
    floor = context.desk.floor
    dossiers = floor.documents.of_parcel(logistics_no)
    history = context.desk.about(f"parcel:{logistics_no}", HISTORY_LIMIT)
    if not dossiers and not history:
        raise NotFoundError(f"no parcel {logistics_no!r}")
    lanes = floor.lanes
    return json_response(
        {
            "logistics_no": logistics_no,
            "parcel": floor.parcels.state.parcels.get(logistics_no),
            "clearance": floor.documents.clearance(logistics_no),
            "standing": lanes.state.parcels.standing.get(logistics_no) if lanes is not None else None,
            "papers": [_papers(dossier, language) for dossier in dossiers],
            "history": history if visitor.sees_all else (),
        }
    )


@router.get("/lanes", dependencies=[needs(Scope.FLOOR_READ)])
async def get_lanes(context: InContext, language: Language = "zh") -> Response:
    """Return what each lane shows, and its last verdicts with their reasons in words, the newest first."""
    lanes, words = context.desk.floor.lanes, lane_words(language)
    names = lanes.state.lanes if lanes is not None else ()
    return json_response(
        {
            name: {
                "shown": lanes.shown(name) if lanes is not None else None,
                "verdicts": [
                    {"judged": one, "said": [said(reason, words) for reason in one.reasons]}
                    for entry in context.desk.about(f"lane:{name}", LANE_HISTORY)
                    if isinstance(one := entry.content, Judged)
                ],
            }
            for name in names
        }
    )


@router.get("/vehicles", dependencies=[needs(Scope.FLOOR_READ)])
async def get_vehicles(context: InContext) -> Response:
    """List the vehicles that are loaded or sealed, and what on them customs does not let go."""
    parcels = context.desk.floor.parcels
    return json_response(
        [{"vehicle": one, "blocked": parcels.blocked(one.id)} for one in parcels.state.vehicles.values()]
    )


@router.get("/passes/{number}", dependencies=[needs(Scope.FLOOR_READ)])
async def get_pass(context: InContext, number: Name) -> Response:
    """Return a vehicle pass (核放单), how it was weighed, and whether it opens the gate."""
    found = context.desk.floor.passes.find(number)
    return json_response({"pass": found, "may_pass": found.may_pass})


@router.get("/legs", dependencies=[needs(Scope.FLOOR_READ)])
async def get_legs(context: InContext) -> Response:
    """List the transit legs (转关)."""
    return json_response(list(context.desk.floor.legs.state.by_id.values()))


@router.get("/stock", dependencies=[needs(Scope.FLOOR_READ)])
async def get_stock(
    context: InContext,
    item: str | None = None,
    lot: str | None = None,
    place: str | None = None,
    status: Status | None = None,
) -> Response:
    """List what lies where, in which status and for which order."""
    found = context.desk.floor.stock.holdings(item=item, lot=lot, place=place, status=status)
    return json_response([one for one, _ in zip(found, range(PAGE_LIMIT), strict=False)])


@router.get("/stock/take", dependencies=[needs(Scope.FLOOR_READ)])
async def advise_take(
    context: InContext, item: str, quantity: Decimal, today: date, least_days: Annotated[int, Query(ge=0, le=3_660)] = 0
) -> Response:
    """Return which lots to take for an order, first expired first out."""
    if not quantity.is_finite() or quantity <= 0:
        raise RefusedError("a quantity is more than nothing")
    return json_response(to_take(context.desk.floor.stock, item, quantity, today, least_days=least_days))


@router.get("/stock/put/{lot}", dependencies=[needs(Scope.FLOOR_READ)])
async def advise_put(context: InContext, lot: Name, quantity: Decimal) -> Response:
    """Return bins for a lot, best first."""
    found = to_put(context.desk.floor.stock, lot, quantity)
    return json_response([one for one, _ in zip(found, range(20), strict=False)])


@router.get("/book", dependencies=[needs(Scope.FLOOR_READ)])
async def get_book(context: InContext) -> Response:
    """Return the bonded accounts (账册): each item with what may be declared out, and its colour for a map."""
    book = context.desk.floor.book
    colours = book.colours()
    return json_response(
        {
            key: {"item": item, "available": item.available, "colour": colours[key]}
            for key, item in book.state.items.items()
        }
    )


@router.get("/book/differences", dependencies=[needs(Scope.FLOOR_READ)])
async def get_differences(context: InContext) -> Response:
    """Return the items on which book, shelves, counts and customs do not agree, and what explains it."""
    return json_response(context.desk.floor.differences())


def _papers(dossier: Dossier, language: Language) -> dict[str, Any]:
    words = catalogue(language)
    found = findings(dossier, shipped_limits())
    return {
        "direction": dossier.direction,
        "papers": [
            {"type": paper.document.type, "status": paper.status, "since": paper.since} for paper in dossier.papers
        ],
        "rules": [_finding(one, sentence(one, words)) for one in found],
    }


def _finding(finding: Finding, said: str) -> dict[str, Any]:
    return {**msgspec.to_builtins(finding), "said": said}
