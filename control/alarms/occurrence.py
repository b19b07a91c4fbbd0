"""One occurrence as it is on record: how it begins, and what a stimulus makes of it."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from coldport.ids import DefinitionId, PointId, alarm_id
from coldport.messages.alarm import Alarm, AlarmState, Disposition, Priority, Suppressed, Suppression, Unseen
from control.alarms.definition import Definition
from control.alarms.detector import Move
from control.alarms.lifecycle import (
    Answer,
    Condition,
    Data,
    Duty,
    Effect,
    Latch,
    Regions,
    Stimulus,
    is_over,
    rate,
    step,
    word,
)
from control.entries import Found

SYSTEM = "coldport"
"""Who acts when nobody did."""

RANKS = {Priority.LOW: 1, Priority.HIGH: 2, Priority.CRITICAL: 3}


class Moved:
    """The alarms that one entry of the journal moves, numbered as the journal will number them."""

    def __init__(self, number: int) -> None:
        """Let the next be written as entry `number`."""
        self.alarms: list[Alarm] = []
        self._first = number

    @property
    def number(self) -> int:
        """The entry that the next alarm will be written as."""
        return self._first + len(self.alarms)


class Said(NamedTuple):
    """Who moves an occurrence, and what there is to say of it."""

    by: str = SYSTEM
    text: str | None = None
    disposition: Disposition | None = None
    suppressed: Suppressed | None = None


NOTHING_SAID = Said()


def begin(move: Move, occurrence: int, number: int, definition: Definition | None, kept: Suppressed | None) -> Alarm:
    """Return a new occurrence, suppressed as its alarm is."""
    latches = definition is not None and definition.latch
    born = Regions(latch=Latch.ARMED if latches else Latch.NONE, suppression=kind_of(kept))
    regions, effects = step(born, Stimulus.OCCUR)
    at = move.at.astimezone(UTC)
    return Alarm(
        id=alarm_id(DefinitionId(move.definition), PointId(move.point), occurrence),
        definition=move.definition,
        point=move.point,
        occurrence=occurrence,
        state=word(regions),
        priority=Priority.LOW if definition is None else definition.priority,
        occurred_at=at,
        transition=number,
        value=move.value,
        must_confirm=definition is not None and definition.ccp,
        latched=regions.latch is Latch.LATCHED,
        suppressed=kept,
        annunciation=regions.annunciation,
        annunciated_at=at if Effect.ANNUNCIATE in effects else None,
    )


def begin_past(found: Found, at: datetime, point: str, occurrence: int, number: int, priority: Priority) -> Alarm:
    """Return an occurrence that was over before anybody saw it, found at `at`.

    The goods must be judged, so it must be confirmed.
    """
    return Alarm(
        id=alarm_id(DefinitionId(found.definition), PointId(point), occurrence),
        definition=found.definition,
        point=point,
        occurrence=occurrence,
        state=AlarmState.RETURNED_UNACKNOWLEDGED,
        priority=priority,
        occurred_at=found.raised_at.astimezone(UTC),
        returned_at=found.returned_at.astimezone(UTC),
        transition=number,
        value=found.worst,
        must_confirm=True,
        historical=True,
        unseen=Unseen(
            found_at=at.astimezone(UTC),
            onset=found.onset.astimezone(UTC),
            gap_start=found.gap_start.astimezone(UTC),
            gap_end=found.gap_end.astimezone(UTC),
            others=found.others,
        ),
    )


def kind_of(suppressed: Suppressed | None) -> Suppression:
    """Return how an alarm is suppressed."""
    return Suppression.NONE if suppressed is None else suppressed.kind


def regions_of(alarm: Alarm) -> Regions:
    """Return the state of an occurrence by regions."""
    answer = Answer.ACKNOWLEDGED if alarm.confirmed_at is None else Answer.CONFIRMED
    if alarm.state in (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED):
        answer = Answer.WANTED
    return Regions(
        condition=Condition.ACTIVE if alarm.is_active else Condition.NORMAL,
        data=Data.NONE if alarm.no_data else Data.OK,
        answer=answer,
        latch=Latch.LATCHED if alarm.latched else Latch.NONE,
        suppression=kind_of(alarm.suppressed),
        annunciation=alarm.annunciation,
        duty=Duty.CONFIRM if alarm.must_confirm else Duty.ACKNOWLEDGE,
    )


def stepped(alarm: Alarm, stimulus: Stimulus, at: datetime, number: int, said: Said = NOTHING_SAID) -> Alarm | None:
    """Return what a stimulus makes of an occurrence, to be written as entry `number`; None when it makes nothing."""
    before = regions_of(alarm)
    after, effects = step(before, stimulus)
    renewed = said.suppressed is not None and said.suppressed.kind is after.suppression
    if not effects and not renewed:
        return None
    changes: dict[str, Any] = {
        "state": word(after),
        "latched": after.latch is Latch.LATCHED,
        "no_data": after.data is Data.NONE,
        "annunciation": after.annunciation,
        "transition": number,
    }
    moment = at.astimezone(UTC)
    if after.condition is not before.condition:
        changes["returned_at"] = moment if after.condition is Condition.NORMAL else None
    if after.answer is not before.answer:
        changes |= _answered(after.answer, moment, said)
    if renewed or after.suppression is not before.suppression:
        changes["suppressed"] = said.suppressed
    if Effect.ANNUNCIATE in effects:
        changes["annunciated_at"] = moment
        changes["re_alarms"] = alarm.re_alarms + (stimulus is Stimulus.RE_ALARM)
    return msgspec.structs.replace(alarm, **changes)


def rated(alarm: Alarm, priority: Priority, at: datetime, number: int) -> Alarm | None:
    """Return an active occurrence at another priority; None when it has it already."""
    worst = alarm.priority if alarm.worst is None else alarm.worst
    _, worst_rank, stimulus = rate(RANKS[alarm.priority], RANKS[worst], RANKS[priority])
    if stimulus is None:
        return None
    after = stepped(alarm, stimulus, at, number) or alarm
    gravest = next(one for one, rank in RANKS.items() if rank == worst_rank)
    return msgspec.structs.replace(
        after, priority=priority, worst=None if gravest is priority else gravest, transition=number
    )


def ends_when_acknowledged(alarm: Alarm) -> bool:
    """Whether an acknowledgement is all that an occurrence waits for."""
    return is_over(step(regions_of(alarm), Stimulus.ACKNOWLEDGE)[0])


def _answered(answer: Answer, at: datetime, said: Said) -> dict[str, Any]:
    """Return what an answer, or the want of one, writes into an alarm."""
    if answer is Answer.CONFIRMED:
        confirmed = {"confirmed_at": at, "confirmed_by": said.by}
        return confirmed | {"corrective_action": said.text, "disposition": said.disposition}
    unconfirmed = {"confirmed_at": None, "confirmed_by": None, "corrective_action": None, "disposition": None}
    if answer is Answer.WANTED:
        return unconfirmed | {"acknowledged_at": None, "acknowledged_by": None, "comment": None}
    acknowledged = {"acknowledged_at": at, "acknowledged_by": said.by, "comment": said.text}
    return unconfirmed | acknowledged | {"worst": None}
