"""The text of a recording: a head, and a line for each thing that happened (docs/reference/recordings.md).

Pure: text in, text out.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Literal, NamedTuple

from msgspec import Struct

from coldport.errors import MalformedError

FIRST_LINE = "coldport recording 1"
CHUNK_LIMIT = 64 * 1024
"""Bytes in one line; a read of a line or a socket has 4 KiB at most."""

TEXT_LIMIT = 64 * 1024 * 1024
"""Bytes of a file that is played; it is held in memory. Four bytes of text stand for one of the line."""

LLRP: Literal["llrp"] = "llrp"
Echoed = tuple[int, int] | Literal["llrp"]
"""What answers repeat of a request: bytes from the first up to (without) the second, or LLRP's message numbers."""

_KEYS = ("device", "agent", "line", "begun", "note", "echo")


class Kind(StrEnum):
    """What happened."""

    CONNECTED = "+"
    GONE = "-"
    ASKED = ">"
    """The agent has sent bytes to the device."""
    SAID = "<"
    """The device has sent bytes to the agent."""
    END = "."
    """The recording ends here, and not because its writer was killed."""


class Entry(NamedTuple):
    """One thing that happened `at_s` after the beginning."""

    at_s: float
    kind: Kind
    data: bytes = b""


class Head(Struct, frozen=True, kw_only=True):
    """What was recorded: between whom, on which line, and when it began (RFC 3339).

    `echo` is what an answer repeats of its request: numbers that an agent counts, as `0-2` of Modbus TCP, or `llrp`.
    """

    device: str = ""
    agent: str = ""
    line: str = ""
    begun: str = ""
    note: str = ""
    echo: Echoed = (0, 0)


class Recording(NamedTuple):
    """A whole recording."""

    head: Head
    entries: tuple[Entry, ...]


def head_text(head: Head) -> str:
    """Return the lines above the first entry, with the empty one that ends them."""
    values = {key: getattr(head, key) for key in _KEYS if key != "echo"}
    if head.echo != (0, 0):
        values["echo"] = head.echo if head.echo == LLRP else f"{head.echo[0]}-{head.echo[1]}"
    lines = [f"{key}: {' '.join(value.split())}" for key, value in values.items() if value]
    return "\n".join([FIRST_LINE, *lines, "", ""])


def entry_text(entry: Entry) -> str:
    """Return the line of an entry, with its end. Bytes that are text are repeated as such behind a `#`.

    >>> entry_text(Entry(0.25, Kind.SAID, b"S S 1 kg")).rstrip()
    '0.250000 < 53 20 53 20 31 20 6b 67  # S S 1 kg'
    """
    text = f"{entry.at_s:.6f} {entry.kind}"
    if entry.data:
        text += f" {entry.data.hex(' ')}"
    printable = entry.data.strip(b"\r\n")
    if printable and printable.isascii() and printable.decode("ascii").isprintable():
        text += f"  # {repr(entry.data)[2:-1]}"
    return f"{text}\n"


def parse(text: str) -> Recording:
    """Read a recording. A last line without its end is left out: whoever wrote it was killed.

    Raises:
        MalformedError: It is none; the message begins with the number of the line.
    """
    lines = text.split("\n")[:-1]
    if not lines or lines[0] != FIRST_LINE:
        raise MalformedError(f"1: a recording begins with {FIRST_LINE!r}")
    above = lines.index("", 1) if "" in lines[1:] else len(lines)
    head = _head(lines[1:above])
    entries: list[Entry] = []
    for number, line in enumerate(lines[above + 1 :], start=above + 2):
        content = line.partition("#")[0].split()
        if content:
            entry = _entry(number, content)
            if entries and entry.at_s < entries[-1].at_s:
                raise MalformedError(f"{number}: time goes back")
            entries.append(entry)
    return Recording(head, tuple(entries))


def connections(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield what happened in each connection, its times from its beginning, without the marks of both ends."""
    here: list[Entry] = []
    start_s = 0.0
    for entry in entries:
        if entry.kind is Kind.CONNECTED:
            start_s = entry.at_s
        elif entry.kind in (Kind.ASKED, Kind.SAID):
            here.append(Entry(entry.at_s - start_s, entry.kind, entry.data))
        elif here:
            yield here
            here = []
    if here:
        yield here


def _head(lines: list[str]) -> Head:
    values: dict[str, str] = {}
    for number, line in enumerate(lines, start=2):
        key, separator, value = line.partition(":")
        if line.startswith("#"):
            continue
        if not separator or key not in _KEYS or key in values:
            raise MalformedError(f"{number}: expected one of {', '.join(_KEYS)}, a colon and a value, each once")
        values[key] = value.strip()
    echo = values.pop("echo", "0-0")
    return Head(**values, echo=echoed(echo))


def echoed(text: str) -> Echoed:
    """Return what answers repeat. Raises MalformedError when it is neither a span of bytes nor `llrp`.

    >>> echoed("0-2"), echoed("llrp")
    ((0, 2), 'llrp')
    """
    if text == LLRP:
        return LLRP
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last) <= CHUNK_LIMIT):
        raise MalformedError(f"echo: {text!r} is neither FIRST-LAST, as 0-2, nor {LLRP}")
    return int(first), int(last)


def _entry(number: int, content: list[str]) -> Entry:
    try:
        entry = Entry(float(content[0]), Kind(content[1]), bytes.fromhex("".join(content[2:])))
    except (ValueError, IndexError):
        raise MalformedError(f"{number}: expected seconds, one of + - > < . and bytes in hexadecimal") from None
    if not 0 <= entry.at_s < float("inf"):
        raise MalformedError(f"{number}: seconds count from 0")
    if bool(entry.data) != (entry.kind in (Kind.ASKED, Kind.SAID)) or len(entry.data) > CHUNK_LIMIT:
        raise MalformedError(f"{number}: {entry.kind} with {len(entry.data)} bytes")
    return entry
