"""Which uplinks of a LoRaWAN device are new, which came before, and how many went missing in between.

A device counts its uplinks from 0 after each join (LoRaWAN 1.0.3, 4.3.1.5); one that was set up by hand counts on, or
begins anew when its battery is changed.
"""

from collections import deque
from dataclasses import dataclass, field

REMEMBERED = 32
"""Uplinks of which a repeat is known. A confirmed uplink is sent again within minutes, eight times at most."""

REORDERED = 16
"""A counter that falls by more than this has begun anew; one that falls by less came late."""

LONGEST_GAP = 10_000
"""A counter that leaps further is another one: two months at ten minutes."""


@dataclass(slots=True)
class FrameCounter:
    """The counter of one device, as far as it has been heard."""

    last: int | None = None
    lost: int = 0
    """Uplinks that were never heard, since the beginning."""
    _recent: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def begin(self) -> None:
        """Begin anew: the device has joined."""
        self.last = None
        self._recent.clear()

    def take(self, f_cnt: int, data: bytes) -> int | None:
        """Return how many uplinks went missing just before this one, None if it is the repeat of one heard already."""
        if (f_cnt, data) in self._recent:
            return None
        if self.last is not None and f_cnt < self.last - REORDERED:
            self.begin()
        gap = 0
        if self.last is None or f_cnt > self.last:
            gap = 0 if self.last is None else f_cnt - self.last - 1
            self.last = f_cnt
        if gap > LONGEST_GAP:
            gap = 0
        self._recent.append((f_cnt, data))
        self.lost += gap
        return gap
