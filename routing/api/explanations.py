"""Why a consignment goes as it does, why not another way, and why it stays."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Response

from coldport.ids import ID_PATTERN
from routing.api.context import Context, InContext
from routing.api.limits import BESIDES_LIMIT, WAYS_LIMIT
from routing.beside import Beside
from routing.explain import MOST_VIA, explain_stay, explain_via, explain_way

router = APIRouter(prefix="/api/v1/plan", tags=["plans"])

_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}

Word = Annotated[str, Query(pattern=ID_PATTERN)]


@router.get("/plans/{plan}/ways/{consignment}", response_class=Response, responses=_JSON)
async def get_ways(
    context: InContext, plan: str, consignment: str, most: Annotated[int, Query(ge=1, le=WAYS_LIMIT)] = 5
) -> Response:
    """Price the way a consignment goes and the cheapest that it could, all others going as in the plan."""
    return await _said(context, plan, lambda of: explain_way(of.instance, of.plan, consignment, most, of))


@router.get("/plans/{plan}/via/{consignment}", response_class=Response, responses=_JSON)
async def get_via(
    context: InContext, plan: str, consignment: str, by: Annotated[list[Word], Query(min_length=1, max_length=MOST_VIA)]
) -> Response:
    """Say what became of the plan if a consignment went `by` all of these services, places or modes.

    Its price, or what the judge says against it.
    """
    return await _said(context, plan, lambda of: explain_via(of.instance, of.plan, consignment, by, of))


@router.get("/plans/{plan}/stay/{consignment}", response_class=Response, responses=_JSON)
async def get_stay(context: InContext, plan: str, consignment: str) -> Response:
    """Say why a consignment stays; of one that goes, what would stand against it if it had stayed."""
    return await _said(context, plan, lambda of: explain_stay(of.instance, of.plan, consignment, of))


async def _said(context: Context, plan: str, ask: Callable[[Beside], msgspec.Struct]) -> Response:
    """Answer a question about a plan, in a thread; the plans asked about last are kept, for the next question."""
    async with context.heavy:
        kept = context.besides.pop(plan, None)
        if kept is None:
            instance, found = await context.plan(plan)
            kept = await asyncio.to_thread(Beside, instance, found)
        context.besides[plan] = kept
        while len(context.besides) > BESIDES_LIMIT:
            del context.besides[next(iter(context.besides))]
        said = await asyncio.to_thread(lambda: msgspec.json.encode(ask(kept)))
    return Response(said, media_type="application/json")
