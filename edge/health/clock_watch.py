"""How far this gateway's clock is off control's, by the receipts, and whether commands may be judged by it. Pure.

A receipt says when control recorded a batch: by control's clock between the batch's sending and the receipt's coming.
Half the round trip bounds the error, so of a window the sample with the shortest round trip counts (as NTP does it,
RFC 5905, clock filter). Durations are monotonic; a wall clock that is set while we watch shows as a step against it.
"""

from collections import deque
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

WINDOW_S = 600.0
"""How long a measurement stands: an ordinary crystal drifts 60 ms in it."""

BUCKET_S = 10.0
"""One sample is kept of each so long: sixty samples at most."""

LONGEST_ROUND_TRIP_S = 2.0
"""A receipt that took longer waited somewhere, and would say no more than that the clock is not far off."""

OFF_S = 2.0
"""From here on a clock is wrong: a command that lives ten seconds would be late by a fifth of its life."""

STEP_S = 0.5
"""NTP slews what is below 128 ms, by half a millisecond a second: a jump of this is a clock that was set."""

START_S = 30.0
"""How long after the start it is no news that nothing has been measured yet."""


class ClockState(StrEnum):
    """What is known of the clock. Only a trusted one judges commands."""

    STARTING = "starting"
    TRUSTED = "trusted"
    OFFSET = "offset"
    UNKNOWN = "unknown"
    STEPPED = "stepped"


class _Sample(NamedTuple):
    at_s: float
    round_trip_s: float
    offset_s: float


class ClockWatch:
    """The measurements of one gateway."""

    def __init__(self, now: datetime, now_s: float) -> None:
        """Begin at the wall clock's `now` and the monotonic clock's `now_s`; nothing is measured yet."""
        self._started_s = now_s
        self._zero = now - timedelta(seconds=now_s)
        self._samples: deque[_Sample] = deque()
        self._stepped = False
        self.offset_s: float | None = None
        """How far this clock is ahead of control's; None when it was not measured in the last ten minutes."""

    def look(self, now: datetime, now_s: float) -> None:
        """Hold the wall clock against the monotonic one; what was measured before a step is worth nothing after it."""
        zero = now - timedelta(seconds=now_s)
        if abs((zero - self._zero).total_seconds()) >= STEP_S:
            self._samples.clear()
            self._stepped = True
        self._zero = zero
        while self._samples and now_s - self._samples[0].at_s > WINDOW_S:
            self._samples.popleft()
        self._choose()

    def heard(self, sent_s: float, recorded_at: datetime, now: datetime, now_s: float) -> None:
        """Take in that a batch sent once, at monotonic `sent_s`, was recorded at control's `recorded_at`."""
        self.look(now, now_s)
        round_trip_s = now_s - sent_s
        if round_trip_s > LONGEST_ROUND_TRIP_S:
            return
        middle = now - timedelta(seconds=round_trip_s / 2)
        sample = _Sample(now_s, round_trip_s, (middle - recorded_at).total_seconds())
        self._stepped = False
        if self._samples and now_s // BUCKET_S == self._samples[-1].at_s // BUCKET_S:
            sample = min(sample, self._samples.pop(), key=lambda one: one.round_trip_s)
        self._samples.append(sample)
        self._choose()

    def state(self, now_s: float) -> ClockState:
        """Return what is known of the clock."""
        if self.offset_s is not None:
            return ClockState.TRUSTED if abs(self.offset_s) < OFF_S else ClockState.OFFSET
        if self._stepped:
            return ClockState.STEPPED
        return ClockState.STARTING if now_s - self._started_s < START_S else ClockState.UNKNOWN

    def _choose(self) -> None:
        best = min(self._samples, key=lambda one: one.round_trip_s, default=None)
        self.offset_s = None if best is None else best.offset_s
