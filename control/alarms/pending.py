"""Which conditions wait for a delay: what technicians see and operators do not."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from control.alarms.engine import EngineState


class Phase(StrEnum):
    """Pending: the value is beyond the limit, and no alarm yet. Recovering: it is back, and the alarm still active."""

    PENDING = "pending"
    RECOVERING = "recovering"


class Pending(NamedTuple):
    """One condition and since when its delay runs; time in which nothing was known is taken off, so that is later."""

    definition: str
    point: str
    phase: Phase
    since: datetime


def pending(state: EngineState) -> Iterator[Pending]:
    """Give the conditions whose delay is running, point by point."""
    watches = [(point, watch) for point, watch in state.watches.items()]
    watches += [(name.partition(".")[2], blend.watch) for name, blend in state.surroundings.blends.items()]
    for point, watch in watches:
        for definition, detector in watch.detectors.items():
            if detector.since is not None:
                phase = Phase.PENDING if detector.breached else Phase.RECOVERING
                yield Pending(definition, point, phase, detector.since)
