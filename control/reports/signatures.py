"""What people put on record, with what it means (21 CFR 11.50: printed name, time, meaning)."""

from collections.abc import Iterable, Iterator

from coldport.messages.alarm import Alarm
from control.entries import Acknowledged
from control.exposure.custody import LotMoved, LotReceived, LotShipped, LotStated
from control.reports.collect import Act
from control.reports.document import Signature

LOT_MEANINGS = {LotReceived: "received", LotMoved: "moved", LotShipped: "shipped", LotStated: "stated"}


def signatures(acts: Iterable[Act], alarms: dict[str, Alarm], lot: str | None) -> list[Signature]:
    """Return who did what about these alarms, and about the lot when there is one, oldest first."""
    found = [*_of_acts(acts, alarms, lot)]
    for alarm in alarms.values():
        found += _of_alarm(alarm)
    distinct = {(one.by, one.at, one.meaning, one.about): one for one in found}
    return sorted(distinct.values(), key=lambda one: (one.at, one.about, one.meaning))


def _of_acts(acts: Iterable[Act], alarms: dict[str, Alarm], lot: str | None) -> Iterator[Signature]:
    for act in acts:
        if isinstance(act, Acknowledged):
            if act.alarm in alarms:
                yield Signature(by=act.by, at=act.at, meaning="acknowledged", about=act.alarm, comment=act.comment)
        elif act.lot == lot:
            yield Signature(by=act.by, at=act.at, meaning=LOT_MEANINGS[type(act)], about=act.lot, comment=None)


def _of_alarm(alarm: Alarm) -> Iterator[Signature]:
    """Yield the corrective action and the decision on the goods that stand in an alarm, and who suppressed it."""
    hidden = alarm.suppressed
    if hidden is not None:
        meaning = f"suppressed-{hidden.kind}"
        yield Signature(by=hidden.by, at=hidden.since, meaning=meaning, about=alarm.id, comment=hidden.reason)
        if hidden.approved_by is not None:
            yield Signature(by=hidden.approved_by, at=hidden.since, meaning="approved", about=alarm.id, comment=None)
    if alarm.confirmed_by is None or alarm.confirmed_at is None:
        return
    decision = "corrective-action" if alarm.disposition is None else f"decision-{alarm.disposition}"
    yield Signature(
        by=alarm.confirmed_by,
        at=alarm.confirmed_at,
        meaning=decision,
        about=alarm.id,
        comment=alarm.corrective_action,
    )
