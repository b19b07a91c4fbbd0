"""Makes observations that have no number yet: the spool gives it.

A number of 0 is outside what `coldport.messages` lets anybody receive, so one that slipped past the spool is refused.
"""

from datetime import datetime

from coldport.ids import PointId
from coldport.messages.observation import Quality, Reading
from edge.points import Measured

UNNUMBERED = 0


def reading(point: PointId, observed_at: datetime, measured: Measured) -> Reading:
    """Return what was measured, as a reading; a value is in the unit of the point's quantity."""
    return Reading(
        seq=UNNUMBERED,
        point=point,
        observed_at=observed_at,
        spooled_at=observed_at,
        value=measured.value,
        quality=measured.quality,
        reason=measured.reason,
    )


def bad_reading(point: PointId, observed_at: datetime, reason: str) -> Reading:
    """Return the reading of a failed read: no value, never 0 and never the old one."""
    return reading(point, observed_at, Measured(None, Quality.BAD, reason))
