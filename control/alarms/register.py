"""Which occurrences are remembered: those that stand, those that became normal last, the newest of each alarm."""

import itertools
from collections.abc import Iterator
from datetime import datetime

import msgspec
from msgspec import Struct, field

from coldport.errors import NotFoundError
from coldport.messages.alarm import Alarm, AlarmState, Suppressed

RECENT_LIMIT = 50
"""Occurrences kept after they became normal; older ones are in the journal."""


class OccurrenceState(Struct):
    """What is remembered of a site's occurrences.

    `standing` want attention, by alarm and then by id; `recent` became normal last; `newest` is the newest of each
    alarm; `moved` is the number of the last transition. An alarm is one definition at one point. `last` is the highest
    number of those of which historical occurrences are. `ahead` holds how alarms are suppressed that have not occurred
    yet, `first_out` when the last first-out of each zone was.
    """

    standing: dict[str, dict[str, Alarm]] = field(default_factory=dict)
    recent: list[Alarm] = field(default_factory=list)
    newest: dict[str, Alarm] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    ahead: dict[str, Suppressed] = field(default_factory=dict)
    first_out: dict[str, datetime] = field(default_factory=dict)
    moved: int = 0


class Register:
    """The occurrences of a site, as they stand."""

    def __init__(self, state: OccurrenceState) -> None:
        """Go on from `state`, which becomes the register's own."""
        self.state = state

    def put(self, alarm: Alarm) -> None:
        """Take an alarm in as it stands in the journal."""
        state, key = self.state, alarm_of(alarm)
        state.moved = alarm.transition
        state.ahead.pop(key, None)
        standing = state.standing.setdefault(key, {})
        if alarm.state is AlarmState.NORMAL:
            standing.pop(alarm.id, None)
            self._retire(alarm)
        else:
            standing[alarm.id] = alarm
            state.recent = [one for one in state.recent if one.id != alarm.id]
        if not standing:
            del state.standing[key]
        if alarm.historical:
            state.last[key] = max(alarm.occurrence, state.last.get(key, 0))
        newest = state.newest.get(key)
        # What is true now is what others must see, whatever was found of the past.
        hidden = alarm.historical and newest is not None and newest.is_active
        if newest is None or (alarm.occurrence >= newest.occurrence and not hidden):
            if newest is not None and newest.id != alarm.id and newest.suppressed and newest.state is AlarmState.NORMAL:
                self._retire(msgspec.structs.replace(newest, suppressed=None))
            state.newest[key] = alarm

    def find(self, name: str) -> Alarm:
        """Return an occurrence as it stands; raises NotFoundError when it is not remembered."""
        for alarm in self.remembered(name.rpartition(".")[0]):
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
        return [alarm for alarm in self.state.newest.values() if alarm.is_active]

    def of(self, key: str) -> list[Alarm]:
        """Return the occurrences of an alarm that stand, and the newest, in the order they occurred."""
        found = dict(self.state.standing.get(key, {}))
        if newest := self.state.newest.get(key):
            found[newest.id] = newest
        return sorted(found.values(), key=lambda alarm: alarm.occurrence)

    def remembered(self, key: str) -> Iterator[Alarm]:
        """Give the occurrences of an alarm that are remembered, newest first."""
        recent = [alarm for alarm in self.state.recent if alarm_of(alarm) == key]
        found = {alarm.id: alarm for alarm in (*recent, *self.of(key))}
        yield from sorted(found.values(), key=lambda alarm: alarm.occurrence, reverse=True)

    def suppressed(self, key: str) -> Suppressed | None:
        """Return how an alarm is suppressed, whether or not it ever occurred."""
        newest = self.state.newest.get(key)
        return self.state.ahead.get(key) if newest is None else newest.suppressed

    def suppressions(self) -> dict[str, Suppressed]:
        """Return every alarm that is suppressed, by name, in the order of names."""
        newest = {key: alarm.suppressed for key, alarm in self.state.newest.items() if alarm.suppressed}
        return dict(sorted({**self.state.ahead, **newest}.items()))

    def next(self, key: str) -> int:
        """Return the number of the next occurrence of an alarm."""
        newest = self.state.newest.get(key)
        return 1 + max(newest.occurrence if newest else 0, self.state.last.get(key, 0))

    def _retire(self, alarm: Alarm) -> None:
        """Keep an occurrence that is over, for a while; one that moves after it was over stays in its place."""
        recent = self.state.recent
        for index, one in enumerate(recent):
            if one.id == alarm.id:
                recent[index] = alarm
                return
        if alarm.transition == self.state.moved:
            recent.append(alarm)
            del recent[:-RECENT_LIMIT]


def alarm_of(alarm: Alarm) -> str:
    """Name the alarm of an occurrence: its id without the number."""
    return key_of(alarm.definition, alarm.point)


def key_of(definition: str, point: str) -> str:
    """Name the alarm of one definition at one point."""
    return f"{definition}.{point}"
