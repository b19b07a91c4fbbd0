"""What the page of a plan is drawn from."""

import asyncio

import msgspec
from fastapi import APIRouter, Response

from routing.api.context import Context, InContext
from routing.picture import picture

router = APIRouter(prefix="/api/v1/plan", tags=["plans"])


@router.get(
    "/plans/{plan}/picture",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def get_picture(context: InContext, plan: str) -> Response:
    """Return the places, rides and goods that a plan touches, and when each is where: `routing.picture`."""
    return Response(await _drawn(context, plan), media_type="application/json")


async def _drawn(context: Context, plan: str) -> bytes:
    instance, found = await context.plan(plan)
    async with context.heavy:
        return await asyncio.to_thread(lambda: msgspec.json.encode(picture(instance, found)))
