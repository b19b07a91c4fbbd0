"""Cargo and loading plans as JSON files, as a shipper hands them in and the judge can read them again."""

from pathlib import Path

import msgspec

from coldport.errors import MalformedError
from routing.loading.model import MAX_BOXES, Cargo, LoadPlan

FILE_LIMIT = 1024 * 1024
"""Bytes of a cargo: two hundred kinds have 60 kB."""


class CargoFileError(MalformedError):
    """A file is no cargo, or cannot be read or written. The message has the file and the path in it."""

    code = "cargo-file"


def read_cargo(path: Path) -> Cargo:
    """Read what is to be loaded, and into what.

    Raises:
        CargoFileError: It cannot be read, a value is not what it should be, or a name is there twice.
    """
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise CargoFileError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > FILE_LIMIT:
        raise CargoFileError(f"{path}: has more than {FILE_LIMIT} bytes")
    try:
        cargo = msgspec.json.decode(data, type=Cargo)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CargoFileError(f"{path}: {error}") from error
    for names, key in (([box.id for box in cargo.boxes], "boxes"), ([unit.id for unit in cargo.units], "units")):
        for number, name in enumerate(names):
            if name in names[:number]:
                raise CargoFileError(f"{path}: {name!r} is there twice - at `$.{key}[{number}].id`")
    if sum(box.count for box in cargo.boxes) > MAX_BOXES:
        raise CargoFileError(f"{path}: has more than {MAX_BOXES} boxes - at `$.boxes`")
    return cargo


def as_json(what: Cargo | LoadPlan) -> bytes:
    """Return it as JSON; `msgspec.json.decode(text, type=LoadPlan)` reads a plan."""
    return msgspec.json.format(msgspec.json.encode(what), indent=1) + b"\n"
