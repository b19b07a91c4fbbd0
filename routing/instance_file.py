"""Instances and plans as files: JSON, or JSON packed by gzip when the name ends in `.gz`.

Their schemas are published: docs/reference/instance.schema.json and plan.schema.json.
"""

import gzip
import zlib
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from coldport.errors import MalformedError
from routing.instance_check import problems
from routing.model import Instance
from routing.result import Plan

FILE_LIMIT = 256 * 1024 * 1024
"""Bytes of one file, unpacked: ten thousand consignments are about 6 MB, so this is no instance any more."""

Kind = TypeVar("Kind", Instance, Plan)


class PlanningFileError(MalformedError):
    """A file is not what it should be. The message has the file, the path in it and what was expected."""

    code = "planning-file"


def read_instance(path: Path) -> Instance:
    """Read an instance that can be planned.

    Raises:
        PlanningFileError: It cannot be read, a value is not what it should be, or `instance_check` finds problems.
    """
    instance = _read(path, Instance)
    found = problems(instance)
    if found:
        raise PlanningFileError("\n".join(f"{path}: {problem}" for problem in found))
    return instance


def read_plan(path: Path) -> Plan:
    """Read a plan. Whether it is a good answer to an instance is for `routing.validate` to say.

    Raises:
        PlanningFileError: It cannot be read, or a value is not what it should be.
    """
    return _read(path, Plan)


def write(path: Path, what: Struct) -> None:
    """Write an instance, a plan or what else there is of them; the same bytes for the same content, packed or not.

    Raises:
        PlanningFileError: The file cannot be written.
    """
    data = msgspec.json.encode(what, order="deterministic") + b"\n"
    try:
        path.write_bytes(gzip.compress(data, 6, mtime=0) if path.suffix == ".gz" else data)
    except OSError as error:
        raise PlanningFileError(f"{path}: cannot be written: {error.strerror}") from error


def _read(path: Path, kind: type[Kind]) -> Kind:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise PlanningFileError(f"{path}: not packed by gzip: {error}") from error
    except OSError as error:
        raise PlanningFileError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > FILE_LIMIT:
        raise PlanningFileError(f"{path}: has more than {FILE_LIMIT} bytes")
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PlanningFileError(f"{path}: {error}") from error
