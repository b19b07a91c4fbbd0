"""A reader's clock. Some have no UTC, and tell how long they have been on instead (section 12.1.1)."""

from collections.abc import Callable
from dataclasses import dataclass

from firmware_sim.servers.llrp.wire import tlv, tv, u64


@dataclass(frozen=True, slots=True)
class Stamps:
    """Makes time parameters. The reader was switched on when the simulation began, at `epoch_us` of UTC.

    Its clock is `step_s` ahead. One that has none, or has `forgotten` it, tells for how long it has been on.
    """

    epoch_us: int
    simulated_s: Callable[[], float]
    has_clock: bool = True
    step_s: Callable[[], float] = lambda: 0.0
    forgotten: Callable[[], bool] = lambda: False

    def now(self) -> bytes:
        """Return the UTCTimestamp (128) or Uptime (129) of this moment."""
        return tlv(128 if self._knows() else 129, u64(self._us(self.simulated_s())))

    def first_seen(self, at_s: float) -> bytes:
        """Return FirstSeenTimestampUTC (2) or FirstSeenTimestampUptime (3)."""
        return tv(2 if self._knows() else 3, u64(self._us(at_s)))

    def last_seen(self, at_s: float) -> bytes:
        """Return LastSeenTimestampUTC (4) or LastSeenTimestampUptime (5)."""
        return tv(4 if self._knows() else 5, u64(self._us(at_s)))

    def _us(self, at_s: float) -> int:
        return (self.epoch_us + round(self.step_s() * 1e6) if self._knows() else 0) + round(at_s * 1e6)

    def _knows(self) -> bool:
        return self.has_clock and not self.forgotten()
