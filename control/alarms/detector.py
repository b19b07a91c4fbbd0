"""From the values of one point to the edges of one condition: limit, deadband, on-delay, off-delay.

Time is the time of the readings, and only *known* time counts: a delay stands still while nothing is known (see
`watch`), so a gap neither raises nor clears. A duration exactly as long as its delay is enough; a value exactly at the
limit is not beyond it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple

from msgspec import Struct

from control.alarms.definition import Definition, Kind
from control.alarms.lifecycle import Stimulus
from control.alarms.mask import Mask, postponed

DOOR_OPEN = 0.5
"""A door's value is 0 closed, 1 open; half way tells them apart. So it is for everything of two states."""

LOW_KINDS = frozenset({Kind.LO, Kind.LOLO, Kind.OFF, Kind.CUMULATIVE_LO, Kind.PREDICTED_HI, Kind.PREDICTED_LO})
"""Kinds that are true below their limit; a forecast is the time that is left."""

TWO_STATES = frozenset({Kind.OPEN, Kind.ON, Kind.OFF, Kind.STUCK, Kind.RANGE})
"""Kinds whose value says only yes or no."""


class Move(NamedTuple):
    """The condition of one definition at one point came true or untrue, at `at`, with `value` known then.

    `instead_of` is of a correction: the edge that was told to be at that time. One that came true where it was told
    to have come untrue was true all the while.
    """

    definition: str
    point: str
    stimulus: Stimulus
    at: datetime
    value: float | None
    instead_of: datetime | None = None


class DetectorState(Struct):
    """What a detector remembers. `since` is when the delay that is running began; None when none is.

    A delay runs exactly while `breached` (what the values say) and `raised` (what has been reported) differ.
    """

    breached: bool = False
    raised: bool = False
    since: datetime | None = None

    def become(self, other: "DetectorState") -> None:
        """Remember what `other` does."""
        self.breached, self.raised, self.since = other.breached, other.raised, other.since


class Detector:
    """The condition of one definition at one point."""

    __slots__ = ("clear", "definition", "high", "limit", "masks", "off_delay", "on_delay", "state")

    def __init__(self, definition: Definition, state: DetectorState, masks: Sequence[Mask] = ()) -> None:
        """Judge by `definition` (of a kind that values decide), going on from `state`."""
        limit = threshold(definition)
        self.definition = definition.id
        self.high = definition.kind not in LOW_KINDS
        self.limit = limit
        self.clear = limit - definition.deadband if self.high else limit + definition.deadband
        self.on_delay = timedelta(seconds=definition.on_delay_s)
        self.off_delay = timedelta(seconds=definition.off_delay_s)
        self.masks = masks
        self.state = state

    @property
    def quiet(self) -> tuple[float, float]:
        """The values, both ends included, that cannot move it while nothing is true; none if the first is higher."""
        return (-inf, self.limit) if self.high else (self.limit, inf)

    def elapse(self, until: datetime) -> tuple[Stimulus, datetime] | None:
        """Let known time pass to `until`; return the edge, and when it was, if a delay ended on the way."""
        state = self.state
        if state.since is None:
            return None
        due = state.since + (self.on_delay if state.breached else self.off_delay)
        if self.masks and state.breached:
            due = postponed(self.masks, due, state.since)
        if due > until:
            return None
        state.raised = state.breached
        state.since = None
        return (Stimulus.OCCUR if state.raised else Stimulus.RETURN), due

    def skip(self, gap: timedelta) -> None:
        """Let unknown time pass: a running delay stands still."""
        if self.state.since is not None:
            self.state.since += gap

    def judge(self, value: float, at: datetime) -> None:
        """Compare a value. Inside the deadband the condition stays what it was, so a dip into it restarts nothing."""
        state = self.state
        threshold = self.clear if state.breached else self.limit
        breached = value > threshold if self.high else value < threshold
        if breached is not state.breached:
            state.breached = breached
            state.since = at if breached is not state.raised else None


def threshold(definition: Definition) -> float:
    """Return what the value of a definition's kind is compared with."""
    if definition.kind in TWO_STATES:
        return DOOR_OPEN
    if definition.kind is Kind.DRIFT:
        return 1.0
    limit = definition.within_s if definition.kind in (Kind.PREDICTED_HI, Kind.PREDICTED_LO) else definition.limit
    if limit is None:
        raise ValueError(f"definition {definition.id} has no limit")
    return limit
