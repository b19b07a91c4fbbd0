"""What a line is to whoever serves it, whatever it is made of."""

from typing import Protocol


class Line(Protocol):
    """Bytes both ways. A serial line is for ever; a TCP connection ends."""

    async def receive(self) -> bytes:
        """Wait for bytes. Empty: the other end is gone for good."""
        ...

    async def send(self, data: bytes) -> None:
        """Send, or lose, bytes; it waits for nobody to read them."""
        ...
