"""What the customs line needs of the place where files lie."""

from collections.abc import Sequence
from typing import Protocol


class Letterbox(Protocol):
    """Two trays: one for what goes to customs, one for what came from there. A name is that of a file."""

    def sent(self) -> int:
        """Return the journal number up to which everything has been put out; 0 at first."""
        ...

    def remember(self, number: int) -> None:
        """Keep that number. Raises UnavailableError."""
        ...

    def put(self, name: str, body: bytes) -> None:
        """Put a message out, whole or not at all; one that lies there, or was fetched, is not put out again.

        Raises:
            UnavailableError: It could not be written.
        """
        ...

    def waiting(self, limit: int) -> Sequence[str]:
        """Return the names of at most `limit` answers that wait, sorted; raises UnavailableError."""
        ...

    def read(self, name: str, limit: int) -> bytes:
        """Return at most the first `limit` bytes of an answer; raises UnavailableError."""
        ...

    def done(self, name: str) -> None:
        """Put an answer away: what it says is on record. Raises UnavailableError."""
        ...

    def refuse(self, name: str, reason: str) -> None:
        """Put an answer aside with the reason why it was not taken. Raises UnavailableError."""
        ...
