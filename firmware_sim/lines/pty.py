"""A serial line as a pseudo terminal with a name of its own, which can be pulled out and plugged in again."""

import asyncio
import os
import tty
from pathlib import Path

from coldport.errors import RefusedError

READ_BYTES = 4096
ARRIVED_LIMIT = 256
"""Reads that wait for the server; a client that sends faster than the line's baud rate loses what comes then."""


class PtyLine:
    """A symbolic link `path` leads to the end that clients open. They come and go; the line stays.

    Nothing is kept for a client that does not read: what does not fit into the terminal's buffer (4 KiB) is lost, as
    on a wire. Baud rate and parity set by a client are accepted and mean nothing.
    """

    def __init__(self, path: Path) -> None:
        """Be pulled out; `plug` makes the line."""
        self.path = path
        self._ends: tuple[int, int] | None = None
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue(ARRIVED_LIMIT)

    def plug(self) -> None:
        """Make the line and its name. What an earlier, killed simulator has left there is replaced.

        Raises:
            RefusedError: Something that is not a symbolic link has the name already.
        """
        if self._ends is not None:
            return
        if os.path.lexists(self.path):
            if not self.path.is_symlink():
                raise RefusedError(f"{self.path} exists and is not a serial line of a simulator")
            self.path.unlink()
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        # Their end stays open here too: otherwise the terminal would hang up each time a client closes it.
        self._ends = (ours, theirs)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.symlink_to(os.ttyname(theirs))
        asyncio.get_running_loop().add_reader(ours, self._read, ours)

    def unplug(self) -> None:
        """Hang up on the client and take the name away."""
        if self._ends is None:
            return
        ours, theirs = self._ends
        self._ends = None
        asyncio.get_running_loop().remove_reader(ours)
        self.path.unlink(missing_ok=True)
        os.close(ours)
        os.close(theirs)

    async def receive(self) -> bytes:
        """Wait for bytes; while the line is pulled out none come."""
        return await self._arrived.get()

    async def send(self, data: bytes) -> None:
        """Send what fits."""
        if self._ends is None:
            return
        try:
            os.write(self._ends[0], data)
        except BlockingIOError:
            return

    def _read(self, ours: int) -> None:
        try:
            data = os.read(ours, READ_BYTES)
        except BlockingIOError:
            return
        if data and not self._arrived.full():
            self._arrived.put_nowait(data)
