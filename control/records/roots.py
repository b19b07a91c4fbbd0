"""The file of seals: one JSON line each, only ever appended to. Copies of it, off the machine, are what proves."""

import os
from pathlib import Path

import msgspec

from coldport.errors import MalformedError, UnavailableError
from control.entries import Sealed
from control.records.seal import line

_decoder = msgspec.json.Decoder(Sealed)


def roots_path(data: Path) -> Path:
    """Return where the seals of a data folder lie."""
    return data / "control" / "roots.jsonl"


class Roots:
    """The seals of one site, in order."""

    def __init__(self, path: Path) -> None:
        """Go on from what is in the file, if there is one.

        Raises:
            MalformedError: A line is not a seal; the file is left as it is.
            UnavailableError: It cannot be read.
        """
        self._path = path
        self.newest: Sealed | None = None
        try:
            text = path.read_bytes() if path.exists() else b""
        except OSError as error:
            raise UnavailableError(f"{path}: {error.strerror}") from error
        # What follows the last line end was cut off by a fall while it was written: it is no seal.
        self._whole = text.rfind(b"\n") + 1
        for number, one in enumerate(text[: self._whole].splitlines(), 1):
            try:
                self.newest = _decoder.decode(one)
            except msgspec.DecodeError as error:
                raise MalformedError(f"{path}:{number}: not a seal: {error}") from error

    def append(self, seal: Sealed) -> None:
        """Append a seal, durable when this returns; raises UnavailableError."""
        try:
            with self._path.open("ab") as file:
                file.truncate(self._whole)
                file.write(line(seal) + b"\n")
                file.flush()
                os.fsync(file.fileno())
                self._whole = file.tell()
        except OSError as error:
            raise UnavailableError(f"{self._path}: {error.strerror}") from error
        self.newest = seal
