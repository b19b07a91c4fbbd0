"""Several probes judged as one: the vote of a position, how far its probes are apart, a probe beside its peers.

The figure is made once in a round: when every probe has spoken, or one speaks again before another did. Within a round
the order in which they are heard does not matter. A probe whose newest value is bad or has run out is left out.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from math import log
from statistics import median

import msgspec
from msgspec import Struct, field

from coldport.site import Point
from control.alarms.definition import Definition, Kind
from control.alarms.detector import LOW_KINDS, Move
from control.alarms.mask import Mask
from control.alarms.watch import HOLD_INTERVALS, NEVER, Watch, WatchState

LEAST_PEERS = 2
"""Other probes of a zone from which a drift can be told; of two alone nobody knows which is wrong."""

VOTERS = 3

MAGNUS_A, MAGNUS_B_C = 17.625, 243.04
"""Source: Alduchov and Eskridge (1996), for -40 to 50 degC over water."""

Rule = Callable[[Sequence[float | None]], float | None]


class Heard(Struct):
    """The newest of one probe, and whether it has spoken in this round."""

    at: datetime = NEVER
    value: float | None = None
    spoke: bool = False


class BlendState(Struct):
    """What is remembered of probes judged as one."""

    heard: dict[str, Heard] = field(default_factory=dict)
    watch: WatchState = field(default_factory=WatchState)


class Blend:
    """The judge of several probes as one; its alarms stand at the first of them."""

    __slots__ = ("_heard", "_hold", "_rule", "state", "watch")

    def __init__(
        self, definition: Definition, points: Sequence[Point], state: BlendState, masks: Sequence[Mask] = ()
    ) -> None:
        """Judge `points` by `definition`, going on from `state`, which becomes the blend's own."""
        state.heard = {point.id: state.heard.get(point.id, Heard()) for point in points}
        self.state = state
        self._heard = state.heard
        self._hold = {point.id: timedelta(seconds=HOLD_INTERVALS * point.every_s) for point in points}
        self._rule = rule_of(definition)
        whole = msgspec.structs.replace(points[0], every_s=max(point.every_s for point in points))
        self.watch = Watch(whole, [definition], state.watch, masks)

    def hear(self, point: str, at: datetime, value: float | None, recorded_at: datetime, moves: list[Move]) -> None:
        """Take in a reading of one of the probes; None: it was not usable."""
        heard = self._heard[point]
        if heard.spoke:
            self._close(recorded_at, moves)
        heard.at, heard.value, heard.spoke = at, value, True
        if all(one.spoke for one in self._heard.values()):
            self._close(recorded_at, moves)

    def _close(self, recorded_at: datetime, moves: list[Move]) -> None:
        at = max(one.at for one in self._heard.values() if one.spoke)
        for one in self._heard.values():
            one.spoke = False
        if at > self.watch.state.newest:
            known = [one.value if one.at + self._hold[name] >= at else None for name, one in self._heard.items()]
            self.watch.observe(at, self._rule(known), recorded_at, moves)


def vote_high(values: Sequence[float | None]) -> float | None:
    """Return the middle one of three, the higher of two, the only one."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    return known[1] if len(known) == VOTERS else known[-1]


def vote_low(values: Sequence[float | None]) -> float | None:
    """Return the middle one of three, the lower of two, the only one."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    return known[1] if len(known) == VOTERS else known[0]


def spread(values: Sequence[float | None]) -> float | None:
    """Return how far apart those that are known are; None when there is only one."""
    known = [value for value in values if value is not None]
    return max(known) - min(known) if len(known) > 1 else None


def away(values: Sequence[float | None]) -> float | None:
    """Return how far the first is above the median of the others."""
    first, *others = values
    known = [value for value in others if value is not None]
    return None if first is None or len(known) < LEAST_PEERS else first - median(known)


def dew_point(values: Sequence[float | None]) -> float | None:
    """Return the dew point, degC, of (relative humidity in percent, temperature in degC)."""
    humidity, temperature = values
    if humidity is None or temperature is None or humidity <= 0:
        return None
    gamma = log(humidity / 100) + MAGNUS_A * temperature / (MAGNUS_B_C + temperature)
    return MAGNUS_B_C * gamma / (MAGNUS_A - gamma)


def rule_of(definition: Definition) -> Rule:
    """Return what is made of the values of several probes for a definition's kind."""
    if definition.kind is Kind.DISAGREE:
        return spread
    if definition.kind is Kind.DRIFT:
        return away
    if definition.kind is Kind.DEW_POINT:
        return dew_point
    return vote_low if definition.kind in LOW_KINDS else vote_high
