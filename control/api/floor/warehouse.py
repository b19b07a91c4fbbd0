"""The bonded warehouse (1210) over HTTP: consignments on their way in, orders on their way out."""

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from control.access.party import Scope
from control.api.access.policy import needs
from control.api.context import InContext
from control.api.floor.answer import json_response
from control.inspection.inbound.rules import InboundState
from control.inspection.orders.rules import OrderState

router = APIRouter(prefix="/api/v1/floor", tags=["floor"])

HISTORY_LIMIT = 200
"""Entries about one of them that are shown; one without trouble has ten."""
PAGE_LIMIT = 1_000

Name = Annotated[str, Path(max_length=60)]
Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT)]


@router.get("/inbounds", dependencies=[needs(Scope.FLOOR_READ)])
async def get_inbounds(context: InContext, state: InboundState | None = None, limit: Limit = 100) -> Response:
    """List the consignments that come into the zone (入区), or those in one state, noticed last first."""
    known = reversed(context.desk.floor.inbounds.state.by_id.values())
    return json_response(list(islice((one for one in known if state is None or one.state is state), limit)))


@router.get("/inbounds/{inbound}", dependencies=[needs(Scope.FLOOR_READ)])
async def get_inbound(context: InContext, inbound: Name) -> Response:
    """Return how a consignment stands, how its count differs from what was declared, and what people did with it."""
    found = context.desk.floor.inbounds.find(inbound)
    return json_response({"inbound": found, "history": context.desk.about(f"inbound:{inbound}", HISTORY_LIMIT)})


@router.get("/orders", dependencies=[needs(Scope.FLOOR_READ)])
async def get_orders(context: InContext, state: OrderState | None = None, limit: Limit = 100) -> Response:
    """List the bonded orders (出区), or those in one state, those first reserved last first."""
    known = reversed(context.desk.floor.orders.state.by_name.values())
    return json_response(list(islice((one for one in known if state is None or one.state is state), limit)))


@router.get("/orders/{owner}/{order}", dependencies=[needs(Scope.FLOOR_READ)])
async def get_order(context: InContext, owner: Name, order: Name) -> Response:
    """Return how an order of an enterprise (ebcCode) stands, what customs says of it, and what lies here for it.

    `history` is all that was written of that order number, of whichever enterprise.
    """
    floor = context.desk.floor
    return json_response(
        {
            "order": floor.orders.find(owner, order),
            "clearance": floor.orders.clearance(owner, order),
            "stock": floor.stock.of_order(order, owner),
            "history": context.desk.about(f"order:{order}", HISTORY_LIMIT),
        }
    )
