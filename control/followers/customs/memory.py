"""A letterbox in memory: the twin of the folder, for tests and rehearsals."""

from collections.abc import Sequence


class MemoryLetterbox:
    """`out` holds what waits for customs, `fetched` what customs took; `into` is what came from there."""

    def __init__(self) -> None:
        """Hold nothing."""
        self.number = 0
        self.out: dict[str, bytes] = {}
        self.fetched: set[str] = set()
        self.into: dict[str, bytes] = {}
        self.put_away: dict[str, bytes] = {}
        self.refused: dict[str, str] = {}

    def sent(self) -> int:
        """Return the remembered number."""
        return self.number

    def remember(self, number: int) -> None:
        """Keep it."""
        self.number = number

    def put(self, name: str, body: bytes) -> None:
        """Put a message out, once."""
        if name not in self.fetched:
            self.out[name] = body

    def waiting(self, limit: int) -> Sequence[str]:
        """Return answers that wait."""
        return sorted(self.into)[:limit]

    def read(self, name: str, limit: int) -> bytes:
        """Return an answer."""
        return self.into[name][:limit]

    def done(self, name: str) -> None:
        """Put it away."""
        self.put_away[name] = self.into.pop(name)

    def refuse(self, name: str, reason: str) -> None:
        """Put it aside."""
        self.into.pop(name)
        self.refused[name] = reason
