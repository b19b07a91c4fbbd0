"""Folds the readings of one point, in the order of their times, into excursions and gaps.

The judging is that of the live view (`control.alarms.watch`); here are only the spans that follow from it. Masks never
reach the record, and neither does the time at which a reading was recorded.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from coldport.site import Point
from control.alarms.definition import LEVELS, Definition, Kind
from control.alarms.detector import Detector, Move
from control.alarms.lifecycle import Stimulus
from control.alarms.record.spans import Ending, Excursion, Gap
from control.alarms.sensors import RANGES
from control.alarms.watch import NEVER, Watch, WatchState

LIMIT_KINDS = LEVELS | {Kind.OPEN}
"""Conditions that hold or not by the value of one point: what an excursion can be of."""

NOTHING = timedelta(0)


class Pending(Struct):
    """A condition that holds and may become, or already is, an excursion."""

    onset: datetime
    worst: float
    worst_at: datetime
    known: timedelta = NOTHING
    unknown: timedelta = NOTHING
    gaps: int = 0
    raised_at: datetime | None = None
    returned_at: datetime | None = None


class FoldState(Struct):
    """All that the readings so far leave for those to come; two equal ones have the same future."""

    watch: WatchState = field(default_factory=lambda: WatchState(live=True))
    pending: dict[str, Pending] = field(default_factory=dict)
    gap: datetime | None = None
    """Since when bad readings, and no other, have come."""


class Fold:
    """The fold of one point. What is over goes to `excursions` and `gaps`, in order; to be taken from there."""

    def __init__(self, point: Point, definitions: Sequence[Definition], state: FoldState | None = None) -> None:
        """Go on from `state`, which becomes the fold's own; definitions of other kinds of condition are left out."""
        self.state = state if state is not None else FoldState()
        self._definitions = {d.id: d for d in definitions if d.kind in LIMIT_KINDS}
        self._ranges = [RANGES[d.sensor] for d in definitions if d.sensor is not None]
        self._watch = Watch(point, list(self._definitions.values()), self.state.watch)
        self.excursions: list[Excursion] = []
        self.gaps: list[Gap] = []

    def take(self, at: datetime, value: float | None) -> None:
        """Take in the reading made at `at`, later than every one before; None: it was not usable.

        A value that the sensor cannot have measured is not usable.
        """
        watch, state = self._watch, self.state
        if value is not None and not all(possible.holds(value) for possible in self._ranges):
            value = None
        newest, known_to = state.watch.newest, min(at, state.watch.known_to)
        gap_ended = value is not None and known_to < at and newest != NEVER
        if gap_ended:
            self.gaps.append(Gap(state.gap or known_to, at))
        if value is not None:
            state.gap = None
        elif state.gap is None:
            state.gap = at if newest == NEVER else known_to
        if not state.pending and value is not None and watch.calm and watch.low <= value <= watch.high:
            watch.observe(at, value, at, [])
            return
        for name, pending in state.pending.items():
            if state.watch.detectors[name].breached:
                pending.known += known_to - newest
                pending.unknown += at - known_to
                pending.gaps += gap_ended
        moves: list[Move] = []
        watch.observe(at, value, at, moves)
        for move in moves:
            self._move(move, at)
        for detector in watch.detectors:
            self._follow(detector, value, at)

    def open(self) -> list[Excursion]:
        """Return the excursions that are not over, by their definition."""
        return [
            self._excursion(name, pending) for name, pending in sorted(self.state.pending.items()) if pending.raised_at
        ]

    def _move(self, move: Move, at: datetime) -> None:
        """Do what an edge does: a delay was over before this reading, or there is none."""
        pending = self.state.pending
        if move.stimulus is Stimulus.OCCUR:
            value = 0.0 if move.value is None else move.value
            pending.setdefault(move.definition, Pending(at, value, at)).raised_at = move.at
        else:
            ended = pending.pop(move.definition)
            ended.returned_at = ended.returned_at or at
            self.excursions.append(self._excursion(move.definition, ended, move.at))

    def _follow(self, detector: Detector, value: float | None, at: datetime) -> None:
        """Bring what is pending in line with what the value says now."""
        if value is None:
            return
        name, pending = detector.definition, self.state.pending
        if not detector.state.breached:
            if name in pending and not detector.state.raised:
                del pending[name]
            elif name in pending:
                pending[name].returned_at = pending[name].returned_at or at
            return
        one = pending.setdefault(name, Pending(at, value, at))
        one.returned_at = None
        if value > one.worst if detector.high else value < one.worst:
            one.worst, one.worst_at = value, at

    def _excursion(self, name: str, pending: Pending, cleared_at: datetime | None = None) -> Excursion:
        raised_at = pending.raised_at
        if raised_at is None:
            raise ValueError(f"{name} has not held for its delay")
        return Excursion(
            definition=name,
            version=self._definitions[name].version,
            point=self._watch.point,
            onset=pending.onset,
            raised_at=raised_at,
            worst=pending.worst,
            worst_at=pending.worst_at,
            known_s=pending.known.total_seconds(),
            unknown_s=pending.unknown.total_seconds(),
            gaps=pending.gaps,
            returned_at=pending.returned_at,
            cleared_at=cleared_at,
            ending=Ending.OPEN if cleared_at is None else Ending.RETURNED,
        )
