"""Plans: looked at, held against the rules, explained, compared, written as Excel, published."""

import asyncio
import tempfile
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

from fastapi import APIRouter, Response

from coldport.errors import RefusedError
from routing.api.context import Context, InContext
from routing.api.instances import XLSX
from routing.api.schemas import (
    ByBody,
    CheckView,
    ComparisonView,
    PartView,
    PlanView,
    PublishedView,
    ViolationView,
    plan_view,
    published_view,
)
from routing.export import booking_lists, comparison_sheets, plan_sheets
from routing.model import Instance
from routing.plan_log.acts import Published
from routing.plan_log.documents import inflate
from routing.result import Plan
from routing.validate import check
from routing.workbook import write_workbook

router = APIRouter(prefix="/api/v1/plan", tags=["plans"])

Result = TypeVar("Result")

_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
_SHEETS: dict[int | str, dict[str, Any]] = {
    200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/plans")
async def get_plans(context: InContext) -> list[PlanView]:
    """List the plans that are kept, those of the newest jobs first, then what was published."""
    views = {kept.result.plan: plan_view(kept) for kept in reversed(list(context.office.ledger.board.plans()))}
    return list(reversed(views.values()))


@router.get("/published")
async def get_published(context: InContext) -> list[PublishedView]:
    """List what was published, the newest last: the last of a name is what its goods go by."""
    entries = context.office.ledger.board.publications
    return [published_view(entry, entry.act) for entry in entries if isinstance(entry.act, Published)]


@router.get("/plans/{plan}", response_class=Response, responses=_JSON)
async def get_plan(context: InContext, plan: str) -> Response:
    """Return the whole plan. Its shape: docs/reference/plan.schema.json."""
    context.office.ledger.board.plan(plan)
    packed = await asyncio.to_thread(context.office.ledger.log.document, plan)
    return Response(await asyncio.to_thread(inflate, packed), media_type="application/json")


@router.get("/plans/{plan}/check")
async def get_check(context: InContext, plan: str) -> CheckView:
    """Let the judge, who shares no code with the solvers, hold a plan against every rule and price it anew."""
    instance, found = await context.plan(plan)
    violations = await _alone(context, lambda: check(instance, found))
    views = tuple(ViolationView(rule=one.rule.value, subject=one.subject, text=one.text) for one in violations)
    return CheckView(plan=plan, cost_fen=found.cost.total, violations=views)


@router.get("/plans/{plan}/compare/{other}")
async def compare(context: InContext, plan: str, other: str) -> ComparisonView:
    """Put two plans of one instance side by side. 409: they answer different instances."""
    instance, first = await context.plan(plan)
    other_instance, second = await context.plan(other)
    if instance != other_instance:
        raise RefusedError("the plans answer different instances")
    sheets = await _alone(context, lambda: comparison_sheets(instance, first, second))
    names = [name for name in first.cost.__struct_fields__ if name != "co2e_g"]
    parts = [
        PartView(part=name, first_fen=getattr(first.cost, name), second_fen=getattr(second.cost, name))
        for name in [*names, "total"]
    ]
    changed = tuple(str(row[0]) for row in sheets["Changed"][1:])
    return ComparisonView(first=plan, second=other, parts=tuple(parts), changed=changed)


@router.get("/plans/{plan}/lists.xlsx", response_class=Response, responses=_SHEETS)
async def get_lists(context: InContext, plan: str) -> Response:
    """Return the plan as Excel: cost, routes, what stays, bookings, and what to book with each carrier."""
    instance, found = await context.plan(plan)
    packed = await _alone(context, lambda: _sheets(instance, found))
    headers = {"Content-Disposition": f'attachment; filename="{instance.id}.xlsx"'}
    return Response(packed, media_type=XLSX, headers=headers)


@router.post("/plans/{plan}/publish", status_code=HTTPStatus.CREATED)
async def publish(context: InContext, response: Response, plan: str, body: ByBody) -> PublishedView:
    """Make a plan the one that goods go by, if the judge lets it pass; 200 when it stands already.

    409: it breaks a rule, and which.
    """
    instance, found = await context.plan(plan)
    refused = await _alone(context, lambda: check(instance, found))
    if refused:
        raise RefusedError(f"the judge refuses it: {refused[0].rule}: {refused[0].text}")
    published, is_new = context.office.publish(plan, body.by)
    if not is_new:
        response.status_code = HTTPStatus.OK
    entries = context.office.ledger.board.publications
    entry = next(entry for entry in reversed(entries) if entry.act == published)
    return published_view(entry, published)


async def _alone(context: Context, work: Callable[[], Result]) -> Result:
    """Do what takes a core for a while in a thread, when no other such work is done."""
    async with context.heavy:
        return await asyncio.to_thread(work)


def _sheets(instance: Instance, plan: Plan) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lists.xlsx"
        write_workbook(path, plan_sheets(instance, plan) | booking_lists(instance, plan))
        return path.read_bytes()
