"""What the lamps and the diverter of a lane should be: a pure function of the verdict that is shown and of the time.

The verdicts are in the journal, so after a restart the lamps are what they were.
"""

from datetime import datetime, timedelta

from control.inspection.lane.evidence import Shown
from control.inspection.lane.settings import Outputs
from control.inspection.lane.verdict import Verdict

COLOURS = {
    Verdict.RELEASE: "green",
    Verdict.WAIT: "amber",
    Verdict.RECHECK: "amber",
    Verdict.HOLD: "red",
    Verdict.INSPECT: "red",
}


def wanted(outputs: Outputs, shown: Shown | None, now: datetime) -> dict[str, float]:
    """Return the value that each output should have.

    Red stands until the next verdict, so that nobody misses it; green and amber go out `shown_s` after the verdict. The
    diverter lies the way of the verdict as long, and then the way of `hold`: what comes unjudged is put aside.
    """
    fresh = shown is not None and now - shown.at < timedelta(seconds=outputs.shown_s)
    colour = COLOURS[shown.verdict] if shown is not None else None
    if colour != "red" and not fresh:
        colour = None
    lamps = {"green": outputs.green, "amber": outputs.amber, "red": outputs.red}
    values = {point: float(name == colour) for name, point in lamps.items() if point is not None}
    if outputs.diverter is not None:
        aside = outputs.ways[Verdict.HOLD]
        values[outputs.diverter] = float(outputs.ways.get(shown.verdict, aside) if shown and fresh else aside)
    return values
