"""Which batches are on their way to control and not confirmed. Pure: time is an argument, in monotonic seconds.

While control is away its broker keeps what it was sent, so sending everything again and again would fill the broker.
Only the oldest batch is repeated then, ever more seldom; the first receipt that comes back sets the others free.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

WINDOW = 8
"""Batches in flight: 4,000 observations, more than control commits in one go."""

FIRST_RESEND_S = 5.0
"""A receipt takes tens of milliseconds; one not there after this was lost, or control is away."""

LONGEST_RESEND_S = 300.0
"""72 h of control being away then cost the broker under 1,000 repeats (65 MB of full batches)."""


@dataclass(slots=True)
class Flight:
    """One batch on its way. It `follows` that number in its lane; a `repeated` one tells nothing of the round trip.

    One that is `due` is sent again without a wait.
    """

    first: int
    last: int
    follows: int
    sent_s: float
    repeated: bool = False
    due: bool = False


@dataclass(slots=True)
class Window:
    """The batches in flight, oldest first."""

    flights: list[Flight] = field(default_factory=list)
    _wait_s: float = FIRST_RESEND_S
    _heard_s: float | None = None

    @property
    def has_room(self) -> bool:
        """Whether another batch may be sent."""
        return len(self.flights) < WINDOW

    def sent(self, flight: Flight) -> None:
        """Note a batch that the broker has taken over."""
        if not self.flights:
            self._heard_s = flight.sent_s
        self.flights.append(flight)

    def confirmed(self, first: int, last: int, now_s: float) -> Sequence[Flight]:
        """Note a receipt, and return what it covers: control is there.

        A batch that it covers only in part stays, to be looked at again.
        """
        covered = [flight for flight in self.flights if first <= flight.first and flight.last <= last]
        self.flights = [flight for flight in self.flights if flight not in covered]
        self._wait_s = FIRST_RESEND_S
        self._heard_s = now_s
        return covered

    def gone(self, flight: Flight) -> None:
        """Note that the spool holds nothing of a batch any more."""
        self.flights = [other for other in self.flights if other is not flight]

    def clear(self) -> None:
        """Wait for none of them any more: the other lane carries them from here on."""
        self.flights = []

    def reconnected(self) -> None:
        """Note that the broker is back: what it had may be lost with it, so the long waits are over."""
        self._wait_s = FIRST_RESEND_S

    def control_began(self, now_s: float) -> None:
        """Note that control has begun anew: what the old one was sent and did not confirm is due at once.

        The broker brings it as well, but only when it has waited for the old one's acknowledgement in vain.
        """
        self._wait_s = FIRST_RESEND_S
        self._heard_s = now_s
        for flight in self.flights:
            flight.due = True

    def resent(self, flight: Flight, now_s: float) -> None:
        """Note that a batch has been sent again."""
        flight.sent_s = now_s
        flight.repeated = True
        flight.due = False
        if self._is_quiet(now_s):
            self._wait_s = min(LONGEST_RESEND_S, self._wait_s * 2)

    def overdue(self, now_s: float) -> Flight | None:
        """Return a batch to send again now, if there is one."""
        candidates = self.flights[:1] if self._is_quiet(now_s) else self.flights
        return next((one for one in candidates if one.due or now_s - one.sent_s >= self._wait_s), None)

    def _is_quiet(self, now_s: float) -> bool:
        return self._heard_s is not None and now_s - self._heard_s >= FIRST_RESEND_S
