"""Seals the journal when a day of the site is over. It reads hashes on another thread and holds nothing else up."""

import asyncio
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coldport.clock import Clock
from control.entries import Sealed
from control.ports import Journal
from control.records import seal
from control.records.key import key_path, site_key
from control.records.roots import Roots, roots_path

LOOK_EVERY_S = 60.0
"""A day is sealed within a minute of its end."""

PAGE = 5_000
"""Hashes read at once: 160 kB."""


class Book(Protocol):
    """Who writes the journal."""

    def note(self, content: Sealed) -> None:
        """Put a seal on record; raises UnavailableError."""
        ...


class Sealer:
    """What has been sealed is remembered by the file of roots, never here.

    A seal goes to that file first and then into the journal. After a fall between the two the journal lacks it; it is
    good all the same, for it lies in the file and the next seal names it.
    """

    def __init__(
        self, journal: Journal, roots: Roots, key: Ed25519PrivateKey, book: Book, zone: ZoneInfo, clock: Clock
    ) -> None:
        """Seal `journal` with `key` into `roots` when a day of `zone` is over, and have it noted by `book`."""
        self._journal = journal
        self._roots = roots
        self._key = key
        self._book = book
        self._zone = zone
        self._clock = clock
        self._to_note: Sealed | None = None

    async def step(self) -> None:
        """Seal if a day is over, then wait: the loop body for `coldport.supervise.for_ever`.

        Raises:
            UnavailableError: The disk refuses; nothing is lost by trying again.
        """
        now = self._clock.now()
        if self._to_note is None and self._is_due(now):
            self._to_note = await asyncio.to_thread(self._seal, now)
        if self._to_note is not None:
            self._book.note(self._to_note)
            self._to_note = None
        await self._clock.sleep(LOOK_EVERY_S)

    def _is_due(self, now: datetime) -> bool:
        newest = self._roots.newest
        if newest is not None:
            return self._journal.last() > newest.last and self._day(newest.sealed_at) < self._day(now)
        oldest = self._journal.read(0, 1)
        return bool(oldest) and self._day(oldest[0].recorded_at) < self._day(now)

    def _seal(self, now: datetime) -> Sealed:
        newest = self._roots.newest
        first = newest.last + 1 if newest else 1
        sealed = seal.make(
            first, self._hashes(first, self._journal.last()), before=newest, key=self._key, sealed_at=now
        )
        self._roots.append(sealed)
        return sealed

    def _hashes(self, first: int, last: int) -> Iterator[bytes]:
        while first <= last:
            page = self._journal.hashes(first - 1, min(PAGE, last - first + 1))
            yield from page
            first += len(page)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()


def open_sealer(data: Path, journal: Journal, book: Book, zone: str, clock: Clock) -> Sealer:
    """Return the sealer of a data folder; its key is made when there is none.

    Raises:
        RefusedError: The key may be read by others, or is none.
        MalformedError: The file of roots is not what was written.
        UnavailableError: The disk refuses.
    """
    return Sealer(journal, Roots(roots_path(data)), site_key(key_path(data)), book, ZoneInfo(zone), clock)
