"""Conditions that remember more of a point than its newest value: a figure made of many, or a sum of time.

They share the detector's deadband, delays and treatment of gaps; which measure a kind has is in one table.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from typing import NamedTuple

import msgspec

from control.alarms.definition import Definition, Kind
from control.alarms.detector import Detector, DetectorState
from control.alarms.lifecycle import Stimulus
from control.alarms.mask import Mask
from control.alarms.measures.count import spikes, starts
from control.alarms.measures.cumulative import MICROSECOND, add, forget, reached, total
from control.alarms.measures.doubt import drift, stuck
from control.alarms.measures.memory import Measure, Memory
from control.alarms.measures.slope import forecast, jump, slope
from control.alarms.measures.window import kinetic_mean, run_share


class Figures(NamedTuple):
    """What a definition says that a measure can be made by."""

    limit: float
    window_s: float
    delay_s: float


MEASURES: dict[Kind, Callable[[Figures], Measure]] = {
    Kind.RISE: lambda by: slope(by.window_s, 1.0),
    Kind.FALL: lambda by: slope(by.window_s, -1.0),
    Kind.PREDICTED_HI: lambda by: forecast(by.window_s, by.limit, high=True),
    Kind.PREDICTED_LO: lambda by: forecast(by.window_s, by.limit, high=False),
    Kind.MKT: lambda by: kinetic_mean(by.window_s),
    Kind.STARTS: lambda by: starts(by.window_s),
    Kind.RUN_SHARE: lambda by: run_share(by.window_s),
    Kind.SPIKE: lambda by: spikes(by.window_s),
    Kind.STUCK: lambda by: stuck(by.limit),
    Kind.DRIFT: lambda by: drift(by.limit, by.delay_s),
    Kind.JUMP: lambda by: jump(by.window_s),
}
"""The measure of each kind that has one."""


class Measured(Detector):
    """The condition of one definition on a figure made of the values of one point."""

    __slots__ = ("measure", "memory")

    def __init__(self, definition: Definition, state: DetectorState, memory: Memory) -> None:
        """Judge by `definition`, going on from `state` and `memory`, which become the detector's own."""
        if definition.kind is Kind.DRIFT:  # its sum has the delay in it
            super().__init__(msgspec.structs.replace(definition, on_delay_s=0.0), state)
        else:
            super().__init__(definition, state)
        self.memory = memory
        figures = Figures(definition.limit or 0.0, definition.window_s or 0.0, definition.on_delay_s)
        self.measure = MEASURES[definition.kind](figures)

    @property
    def quiet(self) -> tuple[float, float]:
        """None: every value counts."""
        return inf, -inf

    def skip(self, gap: timedelta) -> None:
        """Let unknown time pass: nothing of it is known to the measure either."""
        super().skip(gap)
        self.memory.unknown_s += gap.total_seconds()

    def judge(self, value: float, at: datetime) -> None:
        """Judge what the measure makes of the value; one that cannot tell changes nothing."""
        memory = self.memory
        at_s = at.timestamp()
        known_s = 0.0 if memory.at_s is None else max(0.0, at_s - memory.at_s - memory.unknown_s)
        figure = self.measure(memory, value, at_s, known_s)
        memory.at_s, memory.value, memory.unknown_s = at_s, value, 0.0
        if figure is not None:
            super().judge(figure, at)


class Cumulative(Detector):
    """Beyond a limit for `allowed_s` in all within a rolling window; exactly so long is enough.

    `state.breached` is whether the value is beyond the limit now. The time counts towards the alarm as it passes, and
    the alarm ends when enough of it has left the window.
    """

    __slots__ = ("_allowed_s", "_window_s", "memory")

    def __init__(self, definition: Definition, state: DetectorState, memory: Memory) -> None:
        """Judge by `definition`, going on from `state` and `memory`, which become the detector's own."""
        super().__init__(definition, state)
        self.memory = memory
        self._window_s = definition.window_s or 0.0
        self._allowed_s = definition.allowed_s or 0.0

    def elapse(self, until: datetime) -> tuple[Stimulus, datetime] | None:
        """Let known time pass to `until`; return the edge if the sum came to the allowed time, or fell below it."""
        state, memory = self.state, self.memory
        if memory.at_s is None or not (state.breached or state.raised):
            return None
        until_s = until.timestamp()
        due_s = None
        if state.breached and until_s >= memory.at_s:
            due_s = reached(memory.rows, self._window_s, self._allowed_s, (memory.at_s, until_s))
            add(memory.rows, memory.at_s, until_s)
        memory.at_s = max(memory.at_s, until_s)
        forget(memory.rows, until_s - self._window_s)
        if not state.raised and due_s is not None:
            state.raised = True
            return Stimulus.OCCUR, datetime.fromtimestamp(due_s, UTC)
        if state.raised and total(memory.rows, until_s - self._window_s) < self._allowed_s - MICROSECOND:
            state.raised = False
            return Stimulus.RETURN, until
        return None

    def skip(self, gap: timedelta) -> None:
        """Let unknown time pass: it counts neither way."""
        if self.memory.at_s is not None:
            self.memory.at_s += gap.total_seconds()

    def judge(self, value: float, at: datetime) -> None:
        """Compare a value."""
        self.state.breached = value > self.limit if self.high else value < self.limit
        self.memory.at_s = at.timestamp()


def detector_of(
    definition: Definition, state: DetectorState, memories: dict[str, Memory], masks: Sequence[Mask]
) -> Detector:
    """Return the detector of a definition's kind; what it keeps beyond `state` is in `memories`, by definition."""
    if definition.kind in (Kind.CUMULATIVE_HI, Kind.CUMULATIVE_LO):
        return Cumulative(definition, state, memories.setdefault(definition.id, Memory()))
    if definition.kind in MEASURES:
        return Measured(definition, state, memories.setdefault(definition.id, Memory()))
    return Detector(definition, state, masks)
