"""The occurrences of a site's alarms: which stand, in what state, and what becomes of them.

Every change gives the alarm as others will see it, and `put` takes such an alarm in again: so what was written down
stands after a restart, whatever the definitions say by then.
"""

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import msgspec
from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from coldport.ids import AlarmId, DefinitionId, PointId, alarm_id
from coldport.messages.alarm import Alarm, AlarmState, Priority
from control.alarms.definition import Definition
from control.alarms.detector import Move
from control.alarms.lifecycle import ACTIVE, TRANSITIONS, Stimulus
from control.entries import Found, Revised

WAITING_LIMIT = 20
"""Occurrences of one alarm that may wait for acknowledgement; past it the oldest is acknowledged by the system, with a
comment. An alarm that came twenty times unseen needs a person at the definition, not a longer list."""

RECENT_LIMIT = 50
"""Occurrences kept after they became normal; older ones are in the journal."""

SYSTEM = "coldport"


class OccurrenceState(Struct):
    """What is remembered of a site's occurrences.

    `standing` want attention, by alarm and then by id; `recent` became normal last; `newest` is the newest of each
    alarm; `moved` is the number of the last transition. An alarm is one definition at one point. `last` is the highest
    number of those of which historical occurrences are.
    """

    standing: dict[str, dict[str, Alarm]] = field(default_factory=dict)
    recent: list[Alarm] = field(default_factory=list)
    newest: dict[str, Alarm] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    moved: int = 0


