"""What a scenario's happenings come to, in order of time."""

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firmware_sim.scenario import Happening


@dataclass(frozen=True, slots=True)
class Turn:
    """A happening begins or ends."""

    at_s: float
    begins: bool
    happening: Happening


def turns(happenings: Sequence[Happening]) -> Iterator[Turn]:
    """Yield every turn in order of time, for ever when one repeats. At one moment ends come before beginnings."""
    streams = [_turns_of(happening) for happening in happenings]
    return heapq.merge(*streams, key=lambda turn: (turn.at_s, turn.begins))


def _turns_of(happening: Happening) -> Iterator[Turn]:
    for round_number in itertools.count():
        start_s = happening.at_s + round_number * (happening.every_s or 0.0)
        yield Turn(start_s, begins=True, happening=happening)
        yield Turn(start_s + happening.for_s, begins=False, happening=happening)
        if happening.every_s is None:
            return
