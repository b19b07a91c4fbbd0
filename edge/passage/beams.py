"""Two light barriers across a gate: what went through them, from which side, and to which.

One thing throws one shadow: it breaks the barriers, and a while later both are whole. Whichever is broken first is
the side it came from, whichever is broken last the side it left to. Things that overlap throw one shadow together, so
one that begins and ends on the same side is a thing that turned back, or two that met.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edge.passage.events import BeamChanged
from edge.passage.settings import Side

SHADOW_LIMIT = 64
"""Shadows remembered: a minute of people walking through one behind the other."""


@dataclass(slots=True, kw_only=True)
class Shadow:
    """What broke the barriers, from the first moment to the last.

    `spans` holds for each barrier the moment it was first broken and the one it was last made whole, the same while it
    is broken.
    """

    first_at: datetime
    last_at: datetime
    spans: dict[Side, list[datetime]] = field(default_factory=dict)

    @property
    def came_from(self) -> Side | None:
        """The side whose barrier was broken first; None when only one barrier was broken, or both at once."""
        return self._order(0)

    @property
    def left_to(self) -> Side | None:
        """The side whose barrier was whole last; None when only one barrier was broken, or both at once."""
        return self._order(1)

    @property
    def went_to(self) -> Side | None:
        """The side it went to, when that is another than it came from; None when it is not known."""
        return None if self.came_from is None or self.came_from is self.left_to else self.left_to

    def _order(self, end: int) -> Side | None:
        if len(self.spans) < 2:
            return None
        outer, inner = self.spans[Side.OUTSIDE][end], self.spans[Side.INSIDE][end]
        if outer == inner:
            return None
        return Side.OUTSIDE if (outer < inner) == (end == 0) else Side.INSIDE

    def crossing(self) -> datetime:
        """The moment the middle of it stood between the barriers."""
        begin, end = self.middles(self.first_at)
        return self.first_at + timedelta(seconds=(begin + end) / 2)

    def middles(self, since: datetime) -> tuple[float, float]:
        """When its front and its rear stood between the barriers, in seconds after `since`."""
        begins = [(span[0] - since).total_seconds() for span in self.spans.values()]
        ends = [(span[1] - since).total_seconds() for span in self.spans.values()]
        return sum(begins) / len(begins), sum(ends) / len(ends)

    @property
    def length_in_gaps(self) -> float | None:
        """How long it is, in distances between the barriers; None when that is not known."""
        if not self.shift_s:
            return None
        broken_s = [(span[1] - span[0]).total_seconds() for span in self.spans.values()]
        return min(broken_s) / abs(self.shift_s)

    @property
    def shift_s(self) -> float:
        """How much later the inner barrier saw it than the outer one; 0 when only one did, or it came back."""
        if self.went_to is None:
            return 0.0
        outer, inner = self.spans[Side.OUTSIDE], self.spans[Side.INSIDE]
        return ((inner[0] - outer[0]) + (inner[1] - outer[1])).total_seconds() / 2


class BeamWatch:
    """Follows the barriers of one gate."""

    def __init__(self, beams: Mapping[int, Side], settle_s: float, longest_s: float) -> None:
        """Follow `beams`, the side of each input. See `edge.passage.settings` for the times."""
        self._beams = beams
        self._settle = timedelta(seconds=settle_s)
        self._longest = timedelta(seconds=longest_s)
        self._broken: dict[Side, datetime] = {}
        self._current: Shadow | None = None
        self.shadows: list[Shadow] = []

    @property
    def current(self) -> Shadow | None:
        """The shadow that is being thrown, or may yet go on."""
        return self._current

    def change(self, event: BeamChanged) -> None:
        """Take one edge. One that says what is known already, or is of another input, changes nothing."""
        side = self._beams.get(event.beam)
        if side is None or event.broken == (side in self._broken):
            return
        if event.broken:
            self._broken[side] = event.at
            if self._current is None:
                self._current = Shadow(first_at=event.at, last_at=event.at)
            self._current.spans.setdefault(side, [event.at, event.at])
        else:
            del self._broken[side]
            if self._current is not None and side in self._current.spans:
                self._current.spans[side][1] = event.at
        if self._current is not None:
            self._current.last_at = max(self._current.last_at, event.at)

    def ends_at(self) -> datetime | None:
        """When the current shadow will have ended if nothing more happens; None without one.

        One that lasts too long is ended: a barrier is dirty, or something stands in it.
        """
        current = self._current
        if current is None:
            return None
        longest = current.first_at + self._longest
        return longest if self._broken else min(longest, current.last_at + self._settle)

    def close(self, now: datetime) -> Shadow | None:
        """Close and return the current shadow if it has ended by `now`."""
        current, ends_at = self._current, self.ends_at()
        if current is None or ends_at is None or ends_at > now:
            return None
        for side in self._broken:
            if side in current.spans:
                current.spans[side][1] = current.last_at = ends_at
        self.shadows = [*self.shadows, current][-SHADOW_LIMIT:]
        self._current = None
        return current
