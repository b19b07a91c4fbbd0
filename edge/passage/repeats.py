"""Which passages have been told already."""

from collections import OrderedDict
from datetime import datetime

from coldport.messages.observation import Direction
from edge.passage.verdict import Verdict

REMEMBERED_LIMIT = 4_000
"""Passages remembered: two loads of the largest manifest. The oldest is forgotten first."""


class Repeats:
    """Remembers the passages of the last seconds, by tag and direction."""

    def __init__(self, repeat_s: float) -> None:
        """Take a passage for a repeat that begins within `repeat_s` of the end of one like it."""
        self._repeat_s = repeat_s
        self._told: OrderedDict[tuple[str, Direction], datetime] = OrderedDict()

    def is_repeat(self, verdict: Verdict) -> bool:
        """Remember a passage; true when it repeats one. An undetermined one repeats any."""
        if verdict.epc is None or verdict.direction is None:
            return False
        ways = list(Direction) if verdict.direction is Direction.UNDETERMINED else [verdict.direction]
        ends = [self._told[key] for way in ways if (key := (verdict.epc, way)) in self._told]
        self._told[verdict.epc, verdict.direction] = verdict.last_at
        self._told.move_to_end((verdict.epc, verdict.direction))
        if len(self._told) > REMEMBERED_LIMIT:
            self._told.popitem(last=False)
        return any((verdict.first_at - end).total_seconds() < self._repeat_s for end in ends)
