"""HI and HIHI, LO and LOLO of one point: while the graver is active it speaks for the lesser, which stays on record.

Each definition keeps its own occurrences. The graver one is new and wants an answer; the lesser, if it is active too,
keeps its state, falls silent and is not told again. When the graver returns first, the lesser sounds again if nobody
has answered it: the first step down is news, as in RFC 8632 (notify-severity-level); if somebody has, it is none.
"""

from collections.abc import Iterable, Mapping

from coldport.messages.alarm import Alarm
from control.alarms.definition import Definition, Kind
from control.alarms.occurrence import RANKS
from control.alarms.register import key_of

GRAVER = {Kind.HI: Kind.HIHI, Kind.LO: Kind.LOLO}


class Ladder:
    """Which alarms stand one above another at the same point."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        """Order `definitions` by their kinds."""
        known = list(definitions)
        self._above = {
            one.id: [other.id for other in known if other.kind is GRAVER[one.kind]]
            for one in known
            if one.kind in GRAVER
        }
        self._below: dict[str, list[str]] = {}
        for lesser, gravers in self._above.items():
            for graver in gravers:
                self._below.setdefault(graver, []).append(lesser)

    def below(self, alarm: Alarm) -> list[str]:
        """Return the keys of the alarms of its point that an alarm may speak for."""
        return [key_of(lesser, alarm.point) for lesser in self._below.get(alarm.definition, ())]

    def speaker(self, alarm: Alarm, newest: Mapping[str, Alarm]) -> str | None:
        """Return the occurrence that speaks for an active one; None: it speaks for itself.

        One that is kept from operators, or has a lower priority, speaks for nobody.
        """
        for graver in self._above.get(alarm.definition, ()):
            other = newest.get(key_of(graver, alarm.point))
            if other is None or not other.is_active or other.suppressed is not None:
                continue
            if RANKS[other.priority] >= RANKS[alarm.priority]:
                return other.id
        return None
