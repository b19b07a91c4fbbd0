"""The last readings of a point, so that one that comes late is judged in its place.

A reading is judged when it comes. One that comes after a later one of its point (two gateways, one of them slower), or
after time alone had moved an alarm past it, changes what was judged too early: the watch goes back to how it stood
before that moment and judges it, and what followed, in the order of their times. So within `LATENESS_INTERVALS` any
order, delay or repetition leaves the conditions as the sorted readings would. What was told stands; where an edge is
now another, it is corrected (`Move.instead_of`).
"""

import bisect
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from control.alarms.detector import Move
from control.alarms.lifecycle import Stimulus
from control.alarms.watch import NEVER, Watch, WatchState

LATENESS_INTERVALS = 2
"""How late behind the newest of its point a reading may be and still be judged live, in intervals of the point: the
jitter of gateways and brokers. What is later is the record's."""

KEPT = 8
"""Readings of a point from which on it is looked whether some can be forgotten."""

HEARD_LIMIT = 32
"""Readings remembered of a point that is read far more often than it says; older ones count as late."""


class Heard(Struct, array_like=True, gc=False):
    """A reading that was judged, and how its point stood before it; None: calm, and calm it stayed."""

    at: datetime
    value: float | None
    recorded_at: datetime
    before: WatchState | None = None


class RecentState(Struct, array_like=True):
    """The readings that a late one may come between, by their times, and the edges that were told since the first.

    `passed_to` is how far time was let pass without a reading.
    """

    heard: list[Heard] = field(default_factory=list)
    told: list[Move] = field(default_factory=list)
    passed_to: datetime = NEVER


