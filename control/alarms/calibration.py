"""Until when the sensors of a site may be believed without a doubt: what a probe says later is uncertain, not wrong.

An uncertain reading is judged like any other, for a warm room is warm whatever a certificate says; but each figure made
of it says so: the share of uncertain time in exposure, the span in a report.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time

from coldport.messages.observation import Quality
from control.alarms.definition import Calibration

EXPIRED = "calibration-expired"
"""Why a reading is uncertain whose sensor's certificate had ended."""


def expiries(calibrations: Iterable[Calibration]) -> Mapping[str, datetime]:
    """Return from when on each point's readings are uncertain: its due day itself, which begins at 0:00 UTC."""
    return {one.point: datetime.combine(one.due, time(), UTC) for one in calibrations}


def doubted(quality: Quality, at: datetime, expires: datetime | None) -> Quality:
    """Return the quality of a reading made at `at` by a sensor whose certificate ends at `expires`."""
    if quality is Quality.GOOD and expires is not None and at >= expires:
        return Quality.UNCERTAIN
    return quality
