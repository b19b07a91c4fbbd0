"""What is said of a tag, or of a shadow that no tag explains."""

from dataclasses import dataclass
from datetime import datetime

from coldport.messages.observation import Direction
from edge.passage.beams import Shadow
from edge.passage.settings import Side

BEAMS_ALONE = 0.9
"""Confidence in a direction that only the barriers tell: two people may have met in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A passage. Without `epc` the barriers saw it and no tag was read; without `direction` it turned back.

    `at` is when it went through the plane of the gate; `evidence` names what decided, strongest first, then what to
    beware of.
    """

    epc: str | None
    direction: Direction | None
    confidence: float
    at: datetime
    first_at: datetime
    last_at: datetime
    reads: int
    peak_dbm: float | None
    evidence: tuple[str, ...]


def empty_passage(shadow: Shadow) -> Verdict:
    """Return the passage of something that broke the barriers and was not read."""
    way = shadow.went_to
    direction = Direction.UNDETERMINED if way is None else Direction.IN if way is Side.INSIDE else Direction.OUT
    return Verdict(
        epc=None,
        direction=direction,
        confidence=0.0 if way is None else BEAMS_ALONE,
        at=shadow.crossing(),
        first_at=shadow.first_at,
        last_at=shadow.last_at,
        reads=0,
        peak_dbm=None,
        evidence=("no-tag", "beams"),
    )
