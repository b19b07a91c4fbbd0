"""The customs' side of a letterbox: fetches what was put out for customs, and brings what customs says.

    out/NAME          waits for customs; is moved to out/done/ when it has been fetched
    in/NAME           comes from customs

Files appear by rename, so nobody reads half of one. A name that begins with a dot is not there yet.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from coldport.errors import UnavailableError

FETCH_LIMIT = 200
"""Letters of one look: three trucks of twenty parcels, read in some ten milliseconds."""
DONE_LIMIT = 20_000
"""Letters kept in `out/done`; whoever put them out remembers how far he was and looks at the newest alone."""
TIDY_EVERY = 1_000
"""Letters between two looks at how many are kept."""


class Letters(Protocol):
    """Both trays, as customs sees them."""

    def fetch(self, size_limit: int) -> Sequence[bytes]:
        """Return letters that wait, each once, at most its first `size_limit` bytes; raises UnavailableError."""
        ...

    def bring(self, name: str, body: bytes) -> None:
        """Bring a letter, whole or not at all; raises UnavailableError."""
        ...


class FolderLetters:
    """Trays in a folder. It is made when there is something to bring; before that nobody has put anything out."""

    def __init__(self, folder: Path) -> None:
        """Stand at the folder that whoever declares has too."""
        self._out, self._in = folder / "out", folder / "in"
        self._fetched = 0

    def fetch(self, size_limit: int) -> Sequence[bytes]:
        """Return letters in the order of their names. One that is lost by a fall lies in `out/done`."""
        try:
            return [self._take(name, size_limit) for name in self._waiting()]
        except OSError as error:
            raise UnavailableError(f"{self._out}: {error.strerror}") from error

    def bring(self, name: str, body: bytes) -> None:
        """Bring a letter by rename."""
        beside = self._in / f".{name}"
        try:
            self._in.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(body)
            beside.replace(self._in / name)
        except OSError as error:
            raise UnavailableError(f"{self._in / name}: {error.strerror}") from error

    def _waiting(self) -> list[str]:
        if not self._out.is_dir():
            return []
        with os.scandir(self._out) as found:
            names = [entry.name for entry in found if entry.name[0] != "." and entry.is_file(follow_symlinks=False)]
        return sorted(names)[:FETCH_LIMIT]

    def _take(self, name: str, size_limit: int) -> bytes:
        with (self._out / name).open("rb") as file:
            body = file.read(size_limit)
        done = self._out / "done"
        done.mkdir(exist_ok=True)
        (self._out / name).replace(done / name)
        self._fetched += 1
        if self._fetched % TIDY_EVERY == 0:
            files = sorted(done.iterdir(), key=lambda path: path.stat().st_mtime_ns)
            for old in files[: max(0, len(files) - DONE_LIMIT)]:
                old.unlink(missing_ok=True)
        return body
