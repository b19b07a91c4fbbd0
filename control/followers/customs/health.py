"""How well customs is heard, told as of any other device: what goes each way on the line to it."""

from collections import deque
from datetime import datetime, timedelta

from coldport.messages.status import Health, LinkState, LinkStatus

GATEWAY, LINK = "control", "customs"
"""The line's name among those of the gateways."""
WINDOW = timedelta(minutes=5)
"""Of which time the share of errors is, as of every device."""
WINDOW_LIMIT = 10_000
"""Messages remembered for it: five minutes of the busiest centre known have some 5,000."""


class Way:
    """One way of the line: what went over it since the start, and how much of it came to nothing."""

    def __init__(self, device: str, error: str) -> None:
        """Count nothing yet; `error` is what is wrong with whatever comes to nothing."""
        self._device, self._error = device, error
        self._lately: deque[tuple[datetime, bool]] = deque(maxlen=WINDOW_LIMIT)
        self.messages = 0
        self.errors = 0
        self._last_at: datetime | None = None
        self._state: LinkState | None = None

    def count(self, at: datetime, *, good: bool) -> Health:
        """Count a message, and return how the way does."""
        self._lately.append((at, good))
        while self._lately[0][0] <= at - WINDOW:
            self._lately.popleft()
        if good:
            self.messages += 1
            self._last_at = at
        else:
            self.errors += 1
        return Health(
            gateway=GATEWAY,
            link=LINK,
            device=self._device,
            at=at,
            frames=self.messages,
            errors=self.errors,
            error_share=sum(not one for _, one in self._lately) / len(self._lately),
            last_frame_at=self._last_at,
            last_error=self._error if self.errors else None,
        )

    def turn(self, state: LinkState, at: datetime) -> LinkStatus | None:
        """Return the way's new state, None when it is what it was."""
        if state is self._state:
            return None
        self._state = state
        reason = "unavailable" if state is LinkState.DOWN else None
        return LinkStatus(gateway=GATEWAY, link=LINK, device=self._device, state=state, since=at, reason=reason)
