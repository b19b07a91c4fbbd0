"""Everything that is judged at one point: its detectors, and whether it has gone stale.

What is known when: a usable reading stands for the value until the next reading, at most for `hold` (three of the
point's intervals). A bad reading ends knowledge and says nothing about the value; a value that the sensor cannot have
measured is one. A watch takes readings in the order of their times; `recent` lets it go back for one that comes late.
"""

import copy
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from msgspec import Struct, field

from coldport.site import Point, Quantity, Role
from control.alarms.definition import APART, Definition, Kind
from control.alarms.detector import Detector, DetectorState, Move
from control.alarms.lifecycle import Stimulus
from control.alarms.mask import Mask
from control.alarms.measured import detector_of
from control.alarms.measures.memory import Memory
from control.alarms.sensors import RANGES, Range

HOLD_INTERVALS = 3
"""A value is held for three of its point's intervals: one lost reading or two are no gap."""

NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""Before every reading."""

CALM, EMPTY = DetectorState(), Memory()
"""What a detector and a measure remember that have heard nothing."""


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
    memories: dict[str, Memory] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)


class Follower(Protocol):
    """Whatever else wants to know what a point says."""

    def hear(self, point: str, at: datetime, value: float | None, recorded_at: datetime, moves: list[Move]) -> None:
        """Take in a reading that was judged; None: it was not usable."""
        ...


class Watch:
    """The judge of one point. `calm` is true while no condition is true, pending or reported."""

    __slots__ = (
        "_detectors",
        "_every",
        "_hold",
        "_interval",
        "_screens",
        "_stale_after",
        "calm",
        "followers",
        "high",
        "low",
        "point",
        "state",
    )

    def __init__(
        self, point: Point, definitions: Sequence[Definition], state: WatchState, masks: Sequence[Mask] = ()
    ) -> None:
        """Judge `point` by the definitions that watch it; what `state` holds of others is forgotten.

        `masks` postpone its HI alarms of air.
        """
        self.point = point.id
        self.state = state
        self.followers: Sequence[Follower] = ()
        self._interval = timedelta(seconds=point.every_s)
        self._hold = HOLD_INTERVALS * self._interval
        self._stale_after = {d.id: timedelta(seconds=d.limit or 0) for d in definitions if d.kind is Kind.STALE}
        self._detectors: list[Detector] = []
        self._screens: list[tuple[Range, Detector]] = []
        maskable = masks if point.quantity is Quantity.TEMPERATURE and point.role is Role.AIR else ()
        for definition in definitions:
            if definition.kind in APART:
                continue
            some = maskable if definition.kind is Kind.HI else ()
            kept = state.detectors.get(definition.id, DetectorState())
            detector = detector_of(definition, kept, state.memories, some)
            if definition.sensor is not None:
                self._screens.append((RANGES[definition.sensor], detector))
            else:
                self._detectors.append(detector)
        self._every = [*self._detectors, *(detector for _, detector in self._screens)]
        state.detectors = {detector.definition: detector.state for detector in self._every}
        state.memories = {name: memory for name, memory in state.memories.items() if name in state.detectors}
        state.stale &= self._stale_after.keys()
        quiet = [d.quiet for d in self._detectors] + [range_.quiet for range_, _ in self._screens]
        self.low = max((low for low, _ in quiet), default=float("-inf"))
        self.high = min((high for _, high in quiet), default=float("inf"))
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
            self.say(at, value, recorded_at)
            return
        if self._screens:
            value = self._screened(value, at, moves)
        known_to = min(at, state.known_to)
        self._elapse(known_to, moves)
        gap = at - known_to
        if gap:
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
            if state.stale:
                self.freshen(recorded_at, moves)
        self.calm = self._is_calm()

    def tick(self, until: datetime, moves: list[Move]) -> datetime:
        """Let time pass to `until` without a reading; return how far it came.

        A replayed past is not live, and does not move by itself.

        It passes no further than to the reading that is due next: one that is overdue may have been made and be on its
        way, held up by a broker or a gateway that was down, and it decides.
        """
        if not self.state.live:
            return NEVER
        passed_to = min(until, self.state.known_to, self.state.newest + self._interval)
        self._elapse(passed_to, moves)
        self.calm = self._is_calm()
        return passed_to

    def tick_stale(self, now: datetime, settled: datetime, moves: list[Move]) -> None:
        """Tell whether the point has been silent too long, in control's time, counted from `settled` at earliest."""
        state = self.state
        quiet_since = max(state.fresh, settled)
        for definition, limit in self._stale_after.items():
            if now - quiet_since >= limit and definition not in state.stale:
                state.stale.add(definition)
                self.calm = False
                moves.append(Move(definition, self.point, Stimulus.OCCUR, quiet_since + limit, None))

    def kept(self) -> WatchState:
        """Return a copy of what is remembered, to go back to; silence is apart, for it is counted in control's time."""
        state = copy.copy(self.state)
        state.detectors = {name: copy.copy(one) for name, one in state.detectors.items()}
        state.memories = {name: one.copy() for name, one in state.memories.items()}
        state.stale = set()
        return state

    def go_back(self, before: WatchState) -> None:
        """Stand as `kept` said; what it holds of definitions that are no more is left out."""
        state = self.state
        state.newest, state.known_to, state.fresh = before.newest, before.known_to, before.fresh
        state.value, state.live = before.value, before.live
        for name, one in state.detectors.items():
            one.become(before.detectors.get(name, CALM))
        for name, memory in state.memories.items():
            memory.become(before.memories.get(name, EMPTY))
        self.calm = self._is_calm()

    def say(self, at: datetime, value: float | None, recorded_at: datetime) -> None:
        """Take in a reading that moves nothing: calm as it was, how its value came to be known does not matter."""
        state = self.state
        state.newest = at
        state.known_to = at + self._hold
        state.fresh = at if at < recorded_at else recorded_at  # noqa: FURB136 min() would cost a third of it
        state.value = value

    def true_conditions(self) -> dict[str, float | None]:
        """Return the definitions whose condition is reported true, with the newest value."""
        raised = {d.definition: self.state.value for d in self._every if d.state.raised}
        return raised | dict.fromkeys(self.state.stale)

    def tell(self, at: datetime, recorded_at: datetime, moves: list[Move]) -> None:
        """Tell the followers of the reading made at `at`, which was the last to be observed."""
        value = self.state.value if self.state.known_to > at else None
        for follower in self.followers:
            follower.hear(self.point, at, value, recorded_at, moves)

    def settle(self, until: datetime, moves: list[Move]) -> datetime:
        """Let known time pass to `until`, before what decides what a delay is worth changes; return how far it came."""
        if self.calm:
            return NEVER
        passed_to = min(until, self.state.known_to)
        self._elapse(passed_to, moves)
        self.calm = self._is_calm()
        return passed_to

    def freshen(self, recorded_at: datetime, moves: list[Move]) -> None:
        """Tell that the point is silent no more, if its newest usable reading is young enough."""
        for definition in sorted(self.state.stale):
            if recorded_at - self.state.fresh < self._stale_after[definition]:
                self.state.stale.remove(definition)
                moves.append(Move(definition, self.point, Stimulus.RETURN, recorded_at, self.state.value))
        self.calm = self._is_calm()

    def _screened(self, value: float | None, at: datetime, moves: list[Move]) -> float | None:
        """Tell of a value that the sensor cannot have measured, and return None for it."""
        known_to = min(at, self.state.newest + self._hold) if self.state.newest != NEVER else at
        screened = value
        for range_, detector in self._screens:
            self._move(detector, known_to, moves)
            detector.skip(at - known_to)
            if value is not None:
                holds = range_.holds(value)
                detector.judge(0.0 if holds else 1.0, at)
                self._move(detector, at, moves)
                screened = screened if holds else None
        return screened

    def _move(self, detector: Detector, until: datetime, moves: list[Move]) -> None:
        edge = detector.elapse(until)
        if edge:
            moves.append(Move(detector.definition, self.point, *edge, self.state.value))

    def _elapse(self, until: datetime, moves: list[Move]) -> None:
        for detector in self._detectors:
            edge = detector.elapse(until)
            if edge:
                moves.append(Move(detector.definition, self.point, *edge, self.state.value))

    def _is_calm(self) -> bool:
        if self.state.stale:
            return False
        for detector in self._every:  # noqa: SIM110 all() would cost as much as the rest of a reading
            if detector.state.breached or detector.state.raised:
                return False
        return True
