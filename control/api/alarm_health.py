"""How healthy the alarms of the site are."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from control.access.party import Scope
from control.alarms.performance import AlarmHealth, alarm_health
from control.api.access.policy import needs
from control.api.context import InContext
from control.api.points import check_span

router = APIRouter(prefix="/api/v1", tags=["alarms"])

SPAN = timedelta(days=30)
"""What is looked at when nothing is said."""


@router.get("/alarms/health", dependencies=[needs(Scope.ALARMS_READ)])
async def get_alarm_health(
    context: InContext,
    start: Annotated[AwareDatetime | None, Query(alias="from", description="default: 30 days before `to`")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to", description="default: now; excluded")] = None,
) -> AlarmHealth:
    """Say how many alarms there were beside what operators can bear, and how they were answered."""
    end = end or context.desk.now()
    start = start or end - SPAN
    check_span(start, end)
    standing = context.desk.alarms()
    alarms = await context.archive.ask(lambda: context.past(start, standing))
    return alarm_health(alarms, start, end)
