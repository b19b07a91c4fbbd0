"""Alarms, and acknowledging them."""

from typing import Annotated

from fastapi import APIRouter, Path

from coldport.ids import AlarmId, PointId
from coldport.messages.alarm import Alarm
from control.api.context import Context, InContext
from control.api.schemas import AcknowledgeBody, AlarmView

router = APIRouter(prefix="/api/v1", tags=["alarms"])


@router.get("/alarms")
async def get_alarms(context: InContext) -> list[AlarmView]:
    """List the occurrences that want attention and the last 50 that became normal; newest last."""
    return [_alarm(context, alarm) for alarm in context.desk.alarms()]


@router.post("/alarms/{id}/acknowledge")
async def acknowledge(
    context: InContext, alarm: Annotated[str, Path(alias="id", max_length=160)], body: AcknowledgeBody
) -> AlarmView:
    """Acknowledge one occurrence. Doing so again is no error and changes nothing."""
    return _alarm(context, context.desk.acknowledge(AlarmId(alarm), body.by, body.comment or None))


def _alarm(context: Context, alarm: Alarm) -> AlarmView:
    place = context.points.get(PointId(alarm.point))
    return AlarmView(
        id=alarm.id,
        definition=alarm.definition,
        point=alarm.point,
        zone=place[0].id if place else None,
        occurrence=alarm.occurrence,
        state=alarm.state,
        priority=alarm.priority,
        value=alarm.value,
        occurred_at=alarm.occurred_at,
        returned_at=alarm.returned_at,
        acknowledged_at=alarm.acknowledged_at,
        acknowledged_by=alarm.acknowledged_by,
        comment=alarm.comment,
        transition=alarm.transition,
    )
