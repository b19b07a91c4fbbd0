"""A null modem inside one process: what one end writes the other reads. For tests, which also play the device."""

from coldport.clock import Clock
from edge.links.inbox import Inbox
from edge.ports import LinkDownError


class MemoryLink:
    """One end of a null modem; see `edge.ports.Link`. Make a pair with `null_modem`."""

    def __init__(self, clock: Clock) -> None:
        """Be an end that has no other end yet."""
        self._clock = clock
        self._inbox = Inbox(clock)
        self.peer: MemoryLink | None = None
        self.plugged = True

    async def open(self) -> None:
        """Begin anew; refused while unplugged."""
        if not self.plugged:
            raise LinkDownError("the null modem is unplugged")
        self._inbox = Inbox(self._clock)

    async def close(self) -> None:
        """Do nothing: the other end may stay open."""

    async def read(self, timeout_s: float) -> bytes:
        """Return what the other end wrote."""
        return await self._inbox.take(timeout_s)

    async def write(self, data: bytes) -> None:
        """Hand bytes to the other end."""
        self._inbox.check()
        if self.peer is not None:
            self.peer._inbox.feed(data)  # noqa: SLF001 - both ends are of this class

    def discard(self) -> None:
        """Forget what the other end wrote."""
        self._inbox.discard()

    def unplug(self) -> None:
        """Pull the plug of this end, as a person does; `plugged = True` puts it back."""
        self.plugged = False
        self._inbox.fail(LinkDownError("the null modem was unplugged"))


def null_modem(clock: Clock) -> tuple[MemoryLink, MemoryLink]:
    """Return the two ends of a line."""
    near, far = MemoryLink(clock), MemoryLink(clock)
    near.peer, far.peer = far, near
    return near, far