class Recent:
    """A watch that can go back."""

    __slots__ = ("_lateness", "state", "watch")

    def __init__(self, watch: Watch, interval: timedelta, state: RecentState) -> None:
        """Go on from `state`, which becomes its own."""
        self.watch = watch
        self.state = state
        self._lateness = LATENESS_INTERVALS * interval

    @property
    def point(self) -> str:
        """The point that is judged."""
        return self.watch.point

    def is_late(self, at: datetime) -> bool:
        """Whether a reading of `at`, which is not the newest, came too late to be judged, or came before."""
        heard = self.state.heard
        if self.watch.state.newest - at > self._lateness:
            return True
        index = _after(heard, at)
        if index:
            return heard[index - 1].at == at
        return not heard or heard[0].before is None or heard[0].before.newest != NEVER

    def hear(self, at: datetime, value: float | None, recorded_at: datetime, moves: list[Move]) -> None:
        """Take in a reading that is not late."""
        watch, heard = self.watch, self.state.heard
        if at <= watch.state.newest or at < self.state.passed_to:
            self._judge_again(_after(heard, at), Heard(at, value, recorded_at), moves)
        elif value is not None and watch.calm and watch.low <= value <= watch.high and heard:
            heard.append(Heard(at, value, recorded_at))  # the quiet path, as in `Watch.observe`
            watch.say(at, value, recorded_at)
        else:
            self._observe(at, value, recorded_at, moves)
        if len(heard) > KEPT:
            self._forget(at)

    def settle(self, until: datetime, moves: list[Move]) -> None:
        """Let known time pass to `until`, before something that decides what a delay is worth changes."""
        known = len(moves)
        self._pass(self.watch.settle(until, moves))
        self._note(moves, known)

    def judge_again(self, since: datetime, moves: list[Move]) -> None:
        """Judge again what was judged beyond `since`: what decides how long a delay lasts is another from then on."""
        heard = self.state.heard
        if max(self.watch.state.newest, self.state.passed_to) <= since:
            return
        index = _after(heard, since)
        if index or (heard and heard[0].before is not None):
            self._judge_again(index, None, moves)

    def tick(self, until: datetime, moves: list[Move]) -> None:
        """Let time pass to `until` without a reading."""
        known = len(moves)
        self._pass(self.watch.tick(until, moves))
        self._note(moves, known)

    def _pass(self, until: datetime) -> None:
        self.state.passed_to = max(self.state.passed_to, until)

    def _observe(self, at: datetime, value: float | None, recorded_at: datetime, moves: list[Move]) -> None:
        self.state.heard.append(Heard(at, value, recorded_at, self.watch.kept()))
        known = len(moves)
        self.watch.observe(at, value, recorded_at, moves)
        self._note(moves, known)

    def _forget(self, at: datetime) -> None:
        """Forget what no reading can come before any more, `at` being the newest; one that is older stays."""
        heard, oldest = self.state.heard, at - self._lateness
        gone = max(bisect.bisect_left(heard, oldest, key=lambda one: one.at) - 1, len(heard) - HEARD_LIMIT, 0)
        del heard[:gone]
        self.state.told = [move for move in self.state.told if move.at > heard[0].at]

    def _note(self, moves: Sequence[Move], known: int) -> None:
        """Remember the edges that came to `moves` after the first `known`; that a point is silent is no edge of it."""
        if len(moves) > known:
            self.state.told += [move for move in moves[known:] if move.definition in self.watch.state.detectors]

    def _judge_again(self, index: int, late: Heard | None, moves: list[Move]) -> None:
        """Judge `late`, which belongs before the reading at `index`, and what followed; add what that corrects."""
        watch, told = self.watch, self.state.told
        stale, watch.state.stale = watch.state.stale, set()
        followed = self.state.heard[index:]
        since = self._go_back(index)
        del self.state.heard[index:]
        # Not as far as time was let pass: ticks that moved nothing are not in the journal, edges are.
        until = max((move.at for move in told), default=since)
        self.state.passed_to = since
        self.state.told = [move for move in told if move.at <= since]
        for one in followed if late is None else (late, *followed):
            self._observe(one.at, one.value, one.recorded_at, [])
        self.settle(until, [])
        before = [move for move in told if move.at > since]
        after = [move for move in self.state.told if move.at > since]
        for definition in watch.state.detectors:
            moves += corrections(
                [move for move in before if move.definition == definition],
                [move for move in after if move.definition == definition],
            )
        watch.state.stale = stale
        watch.freshen(self.state.heard[-1].recorded_at if late is None else late.recorded_at, moves)

    def _go_back(self, index: int) -> datetime:
        """Make the watch as the reading before that at `index` left it; return the time of that reading."""
        heard, watch = self.state.heard, self.watch
        known = next((one.before for one in heard[index:] if one.before is not None), None)
        if known is not None:
            watch.go_back(known)
        if index:
            previous = heard[index - 1]
            if previous.before is None:
                # Calm from here to where it is known again: only what the reading itself said is another.
                watch.say(previous.at, previous.value, previous.recorded_at)
            else:
                watch.go_back(previous.before)
                watch.observe(previous.at, previous.value, previous.recorded_at, [])
        return watch.state.newest


def corrections(told: Sequence[Move], now: Sequence[Move]) -> Iterator[Move]:
    """Give what brings the edges of one condition that were told in line with those that are true now, in order."""
    for was, move in zip(told, now, strict=False):
        if was.at != move.at:
            yield move._replace(instead_of=was.at)
    yield from now[len(told) :]
    wrong = list(told[len(now) :])
    if wrong and wrong[0].stimulus is Stimulus.RETURN:
        yield wrong[0]._replace(stimulus=Stimulus.OCCUR, instead_of=wrong[0].at)
        return
    for occurred, returned in zip(wrong[::2], [*wrong[1::2], None], strict=False):
        ended = None if returned is None else returned.at
        yield occurred._replace(stimulus=Stimulus.RETURN, instead_of=ended)


def _after(heard: Sequence[Heard], at: datetime) -> int:
    return bisect.bisect_right(heard, at, key=lambda one: one.at)
