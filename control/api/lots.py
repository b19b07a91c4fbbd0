"""Lots: that they came, went and left; what they have suffered and for how long they will keep."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path
from fastapi.exceptions import RequestValidationError

from coldport.errors import RefusedError
from control.access.party import Scope
from control.api.access.owners import THE_LOT, of_lot
from control.api.access.policy import EACH, needs
from control.api.access.visitor import Visitor
from control.api.context import Context, InContext
from control.api.lot_schemas import LotBody, LotExposureView, LotView, MoveBody, StatementBody
from control.api.lot_views import exposure_view, lot_view
from control.exposure.custody import (
    ExposureStatement,
    LotMoved,
    LotReceived,
    LotShipped,
    LotStated,
    Plan,
    sealed,
)
from control.exposure.product import digest
from control.exposure.rules import ExposureRules
from control.exposure_archive import full_minute
from control.products import find_product

router = APIRouter(prefix="/api/v1", tags=["lots"])

SETTLED = timedelta(seconds=10)
"""After this what a gateway saw is in the historian, unless a line was down: ten times what it takes."""

LotName = Annotated[str, Path(max_length=48)]


@router.get("/lots")
async def get_lots(context: InContext, visitor: Annotated[Visitor, needs(Scope.LOTS_READ, EACH)]) -> list[LotView]:
    """List the lots in the house and the last 1,000 that left, in the order in which they came."""
    return [lot_view(context, lot) for lot in await visitor.only(context.desk.lots(), of_lot)]


@router.post("/lots", status_code=HTTPStatus.CREATED, dependencies=[needs(Scope.LOTS_ACT, platform=False)])
async def receive(context: InContext, body: LotBody) -> LotView:
    """Take a lot in, with what the site it came from stated of it."""
    if body.owner is not None:
        context.desk.access.party(body.owner)
    rules = _rules(context, body.product, body.product_version)
    earlier = _statement(body.earlier) if body.earlier is not None else None
    if earlier is not None and earlier.rules != digest(rules):
        raise RefusedError("the statement was made by other rules of the product: its figures cannot be added to ours")
    received = LotReceived(
        lot=body.lot,
        product=body.product,
        product_version=body.product_version,
        zone=body.zone,
        at=body.at or context.desk.now(),
        by=body.by,
        made_at=body.made_at,
        expires_at=body.expires_at,
        plan=Plan(at_c=body.plan.at_c, transit_d=body.plan.transit_d, buffer_d=body.plan.buffer_d)
        if body.plan
        else None,
        earlier=earlier,
        owner=body.owner,
    )
    return lot_view(context, context.desk.take_lot(received))


@router.post("/lots/{lot}/moves", dependencies=[needs(Scope.LOTS_ACT, platform=False)])
async def move(context: InContext, lot: LotName, body: MoveBody) -> LotView:
    """Say that a lot went to another zone, or without a zone: that it left the site."""
    at = body.at or context.desk.now()
    found = context.desk.lot(lot)
    act = (
        LotMoved(lot=found.id, zone=body.zone, at=at, by=body.by)
        if body.zone is not None
        else LotShipped(lot=found.id, at=at, by=body.by)
    )
    return lot_view(context, context.desk.take_lot(act))


@router.get("/lots/{lot}", dependencies=[needs(Scope.LOTS_READ, THE_LOT)])
async def get_lot(context: InContext, lot: LotName) -> LotExposureView:
    """Say what a lot has suffered, up to the last full minute or to when it left, and for how long it will keep."""
    found = context.desk.lot(lot)
    until = full_minute(context.desk.now())
    assessment = await context.archive.ask(lambda: context.exposures.assess(found, until))
    return exposure_view(context, assessment, _rules(context, found.product, found.product_version))


@router.post("/lots/{lot}/statement", dependencies=[needs(Scope.LOTS_ACT, platform=False)])
async def state(context: InContext, lot: LotName, body: StatementBody) -> dict[str, Any]:
    """Sign off what a lot that has left suffered up to then; its next site takes the answer in as `earlier`."""
    found = context.desk.lot(lot)
    if found.shipped_at is None:
        raise RefusedError(f"lot {lot!r} is still here: what it suffers is not over")
    until = found.shipped_at
    if context.desk.now() - until < SETTLED:
        raise RefusedError(f"readings of lot {lot!r} may be on their way: ask again {SETTLED.seconds} s after it left")
    rules = _rules(context, found.product, found.product_version)
    assessment = await context.archive.ask(lambda: context.exposures.assess(found, until))
    now = context.desk.now()
    statement = sealed(
        ExposureStatement(
            lot=found.id,
            product=found.product,
            product_version=found.product_version,
            rules=digest(rules),
            site=context.desk.site.id,
            since=found.earlier.since if found.earlier else found.received_at,
            until=until,
            signed_by=body.by,
            signed_at=now,
            exposure=assessment.exposure,
        )
    )
    context.desk.state_lot(LotStated(lot=found.id, at=now, by=body.by, hash=statement.hash))
    said: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(statement))
    return said


def _rules(context: Context, product: str, version: int) -> ExposureRules:
    return find_product(context.exposures.products, product, version).exposure


def _statement(said: dict[str, Any]) -> ExposureStatement:
    try:
        return msgspec.convert(said, ExposureStatement)
    except msgspec.ValidationError as error:
        raise RequestValidationError(
            [{"loc": ("body", "earlier"), "msg": str(error), "type": "value_error"}]
        ) from error
