"""The record of one point while readings come, late ones too: only what a late one can have changed is folded again.

A book keeps spans and checkpoints, no readings. A late reading makes the span from the checkpoint before it uncertain;
`settle` reads that span from where readings are kept and folds it again, until it meets a checkpoint at which nothing
differs from what was known, and keeps what follows. So the record is that of the whole sorted history, whatever the
order of arrival, and a late hour costs an hour and not a month.
"""

import bisect
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

import msgspec
from msgspec import Struct, field

from coldport.site import Point
from control.alarms.definition import Definition
from control.alarms.recent import LATENESS_INTERVALS
from control.alarms.record.fold import NOTHING, Fold, FoldState
from control.alarms.record.spans import Excursion, Gap, PointRecord
from control.alarms.watch import HOLD_INTERVALS, NEVER

INSTANT = timedelta(microseconds=1)

Stretch = tuple[datetime, datetime]
"""From the first to the last of some readings."""

CHECKPOINT_EVERY = 256
"""Readings between two checkpoints at first: a late reading folds at least these again, in about a millisecond."""

CHECKPOINT_LIMIT = 64
"""Checkpoints of one point. Past it every other one of the older half goes, so old ones stand farther apart."""

SPAN_LIMIT = 1_000
"""Excursions, and gaps, remembered of one point; the readings say what was before them."""


STRETCH_LIMIT = 100
"""Stretches of late readings told apart; more are taken as one."""


class Known(NamedTuple):
    """A reading as the record takes it: when, and the value, None when it was not usable."""

    at: datetime
    value: float | None


class Unseen(NamedTuple):
    """A stretch, and since when at the earliest nothing was read; `silent`: nothing was known in it."""

    since: datetime
    gap: Gap
    silent: bool


class History(Protocol):
    """Where readings are kept."""

    def read(self, point: str, after: datetime, through: datetime) -> Iterator[Known]:
        """Give the readings of a point in `after < at <= through`, sorted by time, one for each moment."""
        ...


class Checkpoint(Struct):
    """The fold as it stood after the reading at `at`; the numbers count all spans that were over by then."""

    at: datetime
    state: bytes
    excursions: int
    gaps: int
    unknown: timedelta


class BookState(Struct):
    """What a book remembers. `late` are the stretches of late readings not yet folded in, from first to last.

    `hidden` are those of them that the live view did not judge.
    """

    first: datetime = NEVER
    newest: datetime = NEVER
    fold: FoldState = field(default_factory=FoldState)
    excursions: list[Excursion] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    excursion_count: int = 0
    gap_count: int = 0
    unknown: timedelta = NOTHING
    since_checkpoint: int = 0
    checkpoints: list[Checkpoint] = field(default_factory=list)
    late: list[Stretch] = field(default_factory=list)
    hidden: list[Stretch] = field(default_factory=list)


