"""The secret seeds of the draws, one file a day in DATA/control/draw, until the day is over and they are told."""

import os
import secrets
from datetime import date
from pathlib import Path

from coldport.errors import RefusedError, UnavailableError
from control.inspection.lane.draw import SEED_BYTES


def seeds_folder(data: Path) -> Path:
    """Return where the seeds lie in a data folder."""
    return data / "control" / "draw"


class FileSeeds:
    """Seeds in files that nobody but their owner may read."""

    def __init__(self, folder: Path) -> None:
        """Keep them in `folder`, which is made when the first is."""
        self._folder = folder
        self._known: dict[date, bytes] = {}

    def seed_of(self, day: date) -> bytes | None:
        """Return the seed of a day, or None: it has none, or it cannot be read; nothing is released without it."""
        if day not in self._known:
            try:
                seed = self._read(day)
            except (UnavailableError, RefusedError):
                return None
            if seed is None:
                return None
            self._known = {day: seed}  # parcels ask for today's, and once a day for another
        return self._known[day]

    def fix(self, day: date) -> bytes:
        """Return the seed of a day, made by the system's dice and durable before this returns.

        Raises:
            RefusedError: Others may read the file, or it holds no seed.
            UnavailableError: It can be neither read nor written.
        """
        seed = self._read(day)
        if seed is None:
            seed = secrets.token_bytes(SEED_BYTES)
            self._write(day, seed)
        return seed

    def _path(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}.seed"

    def _read(self, day: date) -> bytes | None:
        path = self._path(day)
        try:
            if not path.exists():
                return None
            if path.stat().st_mode & 0o077:
                raise RefusedError(
                    f"{path} may be read by others than its owner: chmod 600 it, and ask who has read it"
                )
            seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except OSError as error:
            raise UnavailableError(f"{path}: {error.strerror}") from error
        except ValueError as error:
            raise RefusedError(f"{path} holds no seed: {error}") from error
        if len(seed) != SEED_BYTES:
            raise RefusedError(f"{path} holds {len(seed)} bytes, a seed has {SEED_BYTES}")
        return seed

    def _write(self, day: date, seed: bytes) -> None:
        draft = self._path(day).with_suffix(".draft")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.unlink(missing_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(seed.hex())
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._path(day))
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise UnavailableError(f"{draft}: {error.strerror}") from error
