"""Reads a journal file beside the process that writes it: for reports and exports. It can change nothing.

What it shows is the journal of one moment, however long the reading takes.
"""

import contextlib
import sqlite3
import zlib
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from coldport.errors import NotFoundError, UnavailableError
from control.entries import Entry
from control.journal.format import JournalDamagedError, unpack

_moment = msgspec.json.Decoder(tuple[datetime, msgspec.Raw])


class JournalReader:
    """The journal at `path` as it stood when it was opened. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open the journal.

        Raises:
            NotFoundError: There is none.
            UnavailableError: It cannot be read.
            JournalDamagedError: It is not a journal.
        """
        if not path.exists():
            raise NotFoundError(f"there is no journal at {path}")
        self._path = path
        with contextlib.ExitStack() as opened:
            with self._translated():
                address = f"{path.absolute().as_uri()}?mode=ro"
                self._connection = opened.enter_context(contextlib.closing(sqlite3.connect(address, uri=True)))
                self._connection.execute("BEGIN")
                newest = self._connection.execute("SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1")
                self.last: int
                self.chain: bytes
                self.last, self.chain = newest.fetchone() or (0, bytes(32))
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        """Return the reader."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._opened.close()

    def before(self, moment: datetime) -> int:
        """Return the number of an entry such that all after it, and none before, were recorded at `moment` or later.

        Where control's clock was set back, entries are in the order they were written, and the number is one of those
        at which they pass `moment`.
        """
        low, high = 0, self.last
        while low < high:
            middle = (low + high + 1) // 2
            if self._recorded_at(middle) < moment:
                low = middle
            else:
                high = middle - 1
        return low

    def entries(self, after: int, until: datetime, points: Collection[str] | None = None) -> Iterator[Entry]:
        """Yield entries above `after` recorded before `until`, in order.

        With `points`, observations of other points only are passed over unread, which is many times faster.
        """
        names = None if points is None else [f'"point":"{point}"'.encode() for point in points]
        with self._translated():
            rows = self._connection.execute(
                "SELECT number, payload FROM entry WHERE number > ? AND number <= ? ORDER BY number",
                (after, self.before(until)),
            )
            for number, payload in rows:
                if names is None or _holds(payload, names):
                    yield unpack(number, payload)

    def events(self) -> Iterator[Entry]:
        """Yield every entry that is neither an observation nor a tick, in order."""
        with self._translated():
            rows = self._connection.execute(
                "SELECT number, payload FROM event JOIN entry USING (number) ORDER BY number"
            )
            for number, payload in rows:
                yield unpack(number, payload)

    def _recorded_at(self, number: int) -> datetime:
        with self._translated():
            row = self._connection.execute("SELECT payload FROM entry WHERE number = ?", (number,)).fetchone()
        try:
            return _moment.decode(zlib.decompress(row[0]))[0].astimezone(UTC)
        except (TypeError, zlib.error, msgspec.DecodeError) as error:
            raise JournalDamagedError(f"{self._path}: entry {number} cannot be read") from error

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise UnavailableError(f"{self._path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise JournalDamagedError(f"{self._path}: {error}") from error


def _holds(payload: bytes, names: list[bytes]) -> bool:
    """Whether a payload may be of interest: it is no observations, or names one of the points."""
    try:
        text = zlib.decompress(payload)
    except zlib.error:
        return True  # whoever unpacks it says what is wrong
    return b'"entry":"observed"' not in text[:120] or any(name in text for name in names)
