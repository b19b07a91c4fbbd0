"""A line inside the process of a rehearsal."""

from collections.abc import Callable

from coldport.clock import Clock
from coldport.rehearsal import Ear, End, NotThereError
from edge.links.inbox import Inbox
from edge.ports import LinkDownError


class _InboxEar:
    """Puts what comes into an inbox."""

    def __init__(self, inbox: Inbox, reason: str) -> None:
        self._inbox = inbox
        self._reason = reason

    def arrived(self, data: bytes) -> None:
        self._inbox.feed(data)

    def gone(self) -> None:
        self._inbox.fail(LinkDownError("the other side is gone", self._reason))


class BayLink:
    """A line of a `Bay`; see `edge.ports.Link`."""

    def __init__(self, connect: Callable[[Ear], End], clock: Clock, *, gone: str) -> None:
        """Have a line that `connect` makes; `gone` is the reason when the other side has left."""
        self._connect = connect
        self._clock = clock
        self._gone = gone
        self._inbox = Inbox(clock)
        self._end: End | None = None

    async def open(self) -> None:
        """Take the line."""
        await self.close()
        self._inbox = Inbox(self._clock)
        try:
            self._end = self._connect(_InboxEar(self._inbox, self._gone))
        except NotThereError as error:
            raise LinkDownError(str(error), error.reason) from error

    async def close(self) -> None:
        """Hang up."""
        if self._end is not None:
            self._end.hang_up()
            self._end = None

    async def read(self, timeout_s: float) -> bytes:
        """Return what has arrived."""
        return await self._inbox.take(timeout_s)

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        self._inbox.check()
        if self._end is None:
            raise LinkDownError("the line is not open")
        self._end.send(data)

    def discard(self) -> None:
        """Forget what has arrived."""
        self._inbox.discard()
