"""When to ask a unit that does not answer. Pure: time is an argument, in monotonic seconds.

A unit that misses once is asked again soon. One that misses twice is dead until it answers a probe, and probes come
ever more seldom, so that a dead unit costs its line at most one time-out in each wait.
"""

from dataclasses import dataclass

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0


@dataclass(slots=True)
class Breaker:
    """The circuit breaker of one unit. `wait_s` and `probe_s` hold while `misses` is not 0."""

    misses: int = 0
    wait_s: float = 0.0
    """How long the unit is left alone after its latest miss."""
    probe_s: float = 0.0
    """When that time is over."""

    @property
    def is_open(self) -> bool:
        """Whether the unit is taken to be dead: its regular reads are left out, only probes are made."""
        return self.misses >= 2

    def missed(self, now_s: float) -> None:
        """Note that the unit did not answer, or that nothing could be made of what it sent."""
        self.misses += 1
        if self.is_open:
            self.wait_s = FIRST_WAIT_S if self.misses == 2 else min(LONGEST_WAIT_S, self.wait_s * 2)
        self.probe_s = now_s + self.wait_s

    def answered(self) -> None:
        """Note that the unit lives."""
        self.misses = 0
        self.wait_s = 0.0