class Book:
    """The record of one point. A reading is in the history before the book is told of it."""

    def __init__(self, point: Point, definitions: Sequence[Definition], state: BookState | None = None) -> None:
        """Go on from `state`, which becomes the book's own."""
        self._point = point
        self._definitions = tuple(definitions)
        self.state = state if state is not None else BookState()
        self._fold = Fold(point, self._definitions, self.state.fold)
        self._hold = timedelta(seconds=HOLD_INTERVALS * point.every_s)
        self._lateness = timedelta(seconds=LATENESS_INTERVALS * point.every_s)

    @property
    def settled(self) -> bool:
        """Whether every reading that was told has been folded in."""
        return not self.state.late

    def take(self, at: datetime, value: float | None, *, late: bool = False) -> None:
        """Take in a reading, in any order and as often as it comes; None: it was not usable.

        `late`: it came too late to be seen, though it is the newest.
        """
        state = self.state
        state.first = at if state.newest == NEVER else min(state.first, at)
        if late or at <= state.newest:
            state.late = self._with(state.late, at)
            if late or state.newest - at > self._lateness:
                state.hidden = self._with(state.hidden, at)
        state.newest = max(state.newest, at)
        if not state.late:
            self._absorb(at, value)

    def unseen(self) -> list[Unseen]:
        """Return the stretches of which late readings tell what nobody saw: whole gaps, and what lies in none."""
        state, watch, hidden = self.state, self._fold.state.watch, self.state.hidden
        gaps = list(state.gaps)
        if hidden and watch.known_to < hidden[-1][1]:
            gaps.append(Gap(max(watch.known_to, state.first), hidden[-1][1] + self._hold))
        # A value was held into a gap: what was read instead, from the reading before it on, nobody saw.
        reached = [gap for gap in gaps if any(a <= gap.end and gap.start - self._hold <= b for a, b in hidden)]
        whole = [(gap.start, gap.end) for gap in reached]
        beside = [Gap(a, b + self._hold) for a, b in hidden if not any(x <= a and b <= y for x, y in whole)]
        return [Unseen(gap.start - self._hold, gap, silent=True) for gap in reached] + [
            Unseen(gap.start - INSTANT, gap, silent=False) for gap in beside
        ]

    def begun(self) -> set[tuple[str, datetime]]:
        """Return the conditions that hold for less than their on-delay yet, each with its onset."""
        pending = self._fold.state.pending.items()
        return {(name, one.onset) for name, one in pending if one.raised_at is None}

    def _with(self, stretches: Sequence[Stretch], at: datetime) -> list[Stretch]:
        """Return stretches with a reading of `at`; those near each other are one."""
        near = [one for one in stretches if one[0] - self._hold <= at <= one[1] + self._hold]
        joined = (min([at, *(a for a, _ in near)]), max([at, *(b for _, b in near)]))
        found = sorted([*(one for one in stretches if one not in near), joined])
        return found if len(found) <= STRETCH_LIMIT else [(found[0][0], found[-1][1])]

    def settle(self, history: History) -> tuple[datetime, datetime] | None:
        """Fold the late readings in; return from when to when was folded again, or None when none had come."""
        state = self.state
        if not state.late:
            return None
        before, (late, _), (_, late_through) = self._copy(), state.late[0], state.late[-1]
        self._go_back(late)
        start = max(self._fold.state.watch.newest, state.first)
        meeting = {c.at: c for c in before.checkpoints if c.at > late_through and c.at <= before.fold.watch.newest}
        state.late, state.hidden = [], []
        after = max(self._fold.state.watch.newest, state.first - INSTANT)
        for known in history.read(self._point.id, after, state.newest):
            self._absorb(*known)
            met = meeting.get(known.at)
            if met is not None and met.state == _encode(self._fold.state):
                self._splice(before, met)
                for later in history.read(self._point.id, before.fold.watch.newest, state.newest):
                    self._absorb(*later)
                return start, known.at
        return start, state.newest

    def record(self) -> PointRecord:
        """Return the record up to the newest reading; late ones count once they are settled."""
        state = self.state
        if state.newest == NEVER:
            return PointRecord(point=self._point.id)
        last = self._fold.state.watch.newest
        trailing = [] if self._fold.state.gap is None else [Gap(self._fold.state.gap, last)]
        trailing = [gap for gap in trailing if gap.end > gap.start]
        open_now = self._fold.open()
        unknown = state.unknown + sum((gap.length for gap in trailing), NOTHING)
        return PointRecord(
            point=self._point.id,
            first=state.first,
            last=last,
            covered_s=(last - state.first - unknown).total_seconds(),
            gap_count=state.gap_count + len(trailing),
            excursion_count=state.excursion_count + len(open_now),
            gaps=(*state.gaps, *trailing),
            excursions=(*state.excursions, *open_now),
        )

    def _absorb(self, at: datetime, value: float | None) -> None:
        fold, state = self._fold, self.state
        fold.take(at, value)
        if fold.gaps:
            state.gap_count += len(fold.gaps)
            state.unknown += sum((gap.length for gap in fold.gaps), NOTHING)
            state.gaps += fold.gaps
            del state.gaps[:-SPAN_LIMIT]
            fold.gaps.clear()
        if fold.excursions:
            state.excursion_count += len(fold.excursions)
            state.excursions += fold.excursions
            del state.excursions[:-SPAN_LIMIT]
            fold.excursions.clear()
        state.since_checkpoint += 1
        if state.since_checkpoint >= CHECKPOINT_EVERY:
            state.since_checkpoint = 0
            state.checkpoints.append(
                Checkpoint(at, _encode(fold.state), state.excursion_count, state.gap_count, state.unknown)
            )
            if len(state.checkpoints) > CHECKPOINT_LIMIT:
                half = CHECKPOINT_LIMIT // 2
                state.checkpoints = [*state.checkpoints[:half:2], *state.checkpoints[half:]]

    def _copy(self) -> BookState:
        """Return the state as it stands, untouched by going back, which replaces what it holds."""
        return msgspec.structs.replace(self.state, fold=self._fold.state, checkpoints=list(self.state.checkpoints))

    def _go_back(self, late: datetime) -> None:
        """Make the fold, and what is known of spans, as it was at the last checkpoint before `late`."""
        state = self.state
        kept = bisect.bisect_left(state.checkpoints, late, key=lambda checkpoint: checkpoint.at)
        at = state.checkpoints[kept - 1] if kept else Checkpoint(NEVER, _encode(FoldState()), 0, 0, NOTHING)
        del state.checkpoints[kept:]
        state.excursions = state.excursions[: max(0, len(state.excursions) - state.excursion_count + at.excursions)]
        state.gaps = state.gaps[: max(0, len(state.gaps) - state.gap_count + at.gaps)]
        state.excursion_count, state.gap_count, state.unknown = at.excursions, at.gaps, at.unknown
        state.since_checkpoint = 0
        self._resume(msgspec.msgpack.decode(at.state, type=FoldState))

    def _splice(self, before: BookState, met: Checkpoint) -> None:
        """Keep what was known after the checkpoint `met`, where the fold now stands as it stood then."""
        state = self.state
        excursions, gaps = state.excursion_count - met.excursions, state.gap_count - met.gaps
        unknown = state.unknown - met.unknown
        state.excursions += before.excursions[
            max(0, len(before.excursions) - before.excursion_count + met.excursions) :
        ]
        state.gaps += before.gaps[max(0, len(before.gaps) - before.gap_count + met.gaps) :]
        del state.excursions[:-SPAN_LIMIT], state.gaps[:-SPAN_LIMIT]
        state.excursion_count = before.excursion_count + excursions
        state.gap_count = before.gap_count + gaps
        state.unknown = before.unknown + unknown
        state.checkpoints = [c for c in state.checkpoints if c.at < met.at] + [
            Checkpoint(c.at, c.state, c.excursions + excursions, c.gaps + gaps, c.unknown + unknown)
            for c in before.checkpoints
            if c.at >= met.at
        ]
        state.since_checkpoint = before.since_checkpoint
        self._resume(before.fold)

    def _resume(self, fold: FoldState) -> None:
        self.state.fold = fold
        self._fold = Fold(self._point, self._definitions, fold)


def _encode(state: FoldState) -> bytes:
    return msgspec.msgpack.encode(state, order="deterministic")
