"""Everything that is judged at one point: its detectors, and whether it has gone stale.

What is known when: a usable reading stands for the value until the next reading, at most for `hold` (three of the
point's intervals). A bad reading ends knowledge and says nothing about the value. A reading not newer than the newest
one of its point is late: it is on record and is not judged.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field

from coldport.site import Point
from control.alarms.definition import Definition, Kind
from control.alarms.detector import Detector, DetectorState, Move
from control.alarms.lifecycle import Stimulus

HOLD_INTERVALS = 3
"""A value is held for three of its point's intervals: one lost reading or two are no gap."""

NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""Before every reading."""


class WatchState(Struct):
    """What is remembered of a point between readings.

    `newest` is the newest reading of any quality; the value is known up to `known_to`; `fresh` is when the newest
    usable reading was made, or was recorded if its clock was ahead of ours. `live` tells that it came within `hold` of
    being made: only then may the mere passing of time move an alarm.
    """

    newest: datetime = NEVER
    known_to: datetime = NEVER
    fresh: datetime = NEVER
    value: float | None = None
    live: bool = False
    detectors: dict[str, DetectorState] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)


class Watch:
    """The judge of one point. `calm` is true while no condition is true, pending or reported."""

    __slots__ = ("_detectors", "_hold", "_interval", "_stale_after", "calm", "high", "low", "point", "state")

    def __init__(self, point: Point, definitions: Sequence[Definition], state: WatchState) -> None:
        """Judge `point` by the definitions that watch it; what `state` holds of others is forgotten."""
        self.point = point.id
        self.state = state
        self._interval = timedelta(seconds=point.every_s)
        self._hold = HOLD_INTERVALS * self._interval
        self._stale_after = {d.id: timedelta(seconds=d.limit or 0) for d in definitions if d.kind is Kind.STALE}
        self._detectors = [
            Detector(definition, state.detectors.get(definition.id, DetectorState()))
            for definition in definitions
            if definition.kind is not Kind.STALE
        ]
        state.detectors = {detector.definition: detector.state for detector in self._detectors}
        state.stale &= self._stale_after.keys()
        self.high = min((d.limit for d in self._detectors if d.high), default=float("inf"))
        self.low = max((d.limit for d in self._detectors if not d.high), default=float("-inf"))
        self.calm = self._is_calm()

    @property
    def detectors(self) -> Sequence[Detector]:
        """The conditions that are judged by the point's values."""
        return self._detectors

    @property
    def can_go_stale(self) -> bool:
        """Whether a definition watches for its silence."""
        return bool(self._stale_after)

    def observe(self, at: datetime, value: float | None, recorded_at: datetime, moves: list[Move]) -> None:
        """Take in a reading made at `at`, later than `state.newest`; add what it moved. None: it was not usable."""
        state = self.state
        if value is not None and self.calm and self.low <= value <= self.high:
            # The quiet path: nearly every reading. Nothing is pending, so how it came to be known does not matter.
            state.newest = at
            state.known_to = at + self._hold
            state.fresh = at if at < recorded_at else recorded_at  # noqa: FURB136 min() would cost a third of this path
            state.value = value
            return
        known_to = min(at, state.known_to)
        self._elapse(known_to, moves)
        gap = at - known_to
        for detector in self._detectors:
            detector.skip(gap)
        state.newest = at
        state.known_to = at
        if value is not None:
            state.value = value
            state.known_to = at + self._hold
            state.fresh = min(at, recorded_at)
            state.live = recorded_at - at <= self._hold
            for detector in self._detectors:
                detector.judge(value, at)
            self._elapse(at, moves)
            self._freshen(recorded_at, moves)
        self.calm = self._is_calm()

    def tick(self, until: datetime, moves: list[Move]) -> None:
        """Let time pass to `until` without a reading. A replayed past is not live, and does not move by itself.

        It passes no further than to the reading that is due next: one that is overdue may have been made and be on its
        way, held up by a broker or a gateway that was down, and it decides.
        """
        if self.state.live:
            self._elapse(min(until, self.state.known_to, self.state.newest + self._interval), moves)
            self.calm = self._is_calm()

    def tick_stale(self, now: datetime, settled: datetime, moves: list[Move]) -> None:
        """Tell whether the point has been silent too long, in control's time, counted from `settled` at earliest."""
        state = self.state
        quiet_since = max(state.fresh, settled)
        for definition, limit in self._stale_after.items():
            if now - quiet_since >= limit and definition not in state.stale:
                state.stale.add(definition)
                self.calm = False
                moves.append(Move(definition, self.point, Stimulus.OCCUR, quiet_since + limit, None))

    def true_conditions(self) -> dict[str, float | None]:
        """Return the definitions whose condition is reported true, with the newest value."""
        raised = {d.definition: self.state.value for d in self._detectors if d.state.raised}
        return raised | dict.fromkeys(self.state.stale)

    def _elapse(self, until: datetime, moves: list[Move]) -> None:
        for detector in self._detectors:
            edge = detector.elapse(until)
            if edge:
                moves.append(Move(detector.definition, self.point, *edge, self.state.value))

    def _freshen(self, recorded_at: datetime, moves: list[Move]) -> None:
        for definition in sorted(self.state.stale):
            if recorded_at - self.state.fresh < self._stale_after[definition]:
                self.state.stale.remove(definition)
                moves.append(Move(definition, self.point, Stimulus.RETURN, recorded_at, self.state.value))

    def _is_calm(self) -> bool:
        return not self.state.stale and not any(d.state.breached or d.state.raised for d in self._detectors)
