"""JSON objects out of a stream that may glue them together, split them anywhere, or put rubbish between them.

An object ends where its braces do: separators, white space, and the brackets of an array around them are not looked at.
The format is RFC 8259; strings may hold braces and escapes.
"""

import re
from typing import TypeVar

import msgspec

from edge.protocols.framing import FrameError

OBJECT_LIMIT = 64 * 1024
"""Bytes of an object that is kept. A tag event has 0.3 kB, with all its memory banks 5 kB."""

_OUTSIDE = re.compile(rb"\{")
_INSIDE = re.compile(rb'[{}"\n]')
_STRING = re.compile(rb'["\\\n]')
_SEPARATORS = frozenset(b" \t\r\n,[]")


Kind = TypeVar("Kind")


def decode(text: bytes, decoder: "msgspec.json.Decoder[Kind]") -> Kind:
    """Return what an object says.

    Raises:
        FrameError: `malformed`: it is no JSON, or not what `decoder` wants, or nested as deeply as nothing sensible is.
    """
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError("malformed", str(error)) from error


class ObjectStream:
    """Cuts objects out of whatever chunks arrive. At most `OBJECT_LIMIT` bytes are kept."""

    def __init__(self, *, lines: bool = False) -> None:
        """Begin at a boundary; with `lines` each object is on a line of its own (NDJSON), so its end ends an object."""
        self._lines = lines
        self._buffer = bytearray()
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._too_long = False
        self.skipped_bytes = 0

    @property
    def amid_object(self) -> bool:
        """Whether an object has begun and is not complete."""
        return self._depth > 0

    def feed(self, chunk: bytes) -> list[bytes | FrameError]:
        """Take what has arrived; return the objects that are complete, and the errors between them, in order.

        Errors are `message-too-long`, and `malformed` for an object that its line ended.
        """
        found: list[bytes | FrameError] = []
        at = 0
        while at < len(chunk):
            at = self._within(chunk, at, found) if self._depth else self._between(chunk, at)
        return found

    def end(self) -> list[bytes | FrameError]:
        """Tell that nothing follows: what has begun is an error. The stream may then begin anew."""
        return [self._drop("malformed", "an object has no end")] if self._depth else []

    def _between(self, chunk: bytes, at: int) -> int:
        """Look for the beginning of an object."""
        found = _OUTSIDE.search(chunk, at)
        end = found.start() if found else len(chunk)
        self.skipped_bytes += sum(byte not in _SEPARATORS for byte in chunk[at:end])
        if not found:
            return end
        self._depth = 1
        self._keep(chunk[end : end + 1])
        return end + 1

    def _within(self, chunk: bytes, at: int, found: list[bytes | FrameError]) -> int:
        """Go on to the next byte that means something here, and do what it says."""
        if self._escaped:
            self._escaped = False
            self._keep(chunk[at : at + 1])
            return at + 1
        special = (_STRING if self._in_string else _INSIDE).search(chunk, at)
        end = special.end() if special else len(chunk)
        self._keep(chunk[at:end])
        if special:
            self._mark(special.group(), found)
        return end

    def _mark(self, mark: bytes, found: list[bytes | FrameError]) -> None:
        if mark == b"\n":
            if self._lines:
                found.append(self._drop("malformed", "a line ends amid an object"))
        elif mark == b"\\":
            self._escaped = True
        elif mark == b'"':
            self._in_string = not self._in_string
        else:
            self._depth += 1 if mark == b"{" else -1
            if not self._depth:
                found.append(self._take())

    def _keep(self, part: bytes) -> None:
        if self._too_long:
            return
        self._too_long = len(self._buffer) + len(part) > OBJECT_LIMIT
        if self._too_long:
            self._buffer.clear()
        else:
            self._buffer += part

    def _take(self) -> bytes | FrameError:
        if self._too_long:
            return self._drop("message-too-long", f"an object of more than {OBJECT_LIMIT} bytes was passed over")
        taken = bytes(self._buffer)
        self._buffer.clear()
        return taken

    def _drop(self, reason: str, text: str) -> FrameError:
        self._buffer.clear()
        self._depth = 0
        self._in_string = self._escaped = self._too_long = False
        return FrameError(reason, text)
