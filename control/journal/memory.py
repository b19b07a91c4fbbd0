"""The journal's twin without a disk, for tests and simulations: the slow, obvious reference."""

import itertools
from collections.abc import Sequence
from datetime import datetime

from coldport.ids import GatewayId
from control.entries import Content, Entry, Mark, Observed, is_event
from control.journal.format import GENESIS, link, pack
from control.subjects import subjects


class MemoryJournal:
    """A `Journal` in a list."""

    def __init__(self) -> None:
        """Start one without entries."""
        self.entries: list[Entry] = []
        self._snapshot: tuple[int, bytes] | None = None

    def append(self, recorded_at: datetime, contents: Sequence[Content]) -> Sequence[Entry]:
        """Append and number."""
        first = len(self.entries) + 1
        added = [Entry(first + index, recorded_at, content) for index, content in enumerate(contents)]
        self.entries += added
        return added

    def read(self, after: int, limit: int) -> Sequence[Entry]:
        """Return entries above `after`, at most `limit`."""
        return self.entries[after : after + limit]

    def events(self, after: int, limit: int) -> Sequence[Entry]:
        """Return entries above `after` that are neither observations nor ticks."""
        return [entry for entry in self.entries[after:] if is_event(entry.content)][:limit]

    def about(self, subject: str, limit: int) -> Sequence[Entry]:
        """Return the last entries that are about a subject, the newest first."""
        return [entry for entry in reversed(self.entries) if subject in subjects(entry.content)][:limit]

    def hashes(self, after: int, limit: int) -> Sequence[bytes]:
        """Return the chain hashes of entries above `after`, at most `limit`."""
        payloads = (pack(entry.recorded_at, entry.content) for entry in self.entries[: after + limit])
        return list(itertools.accumulate(payloads, link, initial=GENESIS))[after + 1 :]

    def last(self) -> int:
        """Return the number of the newest entry, or 0."""
        return len(self.entries)

    def marks(self, gateway: GatewayId, boot_id: str, first_seq: int, last_seq: int) -> Sequence[Mark]:
        """Return the marks that overlap a range, in order."""
        marks = self._marks(gateway, boot_id)
        return [mark for mark in marks if mark.first_seq <= last_seq and mark.last_seq >= first_seq]

    def highest_seq(self, gateway: GatewayId, boot_id: str) -> int:
        """Return the highest number on record of a gateway's spool, or 0."""
        return max((mark.last_seq for mark in self._marks(gateway, boot_id)), default=0)

    def save_snapshot(self, number: int, state: bytes) -> None:
        """Keep a snapshot, replacing the older one."""
        self._snapshot = (number, state)

    def load_snapshot(self) -> tuple[int, bytes] | None:
        """Return the newest snapshot, or None."""
        return self._snapshot

    def _marks(self, gateway: str, boot_id: str) -> list[Mark]:
        marks = [
            Mark(gateway, boot_id, entry.content.observations[0].seq, entry.content.observations[-1].seq, entry.number)
            for entry in self.entries
            if isinstance(entry.content, Observed)
            and (entry.content.gateway, entry.content.boot_id) == (gateway, boot_id)
        ]
        return sorted(marks, key=lambda mark: mark.first_seq)
