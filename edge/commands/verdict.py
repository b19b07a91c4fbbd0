"""Whether a command may be carried out now. Pure: the moment, the clock's state and the outputs are arguments."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from coldport.ids import PointId
from coldport.messages.command import LONGEST_LIFE_S, Command, Stage
from coldport.site import Point
from edge.health.clock_watch import OFF_S, ClockState
from edge.ports import Limits


@dataclass(frozen=True, slots=True)
class Verdict:
    """ACCEPTED, or the end that a command comes to without anything being moved, and why."""

    stage: Stage
    reason: str | None = None


ACCEPTED = Verdict(Stage.ACCEPTED)


def judge(
    command: Command,
    now: datetime,
    clock: ClockState,
    points: Mapping[PointId, Point],
    outputs: Mapping[PointId, Limits],
) -> Verdict:
    """Return what becomes of a command.

    Args:
        command: Which.
        now: The gateway's clock.
        clock: What is known of it; only a trusted one may say that a command is in time.
        points: Of the site.
        outputs: What the lines of this gateway can move.
    """
    reason = _aim(command, points, outputs) or _time(command, now, clock)
    if reason is not None:
        return Verdict(Stage.REJECTED, reason)
    if now >= command.expires_at:
        return Verdict(Stage.EXPIRED)
    return ACCEPTED


def is_effective(value: float, observed: float, limits: Limits) -> bool:
    """Tell whether an output is where it was told to be, as finely as its device can show."""
    return abs(observed - value) <= limits.step / 2 + 1e-9


def _aim(command: Command, points: Mapping[PointId, Point], outputs: Mapping[PointId, Limits]) -> str | None:
    point = points.get(PointId(command.point))
    limits = outputs.get(PointId(command.point))
    if point is None:
        return "unknown-point"
    if not point.quantity.is_output:
        return "not-an-output"
    if limits is None:
        return "no-line-moves-it"
    if not (math.isfinite(command.value) and limits.minimum <= command.value <= limits.maximum):
        return "out-of-range"
    return None


def _time(command: Command, now: datetime, clock: ClockState) -> str | None:
    if clock is not ClockState.TRUSTED:
        return "clock-not-trusted"
    if command.issued_at > now + timedelta(seconds=OFF_S):
        return "from-the-future"
    if command.expires_at - command.issued_at > timedelta(seconds=LONGEST_LIFE_S):
        return "lives-too-long"
    return None
