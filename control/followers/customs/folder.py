"""A letterbox in a folder, as the client software of a single window exchanges files.

    out/NAME          waits for customs; whoever fetches it moves it to out/done/
    in/NAME           came from customs; goes to in/done/ or, with NAME.reason beside it, to in/refused/
    number            the journal number up to which everything was put out

Files appear by rename, so nobody reads half of one. A name that begins with a dot is not there yet.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from coldport.errors import UnavailableError

DONE_LIMIT = 10_000
"""Answers kept in `in/done`; the journal has what they say. An hour of a busy centre, to look something up."""
REFUSED_LIMIT = 1_000
"""Answers kept in `in/refused`: somebody has looked long before; the oldest goes first."""
TIDY_EVERY = 500
"""Answers between two looks at how many are kept."""


class FolderLetterbox:
    """The two trays below one folder, usually `DATA/customs`."""

    def __init__(self, folder: Path) -> None:
        """Make the folders that are missing; raises UnavailableError when they cannot be made."""
        self._folder, self._out, self._in = folder, folder / "out", folder / "in"
        self._moved = 0
        try:
            for place in (self._out / "done", self._in / "done", self._in / "refused"):
                place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnavailableError(f"{folder}: {error.strerror}") from error

    def sent(self) -> int:
        """Return the remembered number; 0 when there is none that can be read: nothing is put out twice by that."""
        try:
            return int((self._folder / "number").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def remember(self, number: int) -> None:
        """Keep it by rename."""
        self._write(self._folder / "number", str(number).encode())

    def put(self, name: str, body: bytes) -> None:
        """Put a message out unless it lies there or was fetched."""
        if not (self._out / "done" / name).exists() and not (self._out / name).exists():
            self._write(self._out / name, body)

    def waiting(self, limit: int) -> Sequence[str]:
        """Return what lies in `in`, in the order of names."""
        try:
            with os.scandir(self._in) as found:
                names = [entry.name for entry in found if entry.name[0] != "." and entry.is_file(follow_symlinks=False)]
        except OSError as error:
            raise UnavailableError(f"{self._in}: {error.strerror}") from error
        return sorted(names)[:limit]

    def read(self, name: str, limit: int) -> bytes:
        """Return the first bytes of an answer."""
        try:
            with (self._in / name).open("rb") as file:
                return file.read(limit)
        except OSError as error:
            raise UnavailableError(f"{self._in / name}: {error.strerror}") from error

    def done(self, name: str) -> None:
        """Move it to `in/done`."""
        self._move(name, self._in / "done", DONE_LIMIT)

    def refuse(self, name: str, reason: str) -> None:
        """Move it to `in/refused`; the reason is written first, so that none lies there without."""
        self._write(self._in / "refused" / f"{name}.reason", f"{reason}\n".encode())
        self._move(name, self._in / "refused", 2 * REFUSED_LIMIT)

    def _move(self, name: str, place: Path, limit: int) -> None:
        try:
            (self._in / name).replace(place / name)
            self._moved += 1
            if self._moved % TIDY_EVERY == 0:
                _keep_newest(place, limit)
        except OSError as error:
            raise UnavailableError(f"{place / name}: {error.strerror}") from error

    def _write(self, path: Path, body: bytes) -> None:
        beside = path.with_name(f".{path.name}")
        try:
            with beside.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError as error:
            raise UnavailableError(f"{path}: {error.strerror}") from error


def _keep_newest(place: Path, limit: int) -> None:
    files = sorted(place.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for old in files[: max(0, len(files) - limit)]:
        old.unlink(missing_ok=True)