class Occurrences:
    """All occurrences of a site. `number` in every method is that of the journal entry a change will be written as."""

    def __init__(self, definitions: Mapping[str, Definition], state: OccurrenceState) -> None:
        """Go on from `state`; `definitions` by id say the priority of what occurs from now on."""
        self._priorities = {name: definition.priority for name, definition in definitions.items()}
        self.state = state

    def put(self, alarm: Alarm) -> None:
        """Take an alarm in as it stands in the journal."""
        state, key = self.state, _key(alarm.definition, alarm.point)
        state.moved = alarm.transition
        standing = state.standing.setdefault(key, {})
        if alarm.state is AlarmState.NORMAL:
            standing.pop(alarm.id, None)
            again = [index for index, one in enumerate(state.recent) if one.id == alarm.id]
            for index in again:
                state.recent[index] = alarm
            if not again:
                state.recent.append(alarm)
            del state.recent[:-RECENT_LIMIT]
        else:
            standing[alarm.id] = alarm
        if not standing:
            del state.standing[key]
        if alarm.historical:
            state.last[key] = max(alarm.occurrence, state.last.get(key, 0))
        newest = state.newest.get(key)
        # What is true now is what others must see, whatever was found of the past.
        hidden = alarm.historical and newest is not None and newest.state in ACTIVE
        if newest is None or (alarm.occurrence >= newest.occurrence and not hidden):
            state.newest[key] = alarm

    def move(self, move: Move, number: int) -> Iterator[Alarm]:
        """Do what an edge of a condition does; usually one alarm moves, and none when it tells nothing new."""
        newest = self.state.newest.get(_key(move.definition, move.point))
        active = newest is not None and newest.state in ACTIVE
        if move.stimulus is Stimulus.OCCUR and not active:
            alarm = self._occur(move, self._next(_key(move.definition, move.point)), number)
            yield alarm
            yield from self._relieve(alarm, number + 1)
        elif move.stimulus is Stimulus.RETURN and newest is not None and active:
            returned = msgspec.structs.replace(
                newest,
                state=TRANSITIONS[newest.state, Stimulus.RETURN],
                returned_at=move.at.astimezone(UTC),
                transition=number,
            )
            self.put(returned)
            yield returned

    def revise(self, revised: Revised, point: str, number: int) -> Alarm | None:
        """Move the onset of an alarm back to when it really occurred; None when it is not remembered, or not later."""
        for alarm in self._remembered(revised.definition, point):
            if alarm.occurred_at > revised.now and (alarm.returned_at is None or alarm.returned_at >= revised.was):
                onset = revised.now.astimezone(UTC)
                moved = msgspec.structs.replace(
                    alarm, occurred_at=onset, revised_from=alarm.occurred_at, transition=number
                )
                self.put(moved)
                return moved
        return None

    def find_past(self, found: Found, point: str, number: int) -> Alarm | None:
        """Open an occurrence that is over and was never seen; one of that time, if remembered, is revised instead."""
        for alarm in self._remembered(found.definition, point):
            if alarm.occurred_at <= found.returned_at and found.raised_at <= (alarm.returned_at or found.raised_at):
                seen = Revised(definition=found.definition, was=alarm.occurred_at, now=found.raised_at)
                return self.revise(seen, point, number)
        occurrence = self._next(_key(found.definition, point))
        alarm = Alarm(
            id=alarm_id(DefinitionId(found.definition), PointId(point), occurrence),
            definition=found.definition,
            point=point,
            occurrence=occurrence,
            state=AlarmState.RETURNED_UNACKNOWLEDGED,
            priority=self._priorities.get(found.definition, Priority.LOW),
            occurred_at=found.raised_at.astimezone(UTC),
            returned_at=found.returned_at.astimezone(UTC),
            transition=number,
            value=found.worst,
            historical=True,
        )
        self.put(alarm)
        return alarm

    def acknowledge(self, name: AlarmId, at: datetime, by: str, comment: str | None, number: int) -> Alarm | None:
        """Acknowledge an occurrence; None when it was acknowledged before, and nothing changes.

        Raises:
            NotFoundError: No such occurrence is remembered.
            RefusedError: It became normal without a person having acknowledged it.
        """
        alarm = self.find(name)
        target = TRANSITIONS.get((alarm.state, Stimulus.ACKNOWLEDGE))
        if target is None:
            if alarm.acknowledged_by in (None, SYSTEM):
                raise RefusedError(f"alarm {name} is {alarm.state}; there is nothing to acknowledge")
            return None
        acknowledged = msgspec.structs.replace(
            alarm, state=target, acknowledged_at=at, acknowledged_by=by, comment=comment, transition=number
        )
        self.put(acknowledged)
        return acknowledged

    def find(self, name: AlarmId) -> Alarm:
        """Return an occurrence as it stands; raises NotFoundError when it is not remembered."""
        standing = self.state.standing.get(name.rpartition(".")[0], {})
        for alarm in (*standing.values(), *reversed(self.state.recent)):
            if alarm.id == name:
                return alarm
        raise NotFoundError(f"no alarm {name!r}")

    def listed(self) -> list[Alarm]:
        """Return those that want attention and the last that became normal, in the order they occurred."""
        standing = itertools.chain.from_iterable(alarms.values() for alarms in self.state.standing.values())
        return sorted([*self.state.recent, *standing], key=lambda a: (a.occurred_at, a.transition))

    def newest_since(self, transition: int) -> list[Alarm]:
        """Return the newest occurrence of each alarm, if it moved after `transition`, in the order they moved."""
        if self.state.moved <= transition:
            return []
        moved = [alarm for alarm in self.state.newest.values() if alarm.transition > transition]
        return sorted(moved, key=lambda alarm: alarm.transition)

    def active(self) -> list[Alarm]:
        """Return those whose condition is still true; at most one of each alarm."""
        return [alarm for alarm in self.state.newest.values() if alarm.state in ACTIVE]

    def _next(self, key: str) -> int:
        newest = self.state.newest.get(key)
        return 1 + max(newest.occurrence if newest else 0, self.state.last.get(key, 0))

    def _remembered(self, definition: str, point: str) -> Iterator[Alarm]:
        """Give the occurrences of an alarm that are remembered, newest first."""
        key = _key(definition, point)
        standing = self.state.standing.get(key, {}).values()
        recent = [alarm for alarm in self.state.recent if _key(alarm.definition, alarm.point) == key]
        newest = [self.state.newest[key]] if key in self.state.newest else []
        found = {alarm.id: alarm for alarm in (*standing, *recent, *newest)}
        yield from sorted(found.values(), key=lambda alarm: alarm.occurrence, reverse=True)

    def _occur(self, move: Move, occurrence: int, number: int) -> Alarm:
        alarm = Alarm(
            id=alarm_id(DefinitionId(move.definition), PointId(move.point), occurrence),
            definition=move.definition,
            point=move.point,
            occurrence=occurrence,
            state=TRANSITIONS[AlarmState.NORMAL, Stimulus.OCCUR],
            priority=self._priorities.get(move.definition, Priority.LOW),
            occurred_at=move.at.astimezone(UTC),
            transition=number,
            value=move.value,
        )
        self.put(alarm)
        return alarm

    def _relieve(self, alarm: Alarm, number: int) -> Iterator[Alarm]:
        """Acknowledge the oldest of too many that wait."""
        waiting = self.state.standing[_key(alarm.definition, alarm.point)]
        if len(waiting) > WAITING_LIMIT:
            oldest = min(waiting.values(), key=lambda a: a.occurrence)
            comment = f"more than {WAITING_LIMIT} occurrences were waiting"
            relieved = self.acknowledge(AlarmId(oldest.id), alarm.occurred_at, SYSTEM, comment, number)
            if relieved:
                yield relieved


def _key(definition: str, point: str) -> str:
    """Name an alarm: the id of an occurrence without its number."""
    return f"{definition}.{point}"
