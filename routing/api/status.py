"""Whether the service is alive, and how busy."""

from importlib.metadata import version

from fastapi import APIRouter

from routing.api.context import InContext
from routing.api.schemas import HealthView
from routing.jobs.job import State

router = APIRouter(tags=["status"])


@router.get("/healthz")
async def healthz(context: InContext) -> HealthView:
    """Say that the service is alive, its log open."""
    board = context.office.ledger.board
    states = [job.state for job in board.jobs.values()]
    return HealthView(
        status="ok",
        version=version("coldport"),
        now=context.clock.now(),
        queued=states.count(State.QUEUED),
        running=states.count(State.RUNNING),
        workers=context.office.budget.workers,
        entries=board.last,
    )
