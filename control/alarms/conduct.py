"""What people may do about alarms: who must be asked, what must be said, for how long an alarm may be put aside.

Sources: ISA-18.2 / IEC 62682, 11.7 (shelving is limited in time, by priority, and on record); HACCP, Codex CXC 1-1969,
principles 5 and 7 (a critical control point wants a corrective action, and what became of the goods). The figures are a
site rule. Logins come later: that two persons were asked shows in two different names.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from zlib import crc32

import msgspec

from coldport.errors import RefusedError
from coldport.messages.alarm import Alarm, Priority, Suppressed, Suppression
from control.alarms.definition import Definition
from control.alarms.lifecycle import Answer, Latch, Stimulus
from control.alarms.occurrence import Said, kind_of, regions_of, stepped
from control.entries import Acted, Action

SHELF_LIMITS: Mapping[Priority, timedelta] = MappingProxyType(
    {
        Priority.CRITICAL: timedelta(minutes=30),
        Priority.HIGH: timedelta(hours=2),
        Priority.LOW: timedelta(hours=24),
    }
)
"""For how long an alarm may be put aside."""

RE_ALARMS: Mapping[Priority, timedelta] = MappingProxyType(
    {Priority.CRITICAL: timedelta(minutes=5), Priority.HIGH: timedelta(minutes=30)}
)
"""After what time people are told again of an alarm that is active and unanswered. Low ones are not worth it."""

STAGGER = timedelta(minutes=5)
"""Shelves put up together end within this time of each other, or within a tenth of their time if that is less: ended
all at once they would be a flood."""

SUPPRESSING: Mapping[Action, tuple[Stimulus, Suppression]] = MappingProxyType(
    {
        Action.SHELVE: (Stimulus.SHELVE, Suppression.SHELVED),
        Action.SHELVE_ONCE: (Stimulus.SHELVE_ONCE, Suppression.ONE_SHOT),
        Action.UNSHELVE: (Stimulus.UNSHELVE, Suppression.NONE),
        Action.OUT_OF_SERVICE: (Stimulus.TAKE_OUT_OF_SERVICE, Suppression.OUT_OF_SERVICE),
        Action.RETURN_TO_SERVICE: (Stimulus.RETURN_TO_SERVICE, Suppression.NONE),
    }
)
"""Actions on an alarm and all its occurrences, and how it is suppressed then; the others are on one occurrence."""

SHELVES = frozenset({Suppression.SHELVED, Suppression.ONE_SHOT})


def shelf_end(alarm: str, at: datetime, time: timedelta) -> datetime:
    """Return when a shelf put up at `at` for `time` ends: a little earlier, by how the alarm is named."""
    return at - min(STAGGER, time / 10) * (crc32(alarm.encode()) % 1_000) / 1_000 + time


def check_acknowledgement(alarm: Alarm, comment: str | None) -> None:
    """Refuse an acknowledgement that says nothing where something must be said."""
    if alarm.must_confirm and not comment:
        raise RefusedError(f"alarm {alarm.id} stands at a critical control point: say what you saw")


def answer(alarm: Alarm, acted: Acted, number: int) -> Alarm | None:
    """Return what an action makes of an occurrence; None when it makes nothing.

    Raises:
        RefusedError: It is not the moment for it, or something is missing.
    """
    if acted.action is Action.ASSIGN:
        if alarm.assigned_to == acted.assignee:
            return None
        return msgspec.structs.replace(alarm, assigned_to=acted.assignee, transition=number)
    _CHECKS.get(acted.action, _anything)(alarm, acted)
    said = Said(by=acted.by, text=acted.text, disposition=acted.disposition)
    return stepped(alarm, Stimulus(acted.action), acted.at, number, said)


def _anything(alarm: Alarm, acted: Acted) -> None:
    """Silencing is always possible."""


def _may_confirm(alarm: Alarm, acted: Acted) -> None:
    if regions_of(alarm).answer is Answer.WANTED:
        raise RefusedError(f"alarm {alarm.id} is {alarm.state}: acknowledge it first")
    if not acted.text:
        raise RefusedError("say what was done: the corrective action")
    if alarm.must_confirm and acted.disposition is None:
        raise RefusedError("say what becomes of the goods: the disposition")


def _may_unacknowledge(alarm: Alarm, acted: Acted) -> None:
    if not alarm.is_active:
        raise RefusedError(f"the condition of alarm {alarm.id} has returned: {acted.action} comes too late")


def _may_reset(alarm: Alarm, acted: Acted) -> None:
    regions = regions_of(alarm)
    if regions.latch is not Latch.LATCHED:
        return
    if alarm.is_active:
        raise RefusedError(f"the condition of alarm {alarm.id} is still true: {acted.action} comes too early")
    if regions.answer is Answer.WANTED:
        raise RefusedError(f"alarm {alarm.id} is {alarm.state}: acknowledge it first")


_CHECKS = MappingProxyType(
    {
        Action.CONFIRM: _may_confirm,
        Action.UNACKNOWLEDGE: _may_unacknowledge,
        Action.RESET: _may_reset,
    }
)


def check_suppression(
    acted: Acted, current: Suppressed | None, definition: Definition | None, priority: Priority
) -> None:
    """Refuse to suppress an alarm when it may not be; to stop that is always possible.

    Args:
        acted: What is asked for.
        current: How it is suppressed now.
        definition: What it means; None when the site has it no longer.
        priority: Its priority now.

    Raises:
        RefusedError: It is not the moment for it, something is missing, or a second person was not asked.
    """
    kind = SUPPRESSING[acted.action][1]
    if kind is Suppression.NONE:
        return
    if not acted.text:
        raise RefusedError(f"{acted.action} wants a reason")
    if priority is Priority.CRITICAL or (definition is not None and definition.ccp):
        _want_two(acted)
    if kind in SHELVES:
        _may_shelve(acted, kind_of(current), definition, priority)
    elif not acted.reference:
        raise RefusedError(f"{acted.action} wants a ticket")


def suppression_after(acted: Acted, current: Suppressed | None) -> Suppressed | None:
    """Return how an alarm is suppressed after an action; None when it is not any more."""
    kind = SUPPRESSING[acted.action][1]
    if acted.action is Action.UNSHELVE:
        return None if kind_of(current) in SHELVES else current
    if acted.action is Action.RETURN_TO_SERVICE:
        return None if kind_of(current) is Suppression.OUT_OF_SERVICE else current
    return Suppressed(
        kind=kind,
        since=acted.at,
        by=acted.by,
        reason=acted.text or "",
        until=acted.until if kind in SHELVES else None,
        approved_by=acted.approved_by,
        reference=acted.reference,
    )


def _want_two(acted: Acted) -> None:
    second = (acted.approved_by or "").strip().casefold()
    if not second or second == acted.by.strip().casefold():
        raise RefusedError(
            f"{acted.action} of this alarm wants a second person: approved_by, another than {acted.by!r}"
        )


def _may_shelve(acted: Acted, present: Suppression, definition: Definition | None, priority: Priority) -> None:
    if definition is not None and not definition.shelvable:
        raise RefusedError(f"alarm {acted.alarm} cannot be shelved: its definition says so")
    if present not in SHELVES | {Suppression.NONE}:
        raise RefusedError(f"alarm {acted.alarm} is {present} already")
    limit = SHELF_LIMITS[priority]
    if acted.until is None or not timedelta() < acted.until - acted.at <= limit:
        minutes = int(limit.total_seconds() // 60)
        raise RefusedError(f"an alarm of priority {priority} is shelved for up to {minutes} minutes")
