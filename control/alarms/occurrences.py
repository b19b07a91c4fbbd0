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

WAITING_LIMIT = 20
"""Occurrences of one alarm that may wait for acknowledgement; past it the oldest is acknowledged by the system, with a
comment. An alarm that came twenty times unseen needs a person at the definition, not a longer list."""

RECENT_LIMIT = 50
"""Occurrences kept after they became normal; older ones are in the journal."""

SYSTEM = "coldport"


class OccurrenceState(Struct):
    """What is remembered of a site's occurrences.

    `standing` want attention, by alarm and then by id; `recent` became normal last; `newest` is the newest of each
    alarm; `moved` is the number of the last transition. An alarm is one definition at one point.
    """

    standing: dict[str, dict[str, Alarm]] = field(default_factory=dict)
    recent: list[Alarm] = field(default_factory=list)
    newest: dict[str, Alarm] = field(default_factory=dict)
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
            state.recent.append(alarm)
            del state.recent[:-RECENT_LIMIT]
        else:
            standing[alarm.id] = alarm
        if not standing:
            del state.standing[key]
        if key not in state.newest or alarm.occurrence >= state.newest[key].occurrence:
            state.newest[key] = alarm

    def move(self, move: Move, number: int) -> Iterator[Alarm]:
        """Do what an edge of a condition does; usually one alarm moves, and none when it tells nothing new."""
        newest = self.state.newest.get(_key(move.definition, move.point))
        active = newest is not None and newest.state in ACTIVE
        if move.stimulus is Stimulus.OCCUR and not active:
            alarm = self._occur(move, 1 if newest is None else newest.occurrence + 1, number)
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
