"""Site files: TOML to frozen values. An error names the file, the line, the key, and what was expected.

The environment may override secrets only (`COLDPORT_BROKER_PASSWORD`, `COLDPORT_HISTORIAN_TOKEN`), here and nowhere
else. No secret has a default.
"""

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import msgspec.inspect

from coldport.errors import MalformedError

Settings = TypeVar("Settings", bound=msgspec.Struct)

FILE_LIMIT = 4 * 1024 * 1024
"""Bytes of one site file; ten times the largest site thought of (10,000 points)."""

_PATH = re.compile(r" - at `(?:key in )?(\$[^`]*)`$")
_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_MISSING = re.compile(r"missing required field `([^`]+)`")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong with a site file, and where. `line` is 0 when it is the whole file.

    A warning is worth a look and keeps nothing from starting.
    """

    file: str
    line: int
    key: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        """Return `file:line: key: message`, a warning with `warning: ` in front of the message."""
        said = f"warning: {self.message}" if self.warning else self.message
        return ": ".join(part for part in (f"{self.file}:{self.line}", self.key, said) if part)


class SiteFileError(MalformedError):
    """A site file cannot be used. The process that needs it stops with exit code 2."""

    code = "site-file"

    def __init__(self, *problems: Problem) -> None:
        """Carry every problem found, not only the first."""
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A TOML file that has been read, and can find the line of a key."""

    path: Path
    text: str
    tree: dict[str, Any]

    def problem(self, path: str, message: str, *, warning: bool = False) -> Problem:
        """Return the problem at `path`, written as msgspec does: `$.zone[2].point[0].id`."""
        steps = _steps(path)
        return Problem(
            str(self.path), _line_of(self.text, steps), path.removeprefix("$").removeprefix("."), message, warning
        )

    def convert(self, kind: type[Settings]) -> Settings:
        """Return the file as frozen settings.

        Raises:
            SiteFileError: A key is unknown or missing, or a value is not what `kind` wants.
        """
        try:
            return msgspec.convert(self.tree, kind)
        except msgspec.ValidationError as error:
            text = str(error)
            found = _PATH.search(text)
            path = found.group(1) if found else "$"
            for pattern in (_UNKNOWN, _MISSING):
                named = pattern.search(text)
                if named:
                    path = f"{path}.{named.group(1)}"
            said = _PATH.sub("", text) + _choices(kind, path)
            raise SiteFileError(self.problem(path, said)) from error


def read(path: Path) -> SiteFile:
    """Read a TOML file.

    Raises:
        SiteFileError: It is missing, too large, not UTF-8 or not TOML.
    """
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise SiteFileError(Problem(str(path), 0, "", f"the file has more than {FILE_LIMIT} bytes"))
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SiteFileError(Problem(str(path), 0, "", f"the file is not UTF-8: byte {error.start}")) from error
    except OSError as error:
        raise SiteFileError(Problem(str(path), 0, "", f"cannot be read: {error.strerror}")) from error
    try:
        return SiteFile(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise SiteFileError(Problem(str(path), int(line.group(1)) if line else 0, "", f"not TOML: {error}")) from error


def load(path: Path, kind: type[Settings]) -> Settings:
    """Read a TOML file as frozen settings; see `read` and `SiteFile.convert` for the errors."""
    return read(path).convert(kind)


def secret(name: str) -> str | None:
    """Return a secret from the environment, or None. The only place that reads it."""
    return os.environ.get(f"COLDPORT_{name}")


def _steps(path: str) -> list[str | int]:
    return [name or int(index) for name, index in _STEP.findall(path) if index != "..."]


def _choices(kind: type[msgspec.Struct], path: str) -> str:
    """Return `, expected one of ...` when the value at `path` is a choice; msgspec names only what it got."""
    at: msgspec.inspect.Type = msgspec.inspect.type_info(kind)
    for step in _steps(path):
        if isinstance(at, msgspec.inspect.UnionType):
            at = next((one for one in at.types if isinstance(one, msgspec.inspect.StructType)), at)
        if isinstance(at, msgspec.inspect.StructType):
            at = next((field.type for field in at.fields if field.encode_name == step), at)
        elif isinstance(at, msgspec.inspect.VarTupleType):
            at = at.item_type
        elif isinstance(at, msgspec.inspect.DictType):
            at = at.value_type
    for one in at.types if isinstance(at, msgspec.inspect.UnionType) else (at,):
        if isinstance(one, msgspec.inspect.EnumType):
            return ", expected one of " + ", ".join(str(choice.value) for choice in one.cls)
        if isinstance(one, msgspec.inspect.LiteralType):
            return ", expected one of " + ", ".join(map(str, one.values))
    return ""


_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*(\"[^\"]+\"|[A-Za-z0-9_.-]+)\s*=")


def _line_of(text: str, steps: list[str | int]) -> int:
    """Find the line of the deepest part of `steps` that has one: a header, a key, an element on its own line."""
    best, best_depth = 0, 0
    counts: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    element_of: tuple[str | int, ...] | None = None
    element = -1
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        key = _KEY.match(line)
        if header and not (element_of is not None and line.startswith((" ", "\t"))):
            table = _table_path(header.group(2), is_array=header.group(1) == "[[", counts=counts)
            here, element_of = table, None
        elif key and not line.lstrip().startswith("{"):
            here = (*table, *key.group(1).strip('"').split("."))
            element_of, element = (here, -1) if line.rstrip().endswith("[") else (None, -1)
        elif element_of is not None and line.strip() and not line.lstrip().startswith(("#", "]")):
            element += 1
            here = (*element_of, element)
        else:
            continue
        depth = len(here)
        if depth > best_depth and tuple(steps[:depth]) == here:
            best, best_depth = number, depth
    return best


def _table_path(header: str, *, is_array: bool, counts: dict[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
    path: tuple[str | int, ...] = ()
    names = [part.strip().strip('"') for part in header.split(".")]
    for position, name in enumerate(names):
        path = (*path, name)
        if is_array and position == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
            path = (*path, counts[path])
        elif path in counts:
            path = (*path, counts[path])
    return path
