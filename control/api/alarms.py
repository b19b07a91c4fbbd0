"""Alarms, and what people do about them.

Until there are logins a person is the name given with the request; two persons are two different names.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path

from coldport.ids import AlarmId
from control.access.party import Scope
from control.alarms.conduct import shelf_end
from control.api.access.owners import of_alarm
from control.api.access.policy import EACH, needs
from control.api.access.visitor import Visitor
from control.api.alarm_schemas import (
    AcknowledgeBody,
    AlarmView,
    AssignBody,
    ConfirmBody,
    OutOfServiceBody,
    PendingView,
    PersonBody,
    ShelveBody,
    SuppressionView,
)
from control.api.alarm_views import alarm_named, alarm_view, suppression_view, zone_of
from control.api.context import Context, InContext
from control.entries import Acted, Action

router = APIRouter(prefix="/api/v1", tags=["alarms"])

Occurrence = Annotated[str, Path(max_length=160, description="an occurrence: definition.point.number")]
AlarmName = Annotated[str, Path(max_length=160, description="an alarm, definition.point, or one of its occurrences")]


@router.get("/alarms")
async def get_alarms(
    context: InContext, visitor: Annotated[Visitor, needs(Scope.ALARMS_READ, EACH)]
) -> list[AlarmView]:
    """List the occurrences that want attention and the last 50 that became normal; newest last."""
    alarms = await visitor.only(context.desk.alarms(), lambda alarm: of_alarm(context, alarm))
    return [alarm_view(context, alarm) for alarm in alarms]


@router.get("/suppressions", dependencies=[needs(Scope.ALARMS_READ)])
async def get_suppressions(context: InContext) -> list[SuppressionView]:
    """List the alarms that are kept from operators, and why; also those that never occurred."""
    return [suppression_view(context, name, kept) for name, kept in context.desk.suppressions().items()]


@router.get("/conditions", dependencies=[needs(Scope.ALARMS_READ)])
async def get_conditions(context: InContext) -> list[PendingView]:
    """List the conditions whose delay is running. Technicians look here; operators have the alarms."""
    return [
        PendingView(
            definition=one.definition,
            point=one.point,
            zone=zone_of(context, one.point),
            phase=one.phase,
            since=one.since,
        )
        for one in context.desk.pending()
    ]


@router.post("/alarms/{alarm}/acknowledge", dependencies=[needs(Scope.ALARMS_ACT, platform=False)])
async def acknowledge(context: InContext, alarm: Occurrence, body: AcknowledgeBody) -> AlarmView:
    """Acknowledge one occurrence. Doing so again is no error and changes nothing."""
    return alarm_view(context, context.desk.acknowledge(AlarmId(alarm), body.by, body.comment or None))


@router.post("/alarms/{alarm}/unacknowledge", dependencies=[needs(Scope.ALARMS_ACT, platform=False)])
async def unacknowledge(context: InContext, alarm: Occurrence, body: PersonBody) -> AlarmView:
    """Take an acknowledgement back while the condition is true."""
    return _act(context, Acted(action=Action.UNACKNOWLEDGE, alarm=alarm, at=context.desk.now(), by=body.by))


@router.post("/alarms/{alarm}/confirm", dependencies=[needs(Scope.ALARMS_ACT, platform=False)])
async def confirm(context: InContext, alarm: Occurrence, body: ConfirmBody) -> AlarmView:
    """Say what was done about an acknowledged occurrence, and what becomes of the goods."""
    acted = Acted(
        action=Action.CONFIRM,
        alarm=alarm,
        at=context.desk.now(),
        by=body.by,
        text=body.corrective_action,
        disposition=body.disposition,
    )
    return _act(context, acted)


@router.post("/alarms/{alarm}/reset", dependencies=[needs(Scope.ALARMS_ACT, platform=False)])
async def reset(context: InContext, alarm: Occurrence, body: PersonBody) -> AlarmView:
    """Let a latched occurrence go that has returned and was acknowledged."""
    return _act(context, Acted(action=Action.RESET, alarm=alarm, at=context.desk.now(), by=body.by))


@router.post("/alarms/{alarm}/silence", dependencies=[needs(Scope.ALARMS_ACT, platform=False)])
async def silence(context: InContext, alarm: Occurrence, body: PersonBody) -> AlarmView:
    """Stop the horn for one occurrence. It stays unacknowledged."""
    return _act(context, Acted(action=Action.SILENCE, alarm=alarm, at=context.desk.now(), by=body.by))


@router.post("/alarms/{alarm}/assign", dependencies=[needs(Scope.ALARMS_ACT, platform=False)])
async def assign(context: InContext, alarm: Occurrence, body: AssignBody) -> AlarmView:
    """Say whose task an occurrence is."""
    acted = Acted(action=Action.ASSIGN, alarm=alarm, at=context.desk.now(), by=body.by, assignee=body.to)
    return _act(context, acted)


@router.post("/alarms/{alarm}/shelve", dependencies=[needs(Scope.ALARMS_ACT, platform=False)])
async def shelve(context: InContext, alarm: AlarmName, body: ShelveBody) -> SuppressionView:
    """Put an alarm aside for a time; how long is allowed depends on its priority. It is judged all the same."""
    now = context.desk.now()
    acted = Acted(
        action=Action.SHELVE_ONCE if body.once else Action.SHELVE,
        alarm=alarm,
        at=now,
        by=body.by,
        approved_by=body.approved_by,
        text=body.reason,
        until=shelf_end(alarm_named(alarm), now, timedelta(minutes=body.minutes)),
    )
    return _suppress(context, acted)


@router.post("/alarms/{alarm}/unshelve", dependencies=[needs(Scope.ALARMS_ACT, platform=False)])
async def unshelve(context: InContext, alarm: AlarmName, body: PersonBody) -> SuppressionView:
    """Take an alarm off its shelf; one that is active is acknowledged by that (ISA-18.2, 11.7.3)."""
    acted = Acted(action=Action.UNSHELVE, alarm=alarm, at=context.desk.now(), by=body.by)
    return _suppress(context, acted)


@router.post("/alarms/{alarm}/out-of-service", dependencies=[needs(Scope.ALARMS_ACT, platform=False)])
async def take_out_of_service(context: InContext, alarm: AlarmName, body: OutOfServiceBody) -> SuppressionView:
    """Take an alarm out of service until it is returned."""
    acted = Acted(
        action=Action.OUT_OF_SERVICE,
        alarm=alarm,
        at=context.desk.now(),
        by=body.by,
        approved_by=body.approved_by,
        text=body.reason,
        reference=body.ticket,
    )
    return _suppress(context, acted)


@router.post("/alarms/{alarm}/return-to-service", dependencies=[needs(Scope.ALARMS_ACT, platform=False)])
async def return_to_service(context: InContext, alarm: AlarmName, body: PersonBody) -> SuppressionView:
    """Return an alarm to service; one that is active is unacknowledged then."""
    acted = Acted(action=Action.RETURN_TO_SERVICE, alarm=alarm, at=context.desk.now(), by=body.by)
    return _suppress(context, acted)


def _act(context: Context, acted: Acted) -> AlarmView:
    return alarm_view(context, context.desk.act(acted))


def _suppress(context: Context, acted: Acted) -> SuppressionView:
    return suppression_view(context, alarm_named(acted.alarm), context.desk.suppress(acted))
