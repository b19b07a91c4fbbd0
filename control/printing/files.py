"""Files that are whole or not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coldport.errors import UnavailableError


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Lend a path beside `path`; what is written there becomes `path` when all went well, and else is removed.

    Raises:
        UnavailableError: The disk refuses.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise UnavailableError(f"{path}: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, replacing one that is there; raises UnavailableError."""
    with draft_of(path) as draft:
        draft.write_bytes(content)
