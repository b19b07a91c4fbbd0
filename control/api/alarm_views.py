"""From alarms to what is sent of them."""

import msgspec

from coldport.ids import PointId
from coldport.messages.alarm import Alarm, Suppressed, Suppression
from control.api.alarm_schemas import AlarmView, SuppressionView, UnseenView
from control.api.context import Context

_LETTERS = {Suppression.BY_DESIGN: "F", Suppression.OUT_OF_SERVICE: "G"}


def alarm_named(alarm: str) -> str:
    """Return the alarm that is named, or one of whose occurrences is."""
    return ".".join(alarm.split(".")[:2])


def zone_of(context: Context, point: str) -> str | None:
    """Return the zone of a point, if it has one."""
    place = context.points.get(PointId(point))
    return place[0].id if place else None


def suppression_view(context: Context, name: str, kept: Suppressed | None) -> SuppressionView:
    """Return how the alarm that is named `definition.point` is suppressed, as it is sent."""
    definition, _, point = name.partition(".")
    return SuppressionView(
        alarm=name,
        definition=definition,
        point=point,
        zone=zone_of(context, point),
        kind=kept.kind if kept else Suppression.NONE,
        isa=_LETTERS.get(kept.kind, "E") if kept else None,
        since=kept.since if kept else None,
        until=kept.until if kept else None,
        by=kept.by if kept else None,
        approved_by=kept.approved_by if kept else None,
        reason=kept.reason if kept else None,
        reference=kept.reference if kept else None,
    )


def alarm_view(context: Context, alarm: Alarm) -> AlarmView:
    """Return an occurrence as it is sent."""
    return AlarmView(
        id=alarm.id,
        definition=alarm.definition,
        point=alarm.point,
        zone=zone_of(context, alarm.point),
        occurrence=alarm.occurrence,
        state=alarm.state,
        isa=alarm.isa_letter,
        active=alarm.is_active,
        priority=alarm.priority,
        worst=alarm.worst or alarm.priority,
        value=alarm.value,
        occurred_at=alarm.occurred_at,
        returned_at=alarm.returned_at,
        acknowledged_at=alarm.acknowledged_at,
        acknowledged_by=alarm.acknowledged_by,
        comment=alarm.comment,
        must_confirm=alarm.must_confirm,
        confirmed_at=alarm.confirmed_at,
        confirmed_by=alarm.confirmed_by,
        corrective_action=alarm.corrective_action,
        disposition=alarm.disposition,
        assigned_to=alarm.assigned_to,
        latched=alarm.latched,
        no_data=alarm.no_data,
        suppression=suppression_view(context, alarm_named(alarm.id), alarm.suppressed),
        annunciation=alarm.annunciation,
        re_alarms=alarm.re_alarms,
        first_out=alarm.first_out,
        superseded_by=alarm.superseded_by,
        historical=alarm.historical,
        unseen=None if alarm.unseen is None else UnseenView(**msgspec.structs.asdict(alarm.unseen)),
        revised_from=alarm.revised_from,
        transition=alarm.transition,
    )
