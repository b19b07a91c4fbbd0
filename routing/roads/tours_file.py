"""Tours as a JSON file: the problem and its answer together, so that the judge can read them again."""

from pathlib import Path

import msgspec
from msgspec import Struct

from coldport.errors import MalformedError
from coldport.ids import Id
from coldport.messages.observation import Moment
from routing.roads.model import Roads, Tours


class ToursFileError(MalformedError):
    """A file of tours cannot be written."""

    code = "tours-file"


class Toured(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tours of an instance; seconds count from `start`, places are those of the tables in their order."""

    instance: Id
    start: Moment
    places: tuple[Id, ...]
    roads: Roads
    tours: Tours


def write_tours(path: Path, toured: Toured) -> None:
    """Write tours with their problem; the same bytes for the same content.

    Raises:
        ToursFileError: The file cannot be written.
    """
    try:
        path.write_bytes(msgspec.json.encode(toured, order="deterministic") + b"\n")
    except OSError as error:
        raise ToursFileError(f"{path}: cannot be written: {error.strerror}") from error
