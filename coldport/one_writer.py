"""A store on disk has one writer: a lock file beside it says so to every other process."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coldport.errors import RefusedError, UnavailableError


@contextmanager
def one_writer(path: Path) -> Iterator[None]:
    """Be the only process that writes `path`, and make its folder; the lock goes with the process, however it ends.

    Raises:
        RefusedError: Another process writes it.
        UnavailableError: The folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.with_suffix(".lock").open("a")
    except OSError as error:
        raise UnavailableError(f"{path.parent}: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RefusedError(f"{path} is being written by another process") from error
        yield
