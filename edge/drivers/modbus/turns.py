"""Whose turn it is on a line that several units share. Pure: time is an argument, in monotonic seconds.

Regular reads go first, the one that has waited longest before the others. Units that missed are asked in the time that
is left over, so that waiting for them in vain keeps nobody waiting. Only where nothing is left over, a probe that has
been put off for as long as it had waited goes first: one time-out in two waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import floor

from edge.drivers.modbus.breaker import FIRST_WAIT_S, Breaker


@dataclass(slots=True)
class Turn:
    """The place on the line of the read with this index. Reads of one unit share its breaker.

    `owed` says that this read was missed once and not told: it is asked again before its next period.
    """

    index: int
    every_s: float
    due_s: float
    breaker: Breaker = field(default_factory=Breaker)
    owed: bool = False

    def is_due(self, now_s: float) -> bool:
        """Whether it is to be read or told of now; one owed by a unit that has answered since waits no longer."""
        return self.due_s <= now_s or (self.owed and not self.breaker.misses)

    def taken(self, now_s: float) -> None:
        """Set the next regular read, in step with the first; reads that were missed meanwhile are left out."""
        self.due_s += self.every_s * max(1, floor((now_s - self.due_s) / self.every_s) + 1)


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the unit of `turn` now."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class Report:
    """The unit of `turn` is due and taken to be dead: say so without asking it."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do for so long."""

    duration_s: float


def choose(turns: Sequence[Turn], now_s: float, timeout_s: float) -> Ask | Report | Wait:
    """Return what the line does next. `timeout_s` is what asking a silent unit costs; `turns` is not empty."""
    due = [turn for turn in turns if turn.is_due(now_s)]
    for turn in due:
        if turn.breaker.is_open:
            return Report(turn)
    probe = _overdue_probe(turns, now_s, timeout_s)
    if probe is not None:
        return Ask(probe)
    if due:
        return Ask(min(due, key=lambda turn: (turn.breaker.misses, turn.due_s)))
    wakes = [turn.due_s for turn in turns]
    wakes += [turn.breaker.probe_s for turn in turns if turn.breaker.misses and turn.breaker.probe_s > now_s]
    return Wait(min(wakes) - now_s)


def _overdue_probe(turns: Sequence[Turn], now_s: float, timeout_s: float) -> Turn | None:
    """Return a unit that missed and may be asked now: in spare time, or because there has been none for too long."""
    missing = [turn for turn in turns if turn.breaker.misses and turn.breaker.probe_s <= now_s]
    if not missing:
        return None
    probe = min(missing, key=lambda turn: (turn.breaker.probe_s, not turn.owed))
    spare_until_s = min((turn.due_s for turn in turns if not turn.breaker.misses), default=now_s + timeout_s)
    put_off_s = now_s - probe.breaker.probe_s
    if spare_until_s >= now_s + timeout_s or put_off_s >= max(FIRST_WAIT_S, probe.breaker.wait_s):
        return probe
    return None
