"""What a line is to whoever serves it, and who makes lines, whatever they are made of."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from firmware_sim.lines.letters import Letters


class Line(Protocol):
    """Bytes both ways. A serial line is for ever; a TCP connection ends."""

    async def receive(self) -> bytes:
        """Wait for bytes. Empty: the other end is gone for good."""
        ...

    async def send(self, data: bytes) -> None:
        """Send, or lose, bytes; it waits for nobody to read them."""
        ...


Serve = Callable[[Line], Awaitable[None]]
"""Serves one client; when it returns the connection is closed."""


class Address(NamedTuple):
    """Where something listens."""

    host: str
    port: int


class Ends(Protocol):
    """Makes our ends of all lines of a site. Nobody can reach them before they are opened."""

    def serial(self, name: str) -> Line:
        """Return a serial line of that name."""
        ...

    def listen(self, name: str, address: Address, serve: Serve) -> None:
        """Listen at an address, and serve each client that comes there."""
        ...

    def letters(self, folder: str) -> Letters:
        """Return the customs' side of a letterbox: a folder below the data folder."""
        ...

    def plug(self, name: str, *, wanted: bool) -> None:
        """Pull a line out, or plug it in again: a serial port, or a TCP port that listens. Other names mean nothing."""
        ...

    async def open(self) -> None:
        """Let clients in.

        Raises:
            UnavailableError: An address is in use.
            RefusedError: A serial line's name is taken by something else.
        """
        ...

    async def close(self) -> None:
        """Take everything away that `open` made, be it all or a part of it."""
        ...
