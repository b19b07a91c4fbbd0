"""What every simulated protocol looks like to the line it is on."""

from typing import Protocol


class Core(Protocol):
    """A protocol without I/O: bytes go in as they come, and it is asked often what it has to say."""

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes off the line; any split is allowed, and none of them can break it."""
        ...

    def send(self, now_s: float) -> bytes:
        """Return what goes onto the line now, often nothing. `now_s` are the seconds of a clock that never steps."""
        ...

    @property
    def finished(self) -> bool:
        """Whether the connection is to be closed once everything has been sent."""
        ...
