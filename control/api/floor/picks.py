"""Pick lists on paper."""

from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.responses import Response

from control.access.party import Scope
from control.api.access.policy import needs
from control.api.context import InContext
from control.labels.picks import picks, print_picks

router = APIRouter(prefix="/api/v1/floor", tags=["floor"])

ORDER_LIMIT = 50
"""Orders of one wave: what one person walks for at once."""

OrderName = Annotated[str, Query(min_length=1, max_length=60)]


@router.get(
    "/stock/picks.pdf",
    dependencies=[needs(Scope.FLOOR_READ)],
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
async def get_picks(
    context: InContext,
    order: Annotated[list[OrderName], Query(min_length=1, max_length=ORDER_LIMIT)],
    owner: Annotated[str | None, Query(max_length=60, description="only what belongs to this owner")] = None,
) -> Response:
    """Print what is reserved for one or several orders (a wave, 波次), in the order in which it is fetched.

    404: nothing is reserved for one of them. 409: more than one list holds.
    """
    desk = context.desk
    zone = ZoneInfo(desk.site.timezone)
    now = desk.now()
    found = picks(desk.floor.stock, order, now.astimezone(zone).date(), owner)
    site = desk.site.name
    said = site.zh if site.zh == site.en else f"{site.zh} {site.en}"
    return Response(await context.press.run(partial(print_picks, found, said, zone, now)), media_type="application/pdf")
