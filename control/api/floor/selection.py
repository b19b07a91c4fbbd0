"""Which parcels are chosen to be opened: the draw of a day with its realised rates, and the watch list."""

from datetime import date

from fastapi import APIRouter
from starlette.responses import Response

from control.access.party import Scope
from control.api.access.policy import needs
from control.api.context import InContext
from control.api.floor.answer import json_response

router = APIRouter(prefix="/api/v1/floor", tags=["floor"])


@router.get("/draw/{day}", dependencies=[needs(Scope.FLOOR_READ)])
async def get_draw(context: InContext, day: date) -> Response:
    """Return the draw of a day at the site: the hash that was told in the morning, and how each stratum came out.

    `rate` is what is published now, `mean_rate` what held while its parcels were drawn; `low` and `high` are the 95 %
    interval (Wilson) of the realised share. `seed` and `second_share` are there once they are told.
    """
    return json_response(context.desk.floor.draw_of(day))


@router.get("/watch", dependencies=[needs(Scope.FLOOR_READ)])
async def get_watch(context: InContext) -> Response:
    """List the entries of the watch list that stand, the oldest first, with who put them on it and why."""
    return json_response(list(context.desk.floor.watch.state.entries.values()))
