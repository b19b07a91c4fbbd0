"""What a measure remembers, and what a measure is."""

from collections.abc import Callable

from msgspec import Struct, field

Row = tuple[float, float, float]
"""What it means is the measure's own business; the first is always a time, in seconds since 1970."""


class Memory(Struct):
    """What a measure remembers of a point: its newest value, when that was read, what it keeps of those before.

    `unknown_s` is how long, since then, nothing was known. Every measure bounds its `rows`.
    """

    at_s: float | None = None
    value: float = 0.0
    unknown_s: float = 0.0
    rows: list[Row] = field(default_factory=list)

    def copy(self) -> "Memory":
        """Return one that remembers the same."""
        return Memory(at_s=self.at_s, value=self.value, unknown_s=self.unknown_s, rows=list(self.rows))

    def become(self, other: "Memory") -> None:
        """Remember what `other` does."""
        self.at_s, self.value, self.unknown_s = other.at_s, other.value, other.unknown_s
        self.rows[:] = other.rows


Measure = Callable[[Memory, float, float, float], float | None]
"""`measure(memory, value, at_s, known_s)`: take in a value read at `at_s`; `known_s` is how long the one before it,
`memory.value`, was known to hold. Returns the figure to be judged, or None when there is too little to tell."""
