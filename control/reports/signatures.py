"""What people put on record, with what it means (21 CFR 11.50: printed name, time, meaning)."""

from collections.abc import Collection, Iterable, Iterator

from control.entries import Acknowledged, Acted, Action
from control.exposure.custody import LotMoved, LotReceived, LotShipped, LotStated
from control.reports.collect import Act, is_alarm_itself
from control.reports.document import Signature

LOT_MEANINGS = {LotReceived: "received", LotMoved: "moved", LotShipped: "shipped", LotStated: "stated"}


def signatures(acts: Iterable[Act], alarms: Collection[str], lot: str | None) -> list[Signature]:
    """Return who did what about these alarms, and about the lot when there is one, oldest first.

    The second person, where one was needed, signs for the same with the meaning "approved".
    """
    found = [signature for act in acts for signature in _signed(act, alarms, lot)]
    return sorted(found, key=lambda one: one.at)


def _signed(act: Act, alarms: Collection[str], lot: str | None) -> Iterator[Signature]:
    if isinstance(act, Acknowledged):
        if act.alarm in alarms:
            yield Signature(by=act.by, at=act.at, meaning="acknowledged", about=act.alarm, comment=act.comment)
    elif isinstance(act, Acted):
        if act.alarm in alarms or is_alarm_itself(act.alarm):
            yield Signature(by=act.by, at=act.at, meaning=_meaning(act), about=act.alarm, comment=act.text)
            if act.approved_by is not None:
                yield Signature(by=act.approved_by, at=act.at, meaning="approved", about=act.alarm, comment=None)
    elif act.lot == lot:
        yield Signature(by=act.by, at=act.at, meaning=LOT_MEANINGS[type(act)], about=act.lot, comment=None)


def _meaning(act: Acted) -> str:
    if act.action is not Action.CONFIRM:
        return act.action.value
    return "corrective-action" if act.disposition is None else f"decision-{act.disposition}"
