"""Whether control is silent, which points are out, and what calls people for it. Pure.

One rule holds for all that can be wrong with a point: it is out when it was not seen within its limits for its time,
whether its values were beyond them, its reads failed, or nothing came at all. All seconds are monotonic.
"""

from collections.abc import Mapping
from typing import NamedTuple

from edge.lines.stand_in import StandIn


class Call(NamedTuple):
    """What is to be done at a moment: nothing while control is heard."""

    silent: bool
    """Control has been silent for long enough."""
    out: tuple[str, ...] = ()
    """Points not seen within their limits for their time, in the order of the file; empty while control is heard."""
    siren: bool = False
    """Whether sirens are on; lamps are on while a point is out."""


def decide(settings: StandIn, heard_s: float, within_s: Mapping[str, float], now_s: float) -> Call:
    """Return what is to be done at `now_s`.

    Args:
        settings: What the file says.
        heard_s: When control was heard last.
        within_s: By point, when it was seen within its limits last.
        now_s: The moment.
    """
    silent_since_s = heard_s + settings.after_s
    if now_s < silent_since_s:
        return Call(silent=False)
    since_s = {watched.point: within_s[watched.point] + watched.for_s for watched in settings.watched}
    out = tuple(point for point, at_s in since_s.items() if now_s >= at_s)
    if not out:
        return Call(silent=True)
    # Whichever came last makes the siren be heard anew: that control fell silent, or that another point went out.
    called_s = max(silent_since_s, *(since_s[point] for point in out))
    return Call(silent=True, out=out, siren=_is_heard(settings, now_s - called_s))


def _is_heard(settings: StandIn, called_for_s: float) -> bool:
    if settings.mute_after_s is None:
        return True
    if settings.again_after_s is not None:
        called_for_s %= settings.again_after_s
    return called_for_s < settings.mute_after_s


class Watch:
    """What was heard and seen so far. What happened before it began is unknown, which is not silence."""

    def __init__(self, settings: StandIn, now_s: float) -> None:
        """Begin at `now_s`, as if all were well then."""
        self._settings = settings
        self._watched = {watched.point: watched for watched in settings.watched}
        self._heard_s = now_s
        self._within_s = dict.fromkeys(self._watched, now_s)

    def heard(self, now_s: float) -> None:
        """Take in that control showed itself."""
        self._heard_s = now_s

    def see(self, point: str, value: float | None, age_s: float, now_s: float) -> None:
        """Take in a value of a point, or None of a failed read, that was measured `age_s` ago."""
        watched = self._watched.get(point)
        if watched is not None and value is not None and watched.holds(value):
            self._within_s[point] = max(self._within_s[point], now_s - max(0.0, age_s))

    def decide(self, now_s: float) -> Call:
        """Return what is to be done at `now_s`."""
        return decide(self._settings, self._heard_s, self._within_s, now_s)
